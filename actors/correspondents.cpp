#include "actors/correspondents.hpp"

namespace callboard::actors {

correspondent& correspondents::of(const subscribed_session& who) {
  auto& found = all_[who.key()];
  if (!found)
    found =
      std::make_unique<correspondent>(correspondent{who.session, who.key(), {}, 0, who.lasting});
  return *found;
}

correspondent* correspondents::find(std::uint64_t session) {
  const auto found = all_.find(session);
  return found == all_.end() ? nullptr : found->second.get();
}

void correspondents::let_go(correspondent& one) {
  std::erase(owed_, &one);
  if (one.held.empty())
    all_.erase(one.number);
}

void correspondents::forget(std::uint64_t session) {
  if (auto* one = find(session)) {
    std::erase(owed_, one);
    all_.erase(session);
  }
}

void correspondents::clear() {
  owed_.clear();
  all_.clear();
}

// -- sleepers --------------------------------------------------------------------------

std::vector<deliver> correspondents::wake(const subscribed_session& who) {
  auto* one = find(who.key());
  if (one == nullptr || one->session)
    return {};
  one->session = who.session;
  return std::exchange(one->held, {});
}

session_role correspondents::hold(const held_mail& what) {
  const auto& [session, mails] = what;
  auto& one = all_[session];
  if (!one)
    one = std::make_unique<correspondent>(correspondent{{}, session, {}, 0, true});
  if (!one->session)
    one->held.insert(one->held.end(), mails.begin(), mails.end());
  return one->session;
}

std::vector<correspondents::held_mail> correspondents::take_held() {
  std::vector<held_mail> held;
  for (const auto& [session, one] : all_)
    if (!one->held.empty())
      held.emplace_back(session, std::move(one->held));
  return held;
}

} // namespace callboard::actors
