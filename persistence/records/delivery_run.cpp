#include "persistence/records/delivery_run.hpp"

#include "persistence/records/parts.hpp"
#include "persistence/records/record_writer.hpp"
#include "persistence/records/seal.hpp"

namespace callboard::persistence {

namespace {

/// Four rows of this size fill a page of 4,096 bytes; of larger ones LMDB, which splits
/// pages as if more came in between, fills no more than half.
constexpr std::size_t most_of_many = 994;

/// A larger record gets pages of its own.
constexpr std::size_t most_of_one = 1'900;

constexpr std::size_t most_deliveries = 255; // the count is a byte

/// Behind the seal and the mark.
constexpr std::size_t count_at = seal_size + 10;

} // namespace

bool run_writer::add(const protocol::delivery& what, const clock_reading& clock) {
  const auto size = what.message->size();
  if (size > (empty() ? most_of_one : most_of_many) || count_ == most_deliveries)
    return false;
  if (empty()) {
    record_.assign(seal_size, '\0');
    record_writer{record_}.number(run_mark);
    record_.push_back('\0');
  }
  const auto before = record_.size();
  record_writer to{record_};
  write_terms(to, what);
  to.number(size);
  to.number(written_size(*what.message));
  write_message(to, *what.message, clock);
  if (record_.size() > (empty() ? most_of_one : most_of_many)) {
    record_.resize(before);
    return false;
  }
  ++count_;
  return true;
}

std::string& run_writer::record() {
  record_[count_at] = static_cast<char>(count_);
  return record_;
}

std::optional<delivery_in_run> run_reader::next() {
  if (left_ == 0)
    return std::nullopt;
  --left_;
  delivery_in_run one;
  one.what = read_terms(from_);
  one.size = from_.number();
  one.message = from_.bytes();
  return from_.failed() ? std::nullopt : std::optional{std::move(one)};
}

} // namespace callboard::persistence
