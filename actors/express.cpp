#include "actors/express.hpp"

#include <memory>

namespace callboard::actors {

behavior express::make_behavior() {
  return reads<carry, follow, fence_passed, fence, curtain>(*this);
}

void express::on(const carry& mail) {
  for (const auto& load : mail.loads)
    load.to.for_each([&](sink_id sink) {
      if (auto* output = place_.sinks.find(sink))
        output->send_express(load.run);
    });
}

void express::on(const follow& mail) {
  const auto number = place_.routes.follow(mail.directory, mail.to);
  auto passed = std::make_shared<const completion>(
    [me = place_.company.expresses[place_.number], number] { tell(me, fence_passed{number}); });
  tell(mail.from, fence{std::move(passed)});
}

void express::on(const fence_passed& mail) {
  place_.routes.release(mail.number);
  tell(place_.company.broker, followed{place_.number});
}

void express::on(const fence&) {} // goes with the mail

void express::on(const curtain& mail) {
  place_.closing = true;
  place_.sinks.for_each_owner([&](const connection_role& each) { tell(each, mail); });
}

/// By now the CONNECTIONs have had their time.
void express::leave() {
  place_.sinks.for_each_owner([](const connection_role& each) { dismiss(each); });
}

} // namespace callboard::actors
