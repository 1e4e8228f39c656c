#pragma once

#include "persistence/lmdb/table_writer.hpp"
#include "persistence/records/delivery_run.hpp"
#include "persistence/records/session_head.hpp"
#include "protocol/session/delivery.hpp"

#include <cstddef>
#include <cstdint>

namespace callboard::persistence {

/// Writes rows of deliveries of one session, by position, ascending. A message that one
/// delivery alone has needs no row of its own, and of a queue not even the delivery does:
/// it goes into a run. What may leave the middle of a queue stands in none.
class delivery_folding {
public:
  /// So many bytes of deliveries will come, about.
  delivery_folding(std::uint64_t rows, std::size_t expected, table_writer& to)
      : rows_{rows}, to_{to} {
    run_.expect(expected);
  }

  /// One whose message nothing else has.
  void put_alone(delivery_position at, const protocol::delivery& what);

  /// Refers to the body `number`, or, if it is not there, to a new one. Gives its number.
  std::uint64_t put_shared(
    delivery_position at, const protocol::delivery& what, std::uint64_t number);

  /// There are no more.
  void end();

private:
  bool put_into_run(delivery_position at, const protocol::delivery& what);

  std::uint64_t rows_;
  table_writer& to_;
  run_writer run_;
  delivery_position next_in_run_ = 0;
};

} // namespace callboard::persistence
