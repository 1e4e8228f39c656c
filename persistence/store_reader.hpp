#pragma once

#include "persistence/lmdb/environment.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <string>

namespace callboard::persistence {

/// Reads a store's file beside another process that has the store open; within one
/// process LMDB can have a file only once. As long as it lives, nothing is written over what was
/// committed before it came, and the file grows instead; if its process dies, the store notices
/// when it needs the room.
class store_reader {
public:
  /// ENOENT if there is no such file.
  static protocol::expected<std::unique_ptr<store_reader>, store_error> open(
    const std::string& file);

  /// Writes what the store has now into a new file, compact and synced, that can
  /// take the place of the store's. Looks first whether all pages are what they
  /// should be, as LMDB trusts them. Holds nothing back any more when it returns.
  store_result copy(const std::string& to);

private:
  explicit store_reader(std::string file);

  void hold();
  void check_pages() const;
  void write_to(const std::string& to);

  std::string file_;
  std::unique_ptr<environment> environment_;
  std::unique_ptr<transaction> held_;
};

} // namespace callboard::persistence
