#include "persistence/store_reader.hpp"

#include "persistence/file_care.hpp"
#include "persistence/lmdb/explain.hpp"
#include "persistence/lmdb/gate.hpp"
#include "persistence/lmdb/page_walk.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace callboard::persistence {

store_reader::store_reader(std::string file) : file_{std::move(file)} {
  const gate held{file_, gate::purpose::opens};
  environment_ = std::make_unique<environment>(
    file_, environment::terms{.synced = true, .limit = 0, .only_reads = true});
  give_to_owner_of(std::filesystem::path{file_}.parent_path().string(), readers_file(file_));
  environment_->forget_dead_readers();
}

auto store_reader::open(const std::string& file)
  -> protocol::expected<std::unique_ptr<store_reader>, store_error> {
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown))
    return explain("read store", unknown ? unknown.value() : ENOENT, file);
  try {
    std::unique_ptr<store_reader> made{new store_reader{file}};
    made->hold();
    return made;
  } catch (const lmdb_failure& failure) {
    return explain("read store", failure.code, file);
  }
}

/// The file may have grown since it was opened.
void store_reader::hold() {
  for (;;) {
    try {
      held_ = std::make_unique<transaction>(*environment_, transaction::kind::reads);
      return;
    } catch (const lmdb_failure& failure) {
      if (failure.code != MDB_MAP_RESIZED)
        throw;
      environment_->follow_growth();
    }
  }
}

/// A commit may write the file's beginning while it is read; not each time.
void store_reader::check_pages() const {
  constexpr int most_tries = 4;
  for (int tries = 0; page_walk::through(file_).damaged != 0;)
    if (++tries == most_tries)
      throw lmdb_failure{MDB_CORRUPTED};
}

store_result store_reader::copy(const std::string& to) {
  try {
    check_pages();
    held_.reset();
    write_to(to);
    return std::nullopt;
  } catch (const lmdb_failure& failure) {
    return explain("copy store", failure.code, tells_of_damage(failure.code) ? file_ : to);
  }
}

void store_reader::write_to(const std::string& to) {
  constexpr mode_t only_for_us = 0600;
  const int opened =
    ::open(to.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, only_for_us); // NOLINT
  demand(opened < 0 ? errno : 0);
  int code = MDB_SUCCESS;
  do {
    code = mdb_env_copyfd2(environment_->get(), opened, MDB_CP_COMPACT);
    if (code == MDB_MAP_RESIZED) // told before the first byte is written
      environment_->follow_growth();
  } while (code == MDB_MAP_RESIZED);
  if (code == MDB_SUCCESS && ::fsync(opened) != 0)
    code = errno;
  ::close(opened);
  demand(code);
}

} // namespace callboard::persistence
