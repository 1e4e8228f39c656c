#include "persistence/lmdb/table_writer.hpp"

#include "persistence/lmdb/pieces.hpp"
#include "persistence/records/parts.hpp"
#include "persistence/records/seal.hpp"
#include "persistence/records/store_numbers.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace callboard::persistence {

std::string& table_writer::fresh() {
  record_.assign(seal_size, '\0');
  return record_;
}

void table_writer::put(MDB_dbi table, std::string_view key) {
  seal(key, record_);
  in_.put(table, key, record_);
}

// -- sessions -------------------------------------------------------------------

void table_writer::put_head(std::string_view client_id, const session_head& head) {
  const auto key = name_key(client_id, of_.seed);
  auto& record = fresh();
  if (stands_for_name(key))
    record_writer{record}.bytes(client_id);
  write_head(record, head, of_.clock);
  put(of_.where.sessions, key);
}

void table_writer::erase_head(std::string_view client_id) {
  in_.erase(of_.where.sessions, name_key(client_id, of_.seed));
}

bool table_writer::put_subscription(std::uint64_t rows, const protocol::subscription& what) {
  const auto key = pair_key(rows, what.number);
  const bool fresh_one = !in_.get(of_.where.subscriptions, key);
  record_writer to{fresh()};
  write_subscription(to, what);
  put(of_.where.subscriptions, key);
  return fresh_one;
}

bool table_writer::erase_subscription(std::uint64_t rows, protocol::subscription_number number) {
  return in_.erase(of_.where.subscriptions, pair_key(rows, number));
}

// -- deliveries and their bodies ------------------------------------------------

std::uint64_t table_writer::put_delivery(
  std::uint64_t rows, delivery_position at, const protocol::delivery& what, std::uint64_t number) {
  const auto body = refer_to(number, *what.message);
  put_delivery(rows, {.position = at, .body = body, .what = what, .size = what.message->size()});
  return body;
}

/// With a larger record LMDB would give it pages of its own.
bool table_writer::put_whole_delivery(
  std::uint64_t rows, delivery_position at, const protocol::delivery& what) {
  constexpr std::size_t largest_record = 1'900;
  if (what.message->size() > largest_record)
    return false;
  write_delivery({.position = at, .what = what, .size = what.message->size()});
  record_writer to{record_};
  write_message(to, *what.message, of_.clock);
  if (record_.size() > largest_record)
    return false;
  put(of_.where.deliveries, pair_key(rows, at));
  return true;
}

void table_writer::put_delivery(std::uint64_t rows, const delivery_row& row) {
  write_delivery(row);
  put(of_.where.deliveries, pair_key(rows, row.position));
}

void table_writer::write_delivery(const delivery_row& row) {
  record_writer to{fresh()};
  to.number(row.body);
  write_terms(to, row.what);
  to.number(row.size);
}

std::uint64_t table_writer::refer_to(std::uint64_t number, const protocol::message& message) {
  if (number != 0 && in_.get(of_.where.bodies, pair_key(number, 0))) {
    put_referrers(number, referrers(number) + 1);
    return number;
  }
  const auto fresh_number = ++of_.numbers.bodies;
  put_body(fresh_number, message);
  return fresh_number;
}

void table_writer::put_body(std::uint64_t number, const protocol::message& message) {
  auto& record = fresh();
  record_writer to{record};
  write_message(to, message, of_.clock);
  seal(number_key(number), record);
  put_pieces(in_, of_.where.bodies, number, record, MDB_APPEND); // the highest number
}

void table_writer::put_run(std::uint64_t rows, delivery_position at, run_writer& run) {
  const auto key = pair_key(rows, at);
  auto& record = run.record();
  seal(key, record);
  in_.put(of_.where.deliveries, key, record);
  run.clear();
}

namespace {

/// The last position of a row that begins at this one. Of one that cannot be read nobody
/// knows more than where it begins.
delivery_position last_in_row(const table_row& row) {
  const auto first = second_of(row.key);
  const auto content = unseal(row.key, row.value);
  record_reader from{content.value_or(std::string_view{})};
  if (from.number() != run_mark)
    return first;
  return first + run_reader{from}.left() - 1;
}

} // namespace

void table_writer::erase_deliveries(std::uint64_t rows, delivery_position from,
  delivery_position last,
  const std::function<bool(delivery_position, delivery_position)>& is_wanted) {
  cursor at{in_, of_.where.deliveries};
  auto row = at.seek_back(pair_key(rows, from));
  if (!row || first_of(row->key) != rows)
    row = at.seek(pair_key(rows, from));
  for (; row && first_of(row->key) == rows && second_of(row->key) <= last; row = at.next()) {
    const auto its_first = second_of(row->key);
    const auto its_last = last_in_row(*row);
    if (its_last < from || is_wanted(its_first, its_last))
      continue;
    release_body_of(*row);
    at.erase();
  }
}

void table_writer::release_body_of(const table_row& row) {
  const auto content = unseal(row.key, row.value);
  if (!content)
    return; // nobody knows which one it was
  record_reader from{*content};
  if (const auto number = from.number(); number != 0 && number != run_mark)
    release_body(number);
}

void table_writer::release_body(std::uint64_t number) {
  const auto left = referrers(number) - 1;
  if (left > 0)
    put_referrers(number, left);
  else
    erase_pieces(in_, of_.where.bodies, number);
}

std::uint64_t table_writer::referrers(std::uint64_t number) const {
  const auto key = number_key(number);
  const auto record = in_.get(of_.where.shared_bodies, key);
  const auto content = record ? unseal(key, *record) : std::nullopt;
  return content ? record_reader{*content}.number() : 1;
}

void table_writer::put_referrers(std::uint64_t number, std::uint64_t count) {
  if (count == 1) {
    in_.erase(of_.where.shared_bodies, number_key(number));
    return;
  }
  record_writer{fresh()}.number(count);
  put(of_.where.shared_bodies, number_key(number));
}

// -- retained messages ----------------------------------------------------------

void table_writer::put_retained(std::string_view topic, const protocol::message_ptr& message) {
  const auto key = name_key(topic, of_.seed);
  if (!message) {
    in_.erase(of_.where.retained, key);
    return;
  }
  record_writer to{fresh()};
  if (stands_for_name(key))
    to.bytes(topic);
  write_message(to, *message, of_.clock);
  put(of_.where.retained, key);
}

// -- what share groups have -------------------------------------------------------

void table_writer::put_share(const share_change& change) {
  const auto key = pair_key(name_number(change.group, of_.seed), change.token);
  if (!change.message) {
    in_.erase(of_.where.shares, key);
    return;
  }
  record_writer to{fresh()};
  to.bytes(change.group);
  write_message(to, *change.message, of_.clock);
  put(of_.where.shares, key);
}

// -- what nobody needs any more -------------------------------------------------

void table_writer::drop_rows(std::uint64_t rows) {
  fresh();
  put(of_.where.dropped, number_key(rows));
}

std::size_t table_writer::collect(std::size_t limit) {
  std::size_t done = 0;
  while (done < limit) {
    const auto row = cursor{in_, of_.where.dropped}.first();
    if (!row)
      break;
    const auto rows = first_of(row->key);
    if (!unseal(row->key, row->value)) { // it may be anybody's rows
      set_aside({of_.where.dropped, std::string{row->key}});
      continue;
    }
    done += collect_from(of_.where.deliveries, rows, limit - done);
    done += collect_from(of_.where.subscriptions, rows, limit - done);
    if (done < limit)
      in_.erase(of_.where.dropped, number_key(rows));
  }
  return done;
}

std::size_t table_writer::collect_from(MDB_dbi table, std::uint64_t rows, std::size_t limit) {
  std::size_t done = 0;
  cursor at{in_, table};
  for (auto row = at.seek(pair_key(rows, 0)); done < limit && row && first_of(row->key) == rows;
       row = at.next(), ++done) {
    if (table == of_.where.deliveries)
      release_body_of(*row);
    at.erase();
  }
  return done;
}

// -- the store's own ------------------------------------------------------------

void table_writer::put_numbers(const store_numbers& numbers) {
  write_numbers(fresh(), numbers);
  put(of_.where.meta, "numbers");
}

void table_writer::set_damaged_aside() {
  std::ranges::sort(of_.damaged);
  of_.damaged.erase(std::unique(of_.damaged.begin(), of_.damaged.end()), of_.damaged.end());
  for (const auto& one : of_.damaged)
    set_aside(one);
  of_.numbers.damaged += of_.missing;
}

void table_writer::set_aside(const damaged_record& one) {
  std::string whole;
  const bool in_pieces = one.table == of_.where.bodies || one.table == of_.where.journal;
  const auto found =
    in_pieces ? get_pieces(in_, one.table, first_of(one.key), whole) : in_.get(one.table, one.key);
  ++of_.numbers.damaged;
  if (!found)
    return;
  record_writer to{fresh()};
  to.bytes(of_.where.name_of(one.table));
  to.bytes(one.key);
  to.bytes(*found);
  seal(number_key(of_.numbers.damaged), record_);
  put_pieces(in_, of_.where.damaged, of_.numbers.damaged, record_);
  if (in_pieces)
    erase_pieces(in_, one.table, first_of(one.key));
  else
    in_.erase(one.table, one.key);
}

} // namespace callboard::persistence
