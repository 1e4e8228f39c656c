#pragma once

#include "persistence/lmdb/archive.hpp"
#include "persistence/lmdb/delivery_row.hpp"
#include "persistence/lmdb/environment.hpp"
#include "persistence/records/delivery_run.hpp"
#include "persistence/records/record_writer.hpp"
#include "persistence/records/session_head.hpp"
#include "persistence/store.hpp"
#include "protocol/message.hpp"
#include "protocol/session/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// Writes the tables within one transaction, and counts who refers to a body.
class table_writer {
public:
  table_writer(transaction& in, archive& of) : in_{in}, of_{of} {}

  /// A name for a session's rows that no other ever had.
  std::uint64_t new_rows() { return ++of_.numbers.rows; }

  void put_head(std::string_view client_id, const session_head& head);
  void erase_head(std::string_view client_id);

  /// Whether it is a new one, not another one in its place.
  bool put_subscription(std::uint64_t rows, const protocol::subscription& what);

  /// Whether there was one.
  bool erase_subscription(std::uint64_t rows, protocol::subscription_number number);

  /// Refers to the body `number` from a new row, or, if it is not there, to a new
  /// one. Gives the body's number.
  std::uint64_t put_delivery(
    std::uint64_t rows, delivery_position at, const protocol::delivery& what, std::uint64_t number);

  /// Puts the message into the row itself, where nothing else refers to it. False: it is
  /// too large for that.
  bool put_whole_delivery(std::uint64_t rows, delivery_position at, const protocol::delivery& what);

  /// The row alone, anew: it refers to its body already.
  void put_delivery(std::uint64_t rows, const delivery_row& row);

  /// Deliveries that follow one another, from this position on. Not an empty run.
  void put_run(std::uint64_t rows, delivery_position at, run_writer& run);

  /// The rows of deliveries from `from` to `last`, which are gone, with messages that
  /// nothing else refers to. A run stays as long as `is_wanted(its first, its last)` says so.
  void erase_deliveries(std::uint64_t rows, delivery_position from, delivery_position last,
    const std::function<bool(delivery_position, delivery_position)>& is_wanted);

  const clock_reading& clock() const { return of_.clock; }

  /// A null message removes the row.
  void put_retained(std::string_view topic, const protocol::message_ptr& message);

  /// Without a message it removes the row.
  void put_share(const share_change& change);

  /// Rows that collect() shall remove.
  void drop_rows(std::uint64_t rows);

  /// Removes at most so many dropped rows. Says how many there were.
  std::size_t collect(std::size_t limit);

  void put_numbers() { put_numbers(of_.numbers); }
  void put_numbers(const store_numbers& numbers);

  /// Moves what could not be read into a table of its own, and counts it, too
  /// where it was not to be found at all.
  void set_damaged_aside();

private:
  /// A record with room for its seal.
  std::string& fresh();
  void put(MDB_dbi table, std::string_view key);
  void write_delivery(const delivery_row& row);

  std::uint64_t refer_to(std::uint64_t number, const protocol::message& message);
  void put_body(std::uint64_t number, const protocol::message& message);
  void release_body(std::uint64_t number);
  std::uint64_t referrers(std::uint64_t number) const;
  void put_referrers(std::uint64_t number, std::uint64_t count);
  void release_body_of(const table_row& row);
  std::size_t collect_from(MDB_dbi table, std::uint64_t rows, std::size_t limit);
  void set_aside(const damaged_record& one);

  transaction& in_;
  archive& of_;
  std::string record_;
};

} // namespace callboard::persistence
