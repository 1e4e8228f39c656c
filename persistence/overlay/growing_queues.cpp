#include "persistence/overlay/growing_queues.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>
#include <variant>

namespace callboard::persistence {

namespace {

/// Messages in one batch from which on it is worth a head and the beginning of a run.
constexpr std::size_t enough = 16;

bool only_grows(const session_changes& changes) {
  return std::ranges::all_of(changes.operations,
    [](const auto& one) { return std::holds_alternative<protocol::delivery_enqueued>(one); });
}

/// Places of a batch's changes, those of each client side by side, in their order.
std::vector<std::size_t> by_client(const batch& in) {
  std::vector<std::size_t> places(in.sessions.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const auto client = [&](std::size_t at) { return std::string_view{in.sessions[at].client_id}; };
  std::ranges::stable_sort(places, {}, client);
  return places;
}

/// Whether the changes at these places, all of one client, are of one session and do enough
/// for its queue and nothing else.
bool is_growth(const batch& in, std::span<const std::size_t> places) {
  std::size_t messages = 0;
  for (const auto at : places) {
    const auto& changes = in.sessions[at];
    if (changes.session != in.sessions[places.front()].session || !only_grows(changes))
      return false;
    messages += changes.operations.size();
  }
  return messages >= enough;
}

} // namespace

std::vector<growing_queue> find_growing_queues(const batch& in) {
  std::size_t growth = 0;
  for (const auto& changes : in.sessions)
    growth += only_grows(changes) ? changes.operations.size() : 0;
  if (growth < enough)
    return {};
  const auto places = by_client(in);
  std::vector<growing_queue> growing;
  for (auto from = places.begin(); from != places.end();) {
    const auto& first = in.sessions[*from];
    const auto to = std::find_if(from, places.end(),
      [&](std::size_t at) { return in.sessions[at].client_id != first.client_id; });
    if (is_growth(in, {from, to}))
      growing.push_back({first.client_id, first.session, {from, to}});
    from = to;
  }
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
