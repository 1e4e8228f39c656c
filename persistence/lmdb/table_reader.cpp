#include "persistence/lmdb/table_reader.hpp"

#include "persistence/lmdb/pieces.hpp"
#include "persistence/records/parts.hpp"
#include "persistence/records/seal.hpp"

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

delivery_row table_reader::read_delivery(const table_row& row) const {
  delivery_row read{.position = second_of(row.key)};
  const auto content = open(of_.where.deliveries, row);
  if (!content)
    return read;
  record_reader from{*content};
  const auto body = from.number();
  auto what = read_terms(from);
  const auto size = from.finished() ? 0 : from.number(); // not there in version 1
  const auto inlined = body == 0 ? from.rest() : std::string_view{};
  if (from.failed() || (inlined.empty() && !from.finished())) {
    note(of_.where.deliveries, row.key);
    return read;
  }
  read.body = body;
  read.what = std::move(what);
  read.size = size;
  read.inlined = inlined;
  return read;
}

std::optional<delivery_row> table_reader::delivery(std::uint64_t rows, delivery_position at) const {
  const auto key = pair_key(rows, at);
  const auto record = in_.get(of_.where.deliveries, key);
  return record ? std::optional{read_delivery({key, *record})} : std::nullopt;
}

void table_reader::each_delivery(std::uint64_t rows, delivery_position from, delivery_position to,
  const std::function<bool(const delivery_row&)>& visit) const {
  cursor at{in_, of_.where.deliveries};
  for (auto row = at.seek(pair_key(rows, from));
       row && first_of(row->key) == rows && second_of(row->key) < to; row = at.next()) {
    if (!visit(read_delivery(*row)))
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
