#include "persistence/lmdb/environment.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace callboard::persistence {

namespace {

/// The address space that is taken at first, and more than the least that a
/// store needs.
constexpr std::size_t first_size = std::size_t{64} << 20;

constexpr unsigned most_tables = 16;

/// Whoever writes reads nothing but what it needs: reading ahead only evicts
/// other pages. Transactions belong to no thread, as the store's caller may be
/// another one each time.
constexpr unsigned always = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | MDB_NOMEMINIT;

constexpr mdb_mode_t only_for_us = 0600;

std::size_t map_size(MDB_env* env) {
  MDB_envinfo told;
  demand(mdb_env_info(env, &told));
  return told.me_mapsize;
}

/// Throws unless so much was read or written.
void demand_all(ssize_t done, ssize_t wanted) {
  if (done != wanted)
    throw lmdb_failure{done < 0 ? errno : EIO};
}

} // namespace

environment::environment(const std::string& file, const terms& how) : limit_{how.limit} {
  demand(mdb_env_create(&env_));
  try {
    demand(mdb_env_set_maxdbs(env_, most_tables));
    demand(mdb_env_set_mapsize(env_, limit_ == 0 ? first_size : std::min(first_size, limit_)));
    const auto flags = (how.synced ? 0U : MDB_NOSYNC) | (how.only_reads ? MDB_RDONLY : 0U);
    demand(mdb_env_open(env_, file.c_str(), always | flags, only_for_us));
  } catch (const lmdb_failure&) {
    mdb_env_close(env_);
    throw;
  }
}

bool environment::forget_dead_readers() {
  int dead = 0;
  demand(mdb_reader_check(env_, &dead));
  return dead > 0;
}

/// A reader that has died holds pages back: those come first.
bool environment::grow() {
  if (forget_dead_readers())
    return true;
  const auto now = map_size(env_);
  const auto wanted = limit_ == 0 ? now * 2 : std::min(now * 2, limit_);
  return wanted > now && mdb_env_set_mapsize(env_, wanted) == MDB_SUCCESS;
}

/// A page that was to be synced, and was not, is not written again by the next sync
/// unless something is written to it.
void environment::settle() {
  constexpr off_t beginnings = 2; // LMDB's, which take turns
  mdb_filehandle_t file = 0;
  demand(mdb_env_get_fd(env_, &file));
  std::string page(page_size(), '\0');
  const auto size = static_cast<ssize_t>(page.size());
  for (off_t at = 0; at < beginnings * size; at += size) {
    demand_all(::pread(file, page.data(), page.size(), at), size);
    demand_all(::pwrite(file, page.data(), page.size(), at), size);
    sync();
  }
}

std::size_t environment::pages() const {
  MDB_envinfo told;
  demand(mdb_env_info(env_, &told));
  return told.me_last_pgno + 1;
}

std::size_t environment::free_pages() {
  constexpr MDB_dbi free_list = 0; // LMDB's own: how many, and which, by who freed them
  const transaction in{*this, transaction::kind::reads};
  std::size_t count = 0;
  cursor at{in, free_list};
  for (auto row = at.first(); row; row = at.next()) {
    std::size_t freed = 0;
    std::memcpy(&freed, row->value.data(), sizeof freed);
    count += freed;
  }
  return count;
}

std::size_t environment::page_size() const {
  MDB_stat stat;
  demand(mdb_env_stat(env_, &stat));
  return stat.ms_psize;
}

} // namespace callboard::persistence
