#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace callboard::persistence {

/// What a store's file holds, and what is wrong with it.
struct store_check {
  /// Pages in use, and those in the file that are free.
  std::size_t pages = 0;
  std::size_t free_pages = 0;

  /// Rows by table; a record in pieces is one.
  std::map<std::string, std::size_t> rows;

  /// How many faults there are, and the first of them in a sentence each.
  std::size_t fault_count = 0;
  std::vector<std::string> faults;

  bool good() const { return fault_count == 0; }
};

/// Reads all of a store's file, also of a backup or of one that was set aside:
/// its pages, its records, and who refers to whom. Changes nothing. Nobody may
/// write the file meanwhile; see store_reader for the file of a store in use.
store_check check_store(const std::string& file);

} // namespace callboard::persistence
