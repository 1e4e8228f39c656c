#pragma once

#include "persistence/clock_reading.hpp"
#include "persistence/records/record_reader.hpp"
#include "protocol/session/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Deliveries that follow one another in a queue, as one row: most are small, and a row
// for each costs more than the message. In a run each has its message with it.

namespace callboard::persistence {

/// Stands where other rows of deliveries have the number of a body, so that nobody takes
/// one for the other.
inline constexpr std::uint64_t run_mark = ~std::uint64_t{0};

/// Bytes that a delivery takes in a run, about.
std::size_t about_in_run(const protocol::delivery& what);

/// Collects the deliveries of one run.
class run_writer {
public:
  /// So many bytes will come, about, for one run or several: many fill pages of their own.
  void expect(std::size_t bytes) { expected_ = bytes; }

  /// Appends a delivery, if it belongs into the same row. One that is too large for any
  /// does not even begin a run.
  bool add(const protocol::delivery& what, const clock_reading& clock);

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  /// Room for a seal, and the run. Until the next one begins.
  std::string& record();

  /// Begins the next run.
  void clear() { count_ = 0; }

private:
  void begin();

  std::string record_;
  std::size_t count_ = 0;
  std::size_t expected_ = 0;
  std::size_t most_ = 0; // bytes of this run
};

/// One delivery of a run.
struct delivery_in_run {
  protocol::delivery what; // without its message

  /// The message's size, as message::size() says, and the message, as the row has it.
  std::uint64_t size = 0;
  std::string_view message;
};

/// Reads a run, from behind its mark.
class run_reader {
public:
  explicit run_reader(record_reader from) : from_{from}, left_{from_.byte()} {}

  /// How many are still to come.
  std::size_t left() const { return left_; }

  /// The next one; when the run is over, or cannot be read, none.
  std::optional<delivery_in_run> next();

  /// Whether the run, which is over, was whole.
  bool finished() const { return left_ == 0 && from_.finished(); }

private:
  record_reader from_;
  std::size_t left_;
};

} // namespace callboard::persistence
