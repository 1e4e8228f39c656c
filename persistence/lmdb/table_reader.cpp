#include "persistence/lmdb/table_reader.hpp"

#include "persistence/lmdb/pieces.hpp"
#include "persistence/records/delivery_run.hpp"
#include "persistence/records/parts.hpp"
#include "persistence/records/seal.hpp"

#include <algorithm>
#include <utility>

namespace callboard::persistence {

namespace {

/// In front of records whose keys may stand for a name: the name, if they do.
std::string read_name(record_reader& from, std::string_view key) {
  return std::string{stands_for_name(key) ? from.bytes() : key};
}

} // namespace

void table_reader::note(MDB_dbi table, std::string_view key) const {
  of_.damaged.push_back({table, std::string{key}});
}

std::optional<std::string_view> table_reader::open(MDB_dbi table, const table_row& row) const {
  const auto content = unseal(row.key, row.value);
  if (!content)
    note(table, row.key);
  return content;
}

std::optional<session_head> table_reader::head(std::string_view client_id) const {
  const auto key = name_key(client_id, of_.seed);
  const auto record = in_.get(of_.where.sessions, key);
  const auto content = record ? open(of_.where.sessions, {key, *record}) : std::nullopt;
  if (!content)
    return std::nullopt;
  record_reader from{*content};
  if (read_name(from, key) != client_id)
    return std::nullopt;
  auto head = read_head(from.rest(), of_.clock);
  if (!head)
    note(of_.where.sessions, key);
  return head;
}

void table_reader::each_session(std::string_view from,
  const std::function<bool(std::string_view key, session_row)>& visit) const {
  cursor at{in_, of_.where.sessions};
  for (auto row = at.seek(first_key_of(from)); row; row = at.next()) {
    const auto content = open(of_.where.sessions, *row);
    if (!content)
      continue;
    record_reader fields{*content};
    auto name = read_name(fields, row->key);
    auto head = read_head(fields.rest(), of_.clock);
    if (!head)
      note(of_.where.sessions, row->key);
    else if (!visit(row->key, {std::move(name), *std::move(head)}))
      return;
  }
}

void table_reader::each_retained(std::string_view from,
  const std::function<bool(std::string_view, std::string, protocol::message_ptr)>& visit) const {
  cursor at{in_, of_.where.retained};
  for (auto row = at.seek(first_key_of(from)); row; row = at.next()) {
    const auto content = open(of_.where.retained, *row);
    if (!content)
      continue;
    record_reader fields{*content};
    auto topic = read_name(fields, row->key);
    auto message = read_message(fields, of_.clock);
    if (!fields.finished())
      note(of_.where.retained, row->key);
    else if (!visit(row->key, std::move(topic), std::move(message)))
      return;
  }
}

void table_reader::each_share(const std::function<void(share_change)>& visit) const {
  cursor at{in_, of_.where.shares};
  for (auto row = at.first(); row; row = at.next()) {
    const auto content = open(of_.where.shares, *row);
    if (!content)
      continue;
    record_reader fields{*content};
    share_change one;
    one.group = fields.bytes();
    one.token = second_of(row->key);
    one.message = read_message(fields, of_.clock);
    if (fields.finished())
      visit(std::move(one));
    else
      note(of_.where.shares, row->key);
  }
}

std::vector<protocol::subscription> table_reader::subscriptions(std::uint64_t rows) const {
  std::vector<protocol::subscription> all;
  cursor at{in_, of_.where.subscriptions};
  for (auto row = at.seek(pair_key(rows, 0)); row && first_of(row->key) == rows; row = at.next()) {
    const auto content = open(of_.where.subscriptions, *row);
    if (!content)
      continue;
    record_reader from{*content};
    auto one = read_subscription(from);
    if (from.finished())
      all.push_back(std::move(one));
    else
      note(of_.where.subscriptions, row->key);
  }
  return all;
}

namespace {

/// Of the rest of a row that is no run, the delivery; none if it cannot be read.
std::optional<delivery_row> read_single(
  delivery_position at, std::uint64_t body, record_reader& from) {
  auto what = read_terms(from);
  const auto size = from.finished() ? 0 : from.number(); // not there in version 1
  const auto inlined = body == 0 ? from.rest() : std::string_view{};
  if (from.failed() || (inlined.empty() && !from.finished()))
    return std::nullopt;
  return delivery_row{at, body, inlined, std::move(what), size};
}

} // namespace

/// Tells of those in a row at positions of this range, and says whether to go on.
bool table_reader::each_in_row(const table_row& row, delivery_position from, delivery_position to,
  const std::function<bool(const delivery_row&)>& visit) const {
  auto at = second_of(row.key);
  const auto content = open(of_.where.deliveries, row);
  if (!content) // in front of the range it may be a run that reaches into it
    return visit({.position = std::max(at, from)});
  record_reader fields{*content};
  const auto body = fields.number();
  if (body != run_mark) {
    if (at < from)
      return true;
    auto one = read_single(at, body, fields);
    if (!one)
      note(of_.where.deliveries, row.key);
    return visit(one ? *std::move(one) : delivery_row{.position = at});
  }
  run_reader run{fields};
  for (; run.left() > 0 && at < to; ++at) {
    const auto one = run.next();
    if (!one)
      note(of_.where.deliveries, row.key);
    if (at < from)
      continue;
    if (!visit(one ? delivery_row{at, 0, one->message, one->what, one->size}
                   : delivery_row{.position = at}))
      return false;
  }
  return true;
}

std::optional<delivery_row> table_reader::delivery(std::uint64_t rows, delivery_position at) const {
  std::optional<delivery_row> found;
  each_delivery(rows, at, at + 1, [&](const delivery_row& row) {
    found = row;
    return false;
  });
  return found;
}

/// What lies in front may be a run that reaches into the range.
void table_reader::each_delivery(std::uint64_t rows, delivery_position from, delivery_position to,
  const std::function<bool(const delivery_row&)>& visit) const {
  cursor at{in_, of_.where.deliveries};
  auto row = at.seek_back(pair_key(rows, from));
  if (!row || first_of(row->key) != rows)
    row = at.seek(pair_key(rows, from));
  for (; row && first_of(row->key) == rows && second_of(row->key) < to; row = at.next()) {
    if (!each_in_row(*row, from, to, visit))
      return;
  }
}

protocol::message_ptr table_reader::inlined(std::string_view content) const {
  record_reader from{content};
  auto message = read_message(from, of_.clock);
  return from.finished() ? message : protocol::message_ptr{};
}

protocol::message_ptr table_reader::body(std::uint64_t number) const {
  std::string whole;
  const auto record = get_pieces(in_, of_.where.bodies, number, whole);
  const auto key = number_key(number);
  if (!record)
    note(of_.where.bodies, key);
  if (!record)
    return {};
  const auto content = open(of_.where.bodies, {key, *record});
  if (!content)
    return {};
  record_reader from{*content};
  auto message = read_message(from, of_.clock);
  if (!from.finished())
    note(of_.where.bodies, key);
  return from.finished() ? message : protocol::message_ptr{};
}

} // namespace callboard::persistence
