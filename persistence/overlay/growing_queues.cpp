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

/// What a batch does to one client's session, or sessions.
struct candidate {
  growing_queue found;
  std::size_t messages = 0;
  bool only_grows = true;

  void take(const session_changes& changes, std::size_t at) {
    if (found.changes.empty())
      found = {changes.client_id, changes.session, {}};
    found.changes.push_back(at);
    messages += changes.operations.size();
    only_grows = only_grows && changes.session == found.session && persistence::only_grows(changes);
  }
};

} // namespace

std::vector<growing_queue> find_growing_queues(const batch& in) {
  std::size_t growth = 0;
  for (const auto& changes : in.sessions)
    growth += only_grows(changes) ? changes.operations.size() : 0;
  if (growth < enough)
    return {};
  std::unordered_map<std::string_view, candidate> all;
  for (std::size_t at = 0; at < in.sessions.size(); ++at)
    all[in.sessions[at].client_id].take(in.sessions[at], at);
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

template <class Visit>
void queue_growth::each_delivery(const growing_queue& of, Visit visit) const {
  for (const auto place : of.changes)
    for (const auto& change : changes_.sessions[place].operations)
      visit(std::get<protocol::delivery_enqueued>(change).what);
}

void queue_growth::put(
  delivery_folding& rows, delivery_position at, const protocol::delivery& what) {
  if (census_.is_alone(what.message.get()))
    return rows.put_alone(at, what);
  auto& number = bodies_[what.message.get()];
  number = rows.put_shared(at, what, number);
}

/// The head's copy is changed, as the transaction may fail and all of it be done again.
void queue_growth::write(const growing_queue& one, std::uint64_t sequence) {
  auto head = *one.head;
  if (head.rows == 0)
    head.rows = to_.new_rows();
  if (head.waiting.count == 0)
    head.first = head.next;
  std::size_t expected = 0;
  each_delivery(one, [&](const protocol::delivery& what) {
    head.waiting += protocol::tally_of(what);
    expected += about_in_run(what);
  });
  delivery_folding rows{head.rows, expected, to_};
  each_delivery(one, [&](const protocol::delivery& what) { put(rows, head.next++, what); });
  rows.end();
  head.folded = sequence;
  to_.put_head(one.client_id, head);
}

} // namespace callboard::persistence
