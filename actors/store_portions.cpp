#include "actors/store_portions.hpp"

#include "actors/system_topics.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

namespace {

/// Share groups have to know with what their members have begun before they hand out
/// anything, the REPORTER who listens to it, and wills are due when connections are gone.
bool must_not_sleep(const persistence::session_outline& one) {
  return (one.attached && one.has_will) ||
         std::ranges::any_of(one.subscriptions, [](const protocol::subscription& mine) {
           return mine.shared() || is_system_topic(mine.topic_filter());
         });
}

/// When it has something to do. A connection that there was is gone now.
time_point due_time(const persistence::session_outline& one, time_point since) {
  if (one.attached)
    return protocol::after(since, one.expiry);
  return std::min(one.ends_at, one.will_at);
}

} // namespace

protocol::expected<sessions_found, persistence::store_error> read_sessions(persistence::store& from,
  std::string_view behind, const recovery_pace& pace, const protocol::queue_portion& kept,
  time_point since, std::vector<std::string>& unread) {
  sessions_found found;
  found.all = true;
  std::vector<std::size_t> awake;
  auto failed = from.list_sessions(behind, [&](const persistence::session_outline& one) {
    if (must_not_sleep(one))
      awake.push_back(found.sessions.size());
    found.sessions.push_back({std::string{one.client_id}, one.session, one.attached, one.expiry,
      due_time(one, since), {one.waiting.count, one.waiting.bytes}, one.subscriptions, {}});
    found.all = found.sessions.size() < pace.sessions && awake.size() < pace.sessions_awake;
    return found.all;
  });
  if (failed)
    return *std::move(failed);
  for (const auto place : awake) {
    auto& one = found.sessions[place];
    auto state = from.load_session(one.client_id, kept);
    if (!state)
      unread.push_back(one.client_id);
    else if (*state)
      one.state = **std::move(state);
  }
  return found;
}

protocol::expected<session_loaded, persistence::store_error> read_session(
  persistence::store& from, const std::string& client_id, const protocol::queue_portion& kept) {
  const auto number = from.find_session(client_id);
  if (!number)
    return number.error();
  session_loaded found{client_id, *number, {}, false};
  if (*number == 0)
    return found;
  auto state = from.load_session(client_id, kept);
  if (!state)
    return state.error();
  if (*state)
    found.state = **std::move(state);
  else
    found.number = 0; // found to be damaged by now
  return found;
}

} // namespace callboard::actors
