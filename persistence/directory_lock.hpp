#pragma once

#include "persistence/store.hpp"

#include <memory>
#include <string>

namespace callboard::persistence {

/// Keeps other processes out of a store's directory for as long as it lives. The
/// system lets go of it when the process ends, however it ends.
class directory_lock {
public:
  static protocol::expected<std::unique_ptr<directory_lock>, store_error> take(
    const std::string& file);

  directory_lock(const directory_lock&) = delete;
  directory_lock& operator=(const directory_lock&) = delete;
  ~directory_lock();

private:
  explicit directory_lock(int file) : file_{file} {}

  int file_;
};

} // namespace callboard::persistence
