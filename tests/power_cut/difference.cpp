#include "tests/power_cut/difference.hpp"

#include "protocol/session/session_state.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

namespace callboard::persistence {

namespace {

/// All but the sessions' own content, as text.
using lines = std::vector<std::string>;

std::string line_of(const protocol::message_ptr& one) {
  const auto& head = one->head();
  return fmt::format("{} {} {} {} {} {}", one->topic(), one->properties(), one->payload(),
    head.expires_at.time_since_epoch().count(), static_cast<int>(head.qos), head.retain);
}

void note(const store_result& failed, lines& into) {
  if (failed)
    into.push_back(failed->text);
}

std::vector<std::string> client_ids(store& of, lines& into) {
  std::vector<std::string> ids;
  note(of.list_sessions({},
         [&](const session_outline& one) {
           ids.emplace_back(one.client_id);
           into.push_back(fmt::format("session {} {} {} {} {} {}", one.client_id, one.session,
             one.attached, one.ends_at.time_since_epoch().count(),
             one.will_at.time_since_epoch().count(), one.subscriptions.size()));
           return true;
         }),
    into);
  return ids;
}

lines others(store& of) {
  lines all;
  note(of.load_retained({},
         [&](const protocol::message_ptr& one) {
           all.push_back("retained " + line_of(one));
           return true;
         }),
    all);
  note(of.load_shares([&](const share_change& one) {
    all.push_back(fmt::format("share {} {} {}", one.group, one.token, line_of(one.message)));
  }),
    all);
  all.push_back(fmt::format("highest session {}", of.highest_session()));
  return all;
}

std::string first_difference(const lines& found, const lines& wanted) {
  for (std::size_t at = 0; at < found.size() || at < wanted.size(); ++at) {
    const auto left = at < found.size() ? found[at] : "nothing";
    const auto right = at < wanted.size() ? wanted[at] : "nothing";
    if (left != right)
      return fmt::format("found {:.200}, wanted {:.200}", left, right);
  }
  return {};
}

std::string in_session(store& found, store& wanted, const std::string& id) {
  const auto left = found.load_session(id, {});
  const auto right = wanted.load_session(id, {});
  if (!left)
    return left.error().text;
  if (!*left || !*right)
    return fmt::format("session {:.200} is missing", id);
  protocol::session_state left_state;
  protocol::session_state right_state;
  left_state.apply(**left);
  right_state.apply(**right);
  return left_state == right_state ? "" : fmt::format("session {:.200} is another", id);
}

} // namespace

std::string difference(store& found, store& wanted) {
  lines left;
  lines right;
  const auto ids = client_ids(found, left);
  client_ids(wanted, right);
  if (auto found_one = first_difference(left, right); !found_one.empty())
    return found_one;
  for (const auto& id : ids)
    if (auto found_one = in_session(found, wanted, id); !found_one.empty())
      return found_one;
  return first_difference(others(found), others(wanted));
}

} // namespace callboard::persistence
