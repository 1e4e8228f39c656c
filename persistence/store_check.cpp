#include "persistence/store_check.hpp"

#include "persistence/clock_reading.hpp"
#include "persistence/lmdb/page_walk.hpp"
#include "persistence/lmdb/schema.hpp"
#include "persistence/lmdb/tables.hpp"
#include "persistence/records/batch_record.hpp"
#include "persistence/records/delivery_run.hpp"
#include "persistence/records/parts.hpp"
#include "persistence/records/seal.hpp"
#include "persistence/records/session_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::persistence {

namespace {

constexpr std::size_t most_told = 100;

class checker {
public:
  store_check check(const std::string& file) {
    const auto walked = page_walk::through(file);
    constexpr std::size_t beginning = 2; // pages that no tree has
    outcome_.pages = walked.pages + (walked.file_pages > 0 ? beginning : 0);
    outcome_.free_pages = walked.file_pages - std::min(walked.file_pages, outcome_.pages);
    if (walked.damaged != 0)
      fault(fmt::format("{} places in the file are damaged; {}", walked.damaged, walked.fault));
    page_walk::through(file, [this](std::string_view table, std::string_view key,
                               std::string_view value) { take(table, key, value); });
    end_record();
    compare();
    if (walked.damaged == 0 && !outcome_.rows.contains("meta"))
      fault("it has no table `meta`, so it is no store of Callboard");
    return std::move(outcome_);
  }

private:
  void fault(std::string what) {
    if (outcome_.fault_count++ < most_told)
      outcome_.faults.push_back(std::move(what));
  }

  // -- records ------------------------------------------------------------------

  static bool in_pieces(std::string_view table) {
    return table == "journal" || table == "bodies" || table == "damaged";
  }

  void take(std::string_view table, std::string_view key, std::string_view value) {
    auto record_key = in_pieces(table) ? number_key(first_of(key)) : std::string{key};
    if (table == table_ && record_key == key_) {
      record_.append(value);
      return;
    }
    end_record();
    table_ = table;
    key_ = std::move(record_key);
    record_ = value;
  }

  void end_record() {
    if (table_.empty())
      return;
    ++outcome_.rows[table_];
    const auto content = unseal(key_, record_);
    if (!content || !understood(*content))
      fault(fmt::format("row {} of {} cannot be read", outcome_.rows[table_], table_));
  }

  bool understood(std::string_view content) {
    record_reader from{content};
    if (table_ == "journal")
      return read_batch(content, {}).has_value();
    if (table_ == "sessions")
      return session(from);
    if (table_ == "subscriptions")
      return subscription(from);
    if (table_ == "deliveries")
      return delivery(from);
    if (table_ == "bodies")
      return bodies_.insert(first_of(key_)), read_message(from, {}) && from.finished();
    if (table_ == "shared_bodies")
      return said_.emplace(first_of(key_), from.number()), from.finished();
    if (table_ == "retained") {
      if (stands_for_name(key_))
        from.bytes();
      return read_message(from, {}) && from.finished();
    }
    if (table_ == "shares")
      return share(from);
    if (table_ == "meta" && key_.starts_with("schema"))
      return schema(from);
    if (table_ == "dropped")
      dropped_.insert(first_of(key_));
    return true;
  }

  bool session(record_reader& from) {
    if (stands_for_name(key_))
      from.bytes();
    auto head = read_head(from.rest(), {});
    if (!head)
      return false;
    const auto rows = head->rows;
    expected_.emplace(rows, *std::move(head));
    return true;
  }

  bool subscription(record_reader& from) {
    read_subscription(from);
    ++found_[first_of(key_)].subscriptions;
    return from.finished();
  }

  bool delivery(record_reader& from) {
    const auto body = from.number();
    if (body == run_mark)
      return run(run_reader{from});
    read_terms(from);
    if (!from.finished()) // not there in version 1
      from.number();
    ++found_[first_of(key_)].deliveries;
    if (body == 0)
      return read_message(from, {}) && from.finished();
    ++referrers_[body];
    return from.finished();
  }

  /// Which of them the session still has, its head knows.
  bool run(run_reader from) {
    const auto count = from.left();
    found_[first_of(key_)].runs.emplace_back(second_of(key_), count);
    while (from.left() > 0) {
      const auto one = from.next();
      record_reader message{one ? one->message : std::string_view{}};
      if (!read_message(message, {}) || !message.finished())
        return false;
    }
    return from.finished();
  }

  bool share(record_reader& from) {
    std::string group{from.bytes()};
    if (!read_message(from, {}) || !from.finished())
      return false;
    const auto [known, added] = groups_.try_emplace(first_of(key_), group);
    if (known->second != group)
      fault(fmt::format("the share groups {} and {} have the same rows", known->second, group));
    return true;
  }

  bool schema(record_reader& from) {
    const auto version = from.number();
    if (version > schema_version)
      fault(fmt::format("it was written by a newer version of Callboard: its schema is {}, this "
                        "program knows {}",
        version, schema_version));
    return !from.failed();
  }

  // -- who refers to whom -------------------------------------------------------

  struct counts {
    std::uint64_t subscriptions = 0;
    std::uint64_t deliveries = 0; // but for those in runs

    /// The first position of each run, and how long it is.
    std::vector<std::pair<delivery_position, std::size_t>> runs;
  };

  void compare() {
    for (const auto& [rows, head] : expected_)
      compare(head, found_[rows]);
    for (const auto& [rows, found] : found_) {
      const bool owned = expected_.contains(rows) || dropped_.contains(rows);
      if (!owned)
        fault(fmt::format("the rows {} belong to no session", rows));
    }
    for (const auto& [body, count] : referrers_)
      compare(body, count);
    for (const auto body : bodies_) {
      if (!referrers_.contains(body))
        fault(fmt::format("nothing refers to the body {}", body));
    }
  }

  void compare(const session_head& head, const counts& found) {
    auto deliveries = head.waiting.count;
    for (const auto& one : head.in_flight)
      deliveries += one.position != 0 ? 1 : 0;
    const auto has = found.deliveries + count_in_runs(head, found);
    outcome_.rows["deliveries"] += has - found.deliveries - found.runs.size();
    if (has != deliveries || found.subscriptions != head.subscribed)
      fault(fmt::format("session {} should have {} deliveries and {} subscriptions, and has {} and "
                        "{}",
        head.session, deliveries, head.subscribed, has, found.subscriptions));
  }

  /// Those that wait, and those that are in flight. A run of which there are none should be
  /// gone.
  std::uint64_t count_in_runs(const session_head& head, const counts& found) {
    std::set<delivery_position> in_flight;
    for (const auto& one : head.in_flight)
      in_flight.insert(one.position);
    std::uint64_t count = 0;
    for (const auto& [first, length] : found.runs) {
      const auto end = first + length;
      const auto waiting = head.waiting.count == 0 ? 0 : end - std::clamp(head.first, first, end);
      const auto sent = std::distance(in_flight.lower_bound(first), in_flight.lower_bound(end));
      if (waiting == 0 && sent == 0)
        fault(fmt::format("session {} has a run at {} that it needs no more", head.session, first));
      count += waiting + static_cast<std::uint64_t>(sent);
    }
    return count;
  }

  void compare(std::uint64_t body, std::uint64_t referrers) {
    const auto said = said_.find(body);
    if (!bodies_.contains(body))
      fault(fmt::format("the body {} is missing", body));
    else if ((said == said_.end() ? 1 : said->second) != referrers)
      fault(
        fmt::format("{} deliveries refer to the body {}, which counts others", referrers, body));
  }

  store_check outcome_;

  // The record that is being read.
  std::string table_, key_, record_;

  // Sessions by the name of their rows, and what was found under such names.
  std::map<std::uint64_t, session_head> expected_;
  std::map<std::uint64_t, counts> found_;
  std::set<std::uint64_t> dropped_;

  // Share groups by their numbers.
  std::map<std::uint64_t, std::string> groups_;

  // Bodies, how many refer to each, and how many are said to.
  std::set<std::uint64_t> bodies_;
  std::map<std::uint64_t, std::uint64_t> referrers_;
  std::map<std::uint64_t, std::uint64_t> said_;
};

} // namespace

store_check check_store(const std::string& file) {
  return checker{}.check(file);
}

} // namespace callboard::persistence
