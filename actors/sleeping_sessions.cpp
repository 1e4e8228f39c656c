#include "actors/sleeping_sessions.hpp"

namespace callboard::actors {

void sleeping_sessions::add(
  std::string client_id, const sleeping_session& what, protocol::time_point due) {
  const auto [at, is_new] = by_client_.insert_or_assign(std::move(client_id), what);
  by_number_.insert_or_assign(what.number, &at->first);
  if (due != protocol::never)
    deadlines_.emplace(due, what.number);
}

const sleeping_session* sleeping_sessions::find(const std::string& client_id) const {
  const auto found = by_client_.find(client_id);
  return found == by_client_.end() ? nullptr : &found->second;
}

const std::string* sleeping_sessions::client_of(std::uint64_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

std::optional<sleeping_session> sleeping_sessions::remove(const std::string& client_id) {
  const auto found = by_client_.extract(client_id);
  if (found.empty())
    return std::nullopt;
  by_number_.erase(found.mapped().number);
  return found.mapped();
}

protocol::time_point sleeping_sessions::next_due() {
  while (!deadlines_.empty() && !by_number_.contains(deadlines_.top().second))
    deadlines_.pop();
  return deadlines_.empty() ? protocol::never : deadlines_.top().first;
}

std::vector<std::uint64_t> sleeping_sessions::take_due(protocol::time_point now) {
  std::vector<std::uint64_t> all;
  for (; next_due() <= now; deadlines_.pop()) // never comes after every time
    all.push_back(deadlines_.top().second);
  return all;
}

} // namespace callboard::actors
