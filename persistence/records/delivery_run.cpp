#include "persistence/records/delivery_run.hpp"

#include "persistence/records/parts.hpp"
#include "persistence/records/record_writer.hpp"
#include "persistence/records/seal.hpp"

#include <algorithm>

namespace callboard::persistence {

namespace {

/// Four rows of this size fill a page of 4,096 bytes; of larger ones LMDB, which splits
/// pages as if more came in between, fills no more than half.
constexpr std::size_t small_row = 994;

/// A larger record gets pages of its own, and this one just one of them. LMDB finds that
/// wherever one is free; two would have to lie side by side.
constexpr std::size_t most_of_leaf = 2'014;
constexpr std::size_t whole_page = 4'080;

/// As is a record of one delivery alone; a larger message is a body.
constexpr std::size_t most_of_one = 1'900;

constexpr std::size_t most_deliveries = 255; // the count is a byte

/// Behind the seal and the mark.
constexpr std::size_t count_at = seal_size + 10;

} // namespace

std::size_t about_in_run(const protocol::delivery& what) {
  constexpr std::size_t besides = 20; // as a rule
  return what.message->size() + besides;
}

bool run_writer::add(const protocol::delivery& what, const clock_reading& clock) {
  if (empty())
    begin();
  const auto size = what.message->size();
  const auto message = written_size(*what.message);
  const auto bytes = terms_size(what) + size_of_number(size) + size_of_number(message) + message;
  const auto most = empty() ? std::max(most_, most_of_one) : most_;
  if (bytes > most_of_one || record_.size() + bytes > most || count_ == most_deliveries)
    return false;
  auto to = record_writer{record_}.room(bytes);
  write_terms(to, what);
  to.number(size);
  to.number(message);
  write_message(to, *what.message, clock);
  ++count_;
  expected_ -= std::min(expected_, about_in_run(what));
  return true;
}

/// What comes would fill half of a page at least, or else lies in small rows.
void run_writer::begin() {
  most_ = expected_ > most_of_leaf ? whole_page : small_row;
  record_.reserve(most_);
  record_.assign(seal_size, '\0');
  record_writer to{record_};
  to.number(run_mark);
  to.byte(0); // the count
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
