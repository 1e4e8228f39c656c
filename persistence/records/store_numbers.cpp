#include "persistence/records/store_numbers.hpp"

#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"

namespace callboard::persistence {

void write_numbers(std::string& out, const store_numbers& numbers) {
  record_writer to{out};
  to.number(numbers.sequence);
  to.number(numbers.rows);
  to.number(numbers.bodies);
  to.number(numbers.damaged);
  to.number(numbers.highest_session);
}

std::optional<store_numbers> read_numbers(std::string_view content) {
  record_reader from{content};
  store_numbers numbers;
  numbers.sequence = from.number();
  numbers.rows = from.number();
  numbers.bodies = from.number();
  numbers.damaged = from.number();
  numbers.highest_session = from.number();
  return from.finished() ? std::optional{numbers} : std::nullopt;
}

} // namespace callboard::persistence
