#include "persistence/lmdb/gate.hpp"

#include "persistence/file_care.hpp"
#include "persistence/lmdb/environment.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

namespace callboard::persistence {

gate::gate(const std::string& file, purpose what) {
  const auto directory = std::filesystem::path{file}.parent_path();
  const auto name = directory / "store.gate";
  file_ = ::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600); // NOLINT: vararg
  demand(file_ < 0 ? errno : 0);
  give_to_owner_of(directory.string(), name.string());
  int code = 0;
  do
    code = ::flock(file_, what == purpose::opens ? LOCK_SH : LOCK_EX) != 0 ? errno : 0;
  while (code == EINTR);
  if (code != 0)
    ::close(file_);
  demand(code);
}

gate::~gate() {
  ::close(file_);
}

} // namespace callboard::persistence
