#include "persistence/lmdb/schema.hpp"

#include "persistence/lmdb/table_reader.hpp"
#include "persistence/lmdb/table_writer.hpp"
#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"
#include "persistence/records/seal.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::persistence {

namespace {

/// Twice, as without it nothing can be read.
constexpr std::array<std::string_view, 2> schema_keys{"schema", "schema again"};
constexpr std::string_view numbers_key = "numbers";

/// The row of meta that tells what the rest is.
struct schema_row {
  std::uint64_t version = schema_version;
  std::uint64_t seed = 0;
};

std::optional<std::string_view> sealed(const transaction& in, MDB_dbi table, std::string_view key) {
  const auto record = in.get(table, key);
  return record ? unseal(key, *record) : std::nullopt;
}

std::optional<schema_row> read_schema(const transaction& in, MDB_dbi meta, std::string_view key) {
  const auto content = sealed(in, meta, key);
  if (!content)
    return std::nullopt;
  record_reader from{*content};
  schema_row row;
  row.version = from.number();
  row.seed = from.wide();
  return from.failed() ? std::nullopt : std::optional{row}; // a newer one may have more
}

void write_schema(transaction& in, const archive& of) {
  for (const auto key : schema_keys) {
    std::string record(seal_size, '\0');
    record_writer to{record};
    to.number(schema_version);
    to.wide(of.seed);
    seal(key, record);
    in.put(of.where.meta, key, record);
  }
}

/// What the rows say; version 0 if there are none.
schema_row find_schema(transaction& in, const archive& of) {
  const auto first = read_schema(in, of.where.meta, schema_keys.front());
  const auto second = read_schema(in, of.where.meta, schema_keys.back());
  return first ? *first : second.value_or(schema_row{0, 0});
}

// -- upgrades -------------------------------------------------------------------

/// In version 0 nothing said which version it was, and the seed stood behind the
/// numbers.
bool from_0(transaction& in, archive& of) {
  const auto content = sealed(in, of.where.meta, numbers_key);
  if (!content || content->size() < 8)
    return false;
  const auto numbers = read_numbers(content->substr(0, content->size() - 8));
  if (!numbers)
    return false;
  of.seed = record_reader{content->substr(content->size() - 8)}.wide();
  of.numbers = *numbers;
  table_writer{in, of}.put_numbers();
  return true;
}

/// In version 1 a delivery did not say how large its message is, nor a session's head how
/// much waits.
bool from_1(transaction& in, archive& of) {
  const table_reader tables{in, of};
  table_writer to{in, of};
  std::vector<session_row> all;
  tables.each_session({}, [&](std::string_view, session_row row) {
    all.push_back(std::move(row));
    return true;
  });
  for (auto& [client_id, head] : all) {
    std::vector<delivery_row> deliveries;
    tables.each_delivery(head.rows, 0, UINT64_MAX, [&](const delivery_row& row) {
      deliveries.push_back(row);
      return true;
    });
    protocol::delivery_tally waiting;
    for (auto& row : deliveries) {
      const auto message = row.body == 0 ? protocol::message_ptr{} : tables.body(row.body);
      if (!message)
        continue; // whoever meets it says so
      row.size = message->size();
      to.put_delivery(head.rows, row);
      if (row.position >= head.first && row.position < never_queued)
        waiting += row.tally();
    }
    head.waiting.bytes = waiting.bytes;
    head.waiting.qos_0 = waiting.qos_0;
    to.put_head(client_id, head);
  }
  return true;
}

/// In version 2 each delivery had a row of its own; such rows may still be there.
bool from_2(transaction& /*in*/, archive& /*of*/) {
  return true;
}

/// At place n: from version n to n + 1. False: it is not what it seems to be.
constexpr std::array upgrades{from_0, from_1, from_2};
static_assert(upgrades.size() == schema_version);

bool upgrade(transaction& in, archive& of, std::uint64_t from) {
  for (; from < schema_version; ++from)
    if (!upgrades[from](in, of))
      return false;
  return true;
}

// -- numbers --------------------------------------------------------------------

std::uint64_t last_in(const transaction& in, MDB_dbi table) {
  const auto row = cursor{in, table}.last();
  return row ? first_of(row->key) : 0;
}

/// Finds out what was given away from what is there.
store_numbers count_again(const transaction& in, archive& of) {
  const auto& where = of.where;
  store_numbers numbers;
  numbers.bodies = last_in(in, where.bodies);
  numbers.damaged = last_in(in, where.damaged);
  numbers.sequence = last_in(in, where.journal);
  numbers.rows = std::max(
    {last_in(in, where.deliveries), last_in(in, where.subscriptions), last_in(in, where.dropped)});
  table_reader{in, of}.each_session({}, [&](std::string_view, const session_row& row) {
    numbers.rows = std::max(numbers.rows, row.head.rows);
    numbers.sequence = std::max(numbers.sequence, row.head.folded);
    numbers.highest_session = std::max(numbers.highest_session, row.head.session);
    return true;
  });
  return numbers;
}

void read_all_numbers(transaction& in, archive& of) {
  const auto content = sealed(in, of.where.meta, numbers_key);
  const auto numbers = content ? read_numbers(*content) : std::nullopt;
  of.numbers = numbers ? *numbers : count_again(in, of);
  // New bodies are appended, even behind one whose key is damaged.
  of.numbers.bodies = std::max(of.numbers.bodies, last_in(in, of.where.bodies));
  if (numbers)
    return;
  if (in.get(of.where.meta, numbers_key))
    of.damaged.push_back({of.where.meta, std::string{numbers_key}});
  table_writer to{in, of};
  to.set_damaged_aside();
  to.put_numbers();
}

void begin_new(transaction& in, archive& of) {
  std::random_device chance;
  of.seed = std::uint64_t{chance()} << 32 | chance();
  of.numbers = {};
  write_schema(in, of);
  table_writer{in, of}.put_numbers();
}

} // namespace

schema_outcome open_schema(transaction& in, archive& of) {
  of.forget_damaged();
  if (in.rows(in.open(nullptr, 0)) == 0) {
    of.where = tables::open(in);
    begin_new(in, of);
    return schema_outcome::ready;
  }
  of.where.meta = in.open_if_there("meta").value_or(0);
  if (of.where.meta == 0)
    return schema_outcome::foreign;
  const auto schema = find_schema(in, of);
  if (schema.version > schema_version)
    return schema_outcome::newer;
  if (schema.version == schema_version && !tables::complete(in))
    return schema_outcome::foreign;
  of.where = tables::open(in);
  of.seed = schema.seed;
  if (!upgrade(in, of, schema.version))
    return schema_outcome::foreign;
  write_schema(in, of);
  read_all_numbers(in, of);
  return schema_outcome::ready;
}

} // namespace callboard::persistence
