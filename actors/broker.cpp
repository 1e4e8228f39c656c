#include "actors/broker.hpp"

#include "actors/retained_store.hpp"
#include "actors/subtree.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

/// Splitting helps as long as there are units to share the work.
constexpr std::size_t most_branches_per_unit = 16;

} // namespace

behavior broker::make_behavior() {
  return reads<hot, cold, split_done, merge_done, followed>(*this);
}

void broker::on(const hot& mail) {
  if (changing_ || branches_.contains(mail.prefix) ||
      branches_.size() >= most_branches_per_unit * place_.company.houses.size())
    return;
  if (place_.routes.now().subtree_of(mail.prefix) != mail.who)
    return; // it was merged since
  changing_ = true;
  auto& home = quietest_house();
  const auto store = actors::spawn<retained_store>(home.home, home);
  const auto child = actors::spawn<subtree>(home.home, home, mail.prefix, store);
  tell(store, expect_retained{});
  branches_[mail.prefix] = {mail.who, child, home.number};
  tell(mail.who, split{mail.prefix, child, store});
}

void broker::on(const cold& mail) {
  const auto found =
    std::ranges::find_if(branches_, [&](const auto& any) { return any.second.child == mail.who; });
  if (changing_ || found == branches_.end())
    return;
  changing_ = true;
  tell(found->second.parent, absorb{found->first, found->second.child});
}

void broker::on(const split_done& mail) {
  place_.note({.what = event::kind::subtree_split, .name = mail.prefix});
  lead(place_.routes.now().with(mail.prefix, mail.child), mail.parent, mail.child);
}

void broker::on(const merge_done& mail) {
  place_.note({.what = event::kind::subtree_merged, .name = mail.prefix});
  branches_.erase(mail.prefix);
  lead(place_.routes.now().without(mail.prefix), mail.child, mail.parent);
}

void broker::on(const followed&) {
  if (followers_ > 0 && --followers_ == 0)
    changing_ = false;
}

void broker::leave() {
  for (const auto& [prefix, any] : branches_)
    dismiss(any.child);
  branches_.clear();
}

house& broker::quietest_house() {
  std::vector<std::size_t> load(place_.company.houses.size());
  for (const auto& [prefix, any] : branches_)
    ++load[any.unit];
  // Unit 0 has the actors that there is one of.
  const auto least = std::min_element(load.rbegin(), load.rend());
  return *place_.company.houses[load.size() - 1 - static_cast<std::size_t>(least - load.rbegin())];
}

void broker::lead(directory next, const subtree_role& from, const subtree_role& to) {
  const auto shared = std::make_shared<const directory>(std::move(next));
  followers_ = place_.company.expresses.size();
  for (const auto& unit : place_.company.expresses)
    tell(unit, follow{shared, from, to});
}

} // namespace callboard::actors
