#include "app/store/verified.hpp"

#include "persistence/store_reader.hpp"

#include <fmt/format.h>

#include <array>
#include <ostream>
#include <string_view>

namespace callboard::app::store {

namespace {

struct counted {
  const char* table;
  std::string_view name;
};

constexpr std::array counts{
  counted{"sessions", "sessions"},
  counted{"subscriptions", "subscriptions"},
  counted{"deliveries", "deliveries"},
  counted{"bodies", "bodies"},
  counted{"retained", "retained messages"},
  counted{"shares", "messages of share groups"},
  counted{"journal", "journal records"},
  counted{"damaged", "records set aside"},
};

void tell_line(std::ostream& out, std::string_view name, std::size_t count) {
  out << fmt::format("{:<25}{:>10}\n", name, count);
}

} // namespace

/// A store whose beginning LMDB cannot read has nobody who writes it. A commit may
/// come in between and look like a fault; not twice.
persistence::store_check check_in_use(const std::string& file) {
  const auto held = persistence::store_reader::open(file);
  auto found = persistence::check_store(file);
  return found.good() ? found : persistence::check_store(file);
}

void tell_counts(std::ostream& out, const persistence::store_check& found) {
  for (const auto& [table, name] : counts) {
    const auto rows = found.rows.find(table);
    tell_line(out, name, rows == found.rows.end() ? 0 : rows->second);
  }
  tell_line(out, "pages in use", found.pages);
  tell_line(out, "pages free", found.free_pages);
}

void tell_faults(std::ostream& out, const persistence::store_check& found) {
  for (const auto& one : found.faults)
    out << "fault: " << one << '\n';
  if (found.fault_count > found.faults.size())
    out << fmt::format("fault: and {} more\n", found.fault_count - found.faults.size());
}

} // namespace callboard::app::store
