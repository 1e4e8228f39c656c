#include "persistence/overlay/store_overlay.hpp"

#include <algorithm>
#include <utility>

namespace callboard::persistence {

namespace {

/// Rows from which on a session is folded at once. It is a queue that grows, and
/// later it would hold everything up for longer, and more memory until then.
constexpr std::size_t many_rows = 1'000;

template <class Map>
std::vector<std::string_view> names_from(const Map& map, std::string_view first) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : map)
    if (name >= first)
      names.push_back(name);
  std::ranges::sort(names);
  return names;
}

} // namespace

// -- change ---------------------------------------------------------------------

void store_overlay::apply(const batch& changes, const left_out& without,
  const message_census& census, std::uint64_t sequence, const table_reader& tables) {
  for (std::size_t at = 0; at < changes.sessions.size(); ++at)
    if (without.empty() || !without[at])
      apply(changes.sessions[at], census, sequence, tables);
  for (const auto& one : changes.retained)
    apply(one, sequence);
  for (const auto& one : changes.shares)
    apply(one, sequence);
}

void store_overlay::apply(const session_changes& changes, const message_census& census,
  std::uint64_t sequence, const table_reader& tables) {
  auto* session = find(changes.client_id);
  if (session == nullptr) {
    auto head = tables.head(changes.client_id);
    if (head && sequence <= head->folded)
      return;
    session = &add(changes.client_id, sequence, std::move(head));
  }
  session->apply(changes, census, tables);
  if (session->weight() >= many_rows)
    heavy_.insert(ticket_of(changes.client_id));
}

void store_overlay::apply(const retained_change& change, std::uint64_t sequence) {
  const auto [at, added] = retained_.try_emplace(change.topic);
  at->second.message = change.message;
  if (added)
    at->second.in = queue_up(sequence, subject::topic, at->first);
}

void store_overlay::apply(const share_change& change, std::uint64_t sequence) {
  const auto [at, added] = shares_.try_emplace(change.group + '\0' + std::to_string(change.token));
  at->second.what = change;
  if (added)
    at->second.in = queue_up(sequence, subject::share, at->first);
}

session_overlay& store_overlay::add(
  std::string_view client_id, std::uint64_t sequence, std::optional<session_head> head) {
  const auto at = sessions_
                    .emplace(std::string{client_id},
                      changed_session{session_overlay{bodies_, std::move(head)}, 0})
                    .first;
  at->second.in = queue_up(sequence, subject::session, at->first);
  return at->second.state;
}

store_overlay::ticket store_overlay::queue_up(
  std::uint64_t sequence, subject what, std::string_view name) {
  waiting_.emplace_hint(waiting_.end(), ++last_ticket_, waiting{sequence, what, name});
  return last_ticket_;
}

void store_overlay::clear() {
  waiting_.clear();
  heavy_.clear();
  sessions_.clear();
  retained_.clear();
  shares_.clear();
}

// -- questions ------------------------------------------------------------------

session_overlay* store_overlay::find(std::string_view client_id) {
  const auto at = sessions_.find(client_id);
  return at == sessions_.end() ? nullptr : &at->second.state;
}

std::optional<protocol::message_ptr> store_overlay::find_retained(std::string_view topic) const {
  const auto at = retained_.find(topic);
  return at == retained_.end() ? std::nullopt : std::optional{at->second.message};
}

std::vector<std::string_view> store_overlay::sessions_from(std::string_view first) const {
  return names_from(sessions_, first);
}

std::vector<std::string_view> store_overlay::retained_from(std::string_view first) const {
  return names_from(retained_, first);
}

void store_overlay::each_share(const std::function<void(const share_change&)>& visit) const {
  for (const auto& [name, one] : shares_)
    visit(one.what);
}

std::optional<std::uint64_t> store_overlay::oldest() const {
  return waiting_.empty() ? std::nullopt : std::optional{waiting_.begin()->second.since};
}

// -- folding --------------------------------------------------------------------

std::size_t store_overlay::weight_of(const waiting& one) const {
  return one.what == subject::session ? sessions_.find(one.name)->second.state.weight() : 1;
}

std::vector<store_overlay::ticket> store_overlay::choose(std::size_t rows, bool all) const {
  std::vector<ticket> chosen;
  std::size_t taken = 0;
  const auto take = [&](ticket which, const waiting& one) {
    taken += weight_of(one);
    chosen.push_back(which);
  };
  for (auto at = heavy_.begin(); at != heavy_.end() && taken < rows; ++at)
    take(*at, waiting_.at(*at));
  if (!all)
    return chosen;
  for (auto at = waiting_.begin(); at != waiting_.end() && taken < rows; ++at)
    if (!heavy_.contains(at->first))
      take(at->first, at->second);
  return chosen;
}

void store_overlay::fold(
  const std::vector<ticket>& chosen, std::uint64_t sequence, table_writer& to) {
  for (const auto which : chosen) {
    const auto& one = waiting_.at(which);
    if (one.what == subject::session)
      sessions_.find(one.name)->second.state.fold(one.name, sequence, to);
    else if (one.what == subject::topic)
      to.put_retained(one.name, retained_.find(one.name)->second.message);
    else
      to.put_share(shares_.find(one.name)->second.what);
  }
}

void store_overlay::forget(const std::vector<ticket>& chosen) {
  for (const auto which : chosen) {
    const auto one = waiting_.extract(which).mapped();
    heavy_.erase(which);
    if (one.what == subject::session)
      sessions_.erase(sessions_.find(one.name));
    else if (one.what == subject::topic)
      retained_.erase(retained_.find(one.name));
    else
      shares_.erase(shares_.find(one.name));
  }
}

} // namespace callboard::persistence
