#include "persistence/directory_lock.hpp"

#include "persistence/file_care.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace callboard::persistence {

auto directory_lock::take(const std::string& file)
  -> protocol::expected<std::unique_ptr<directory_lock>, store_error> {
  const int opened = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600); // NOLINT: vararg
  if (opened < 0)
    return store_error{"open store", errno,
      fmt::format("cannot open {}: {}. Whoever runs the node must be allowed to write there", file,
        std::generic_category().message(errno))};
  std::unique_ptr<directory_lock> lock{new directory_lock{opened}};
  give_to_owner_of(std::filesystem::path{file}.parent_path().string(), file);
  if (::flock(opened, LOCK_EX | LOCK_NB) != 0)
    return store_error{"open store", EBUSY,
      fmt::format("the store is in use by another process, which holds {}. Stop that one, or give "
                  "this one another directory",
        file)};
  return lock;
}

directory_lock::~directory_lock() {
  ::close(file_);
}

} // namespace callboard::persistence
