#include "persistence/overlay/growing_queues.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <variant>

namespace callboard::persistence {

namespace {

/// Messages in one batch from which on it is worth a head and the beginning of a run.
constexpr std::size_t enough = 16;

bool only_grows(const session_changes& changes) {
  return std::ranges::all_of(changes.operations,
    [](const auto& one) { return std::holds_alternative<protocol::delivery_enqueued>(one); });
}

struct candidate {
  growing_queue found;
  std::size_t messages = 0;
  bool only_grows = true;
};

} // namespace

std::vector<growing_queue> find_growing_queues(const batch& in) {
  std::unordered_map<std::string_view, candidate> all;
  std::size_t operations = 0;
  for (const auto& one : in.sessions)
    operations += one.operations.size();
  if (operations < enough)
    return {};
  for (std::size_t at = 0; at < in.sessions.size(); ++at) {
    const auto& changes = in.sessions[at];
    auto& one = all[changes.client_id];
    if (one.found.changes.empty())
      one.found = {changes.client_id, changes.session, {}};
    one.found.changes.push_back(at);
    one.messages += changes.operations.size();
    one.only_grows = one.only_grows && changes.session == one.found.session && only_grows(changes);
  }
  std::vector<growing_queue> growing;
  for (auto& [client_id, one] : all)
    if (one.only_grows && one.messages >= enough)
      growing.push_back(std::move(one.found));
  std::ranges::sort(growing, {}, &growing_queue::client_id);
  return growing;
}

left_out without(const std::vector<growing_queue>& those, const batch& of) {
  left_out marks;
  if (!those.empty())
    marks.resize(of.sessions.size());
  for (const auto& one : those)
    for (const auto at : one.changes)
      marks[at] = true;
  return marks;
}

} // namespace callboard::persistence
