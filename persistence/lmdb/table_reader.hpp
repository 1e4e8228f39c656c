#pragma once

#include "persistence/lmdb/archive.hpp"
#include "persistence/lmdb/delivery_row.hpp"
#include "persistence/lmdb/environment.hpp"
#include "persistence/records/session_head.hpp"
#include "persistence/store.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::persistence {

/// A session as its table has it.
struct session_row {
  std::string client_id;
  session_head head;
};

/// Reads the tables within one transaction. What cannot be read counts as absent
/// and is noted as damaged.
class table_reader {
public:
  table_reader(const transaction& in, archive& of) : in_{in}, of_{of} {}

  std::optional<session_head> head(std::string_view client_id) const;

  /// Sessions from this client id on, in the order of their keys, until `visit`
  /// says false.
  void each_session(std::string_view from,
    const std::function<bool(std::string_view key, session_row)>& visit) const;

  /// Retained messages, likewise.
  void each_retained(std::string_view from,
    const std::function<bool(std::string_view key, std::string topic, protocol::message_ptr)>&
      visit) const;

  /// What share groups have, in the order of their numbers, then of the tokens.
  void each_share(const std::function<void(share_change)>& visit) const;

  std::vector<protocol::subscription> subscriptions(std::uint64_t rows) const;

  std::optional<delivery_row> delivery(std::uint64_t rows, delivery_position at) const;

  /// Those at positions from `from` to below `to`, ascending, until `visit` says
  /// false. One that cannot be read keeps its place.
  void each_delivery(std::uint64_t rows, delivery_position from, delivery_position to,
    const std::function<bool(const delivery_row&)>& visit) const;

  /// Null if it cannot be read; it should be there.
  protocol::message_ptr body(std::uint64_t number) const;

  /// As a delivery's row has it; null if it cannot be read.
  protocol::message_ptr inlined(std::string_view content) const;

  /// So many rows that should be there are not.
  void note_missing(std::uint64_t count) const { of_.missing += count; }

private:
  std::optional<std::string_view> open(MDB_dbi table, const table_row& row) const;
  bool each_in_row(const table_row& row, delivery_position from, delivery_position to,
    const std::function<bool(const delivery_row&)>& visit) const;
  void note(MDB_dbi table, std::string_view key) const;

  const transaction& in_;
  archive& of_;
};

} // namespace callboard::persistence
