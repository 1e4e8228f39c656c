#include "actors/acceptor.hpp"

#include "actors/connection.hpp"

#include <utility>

namespace callboard::actors {

acceptor::acceptor(caf::actor_config& config, unit& home, house& place,
  std::shared_ptr<network::tcp_listener> listener)
    : actor{config, home}, place_{place}, listener_{std::move(listener)} {}

behavior acceptor::make_behavior() {
  return reads<open_curtain, stop_listening>(*this);
}

void acceptor::on(const open_curtain&) {
  listener_->accept([this]() -> boost::asio::io_context& { return next_house().home.io(); },
    [this](std::shared_ptr<network::stream> stream) { welcome(std::move(stream)); },
    [this] { place_.counts.accepting_rested.add(); });
}

void acceptor::on(const stop_listening&) {
  quit();
}

void acceptor::leave() {
  listener_->close();
}

house& acceptor::next_house() const {
  const auto& houses = place_.company.houses;
  return *houses[turn_ % houses.size()];
}

void acceptor::welcome(std::shared_ptr<network::stream> stream) {
  auto& home = next_house();
  const auto limit = place_.rules.maximum_connections;
  if (limit != 0 && place_.company.connections_open.load() >= limit) {
    place_.counts.connections_refused.add();
    place_.counts.connections_above_limit.add();
    stream->close();
    return;
  }
  ++place_.company.connections_open;
  ++turn_;
  actors::spawn<connection>(home.home, home, std::move(stream));
}

} // namespace callboard::actors
