#include "persistence/file_care.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callboard::persistence {

int sync_path(const std::string& path) {
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); // NOLINT: vararg
  int code = opened < 0 || ::fsync(opened) != 0 ? errno : 0;
  if (code == EINVAL)
    code = 0;
  if (opened >= 0)
    ::close(opened);
  return code;
}

void give_to_owner_of(const std::string& directory, const std::string& file) {
  struct stat found {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0)
    return;
  [[maybe_unused]] const auto given = ::chown(file.c_str(), found.st_uid, found.st_gid);
}

} // namespace callboard::persistence
