#include "persistence/store_exchange.hpp"

#include "persistence/file_care.hpp"
#include "persistence/lmdb/environment.hpp"
#include "persistence/lmdb/explain.hpp"
#include "persistence/lmdb/gate.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace callboard::persistence {

namespace {

namespace fs = std::filesystem;

/// Another name for the same file, so that it is never without one; where the file
/// system knows only one, that.
bool give_name(const std::string& file, const std::string& name) {
  if (::link(file.c_str(), name.c_str()) == 0)
    return true;
  if (errno == EEXIST)
    return false;
  std::error_code failed;
  if (fs::exists(name, failed))
    return false;
  fs::rename(file, name, failed);
  demand(failed.value());
  return true;
}

std::string set_aside(const std::string& file) {
  const auto directory = fs::path{file}.parent_path();
  for (unsigned number = 1;; ++number) {
    auto name = (directory / fmt::format("store.replaced-{}", number)).string();
    if (give_name(file, name))
      return name;
  }
}

std::string exchange(const std::string& file, const std::string& with, old_store old) {
  const auto directory = fs::path{file}.parent_path().string();
  give_to_owner_of(directory, with);
  const gate held{file, gate::purpose::replaces};
  std::error_code failed;
  std::string aside;
  if (old == old_store::set_aside && fs::exists(file, failed))
    aside = set_aside(file);
  fs::rename(with, file, failed);
  demand(failed.value());
  fs::remove(readers_file(file), failed);
  demand(failed.value());
  demand(sync_path(directory));
  return aside;
}

} // namespace

protocol::expected<std::string, store_error> exchange_store(
  const directory_lock&, const std::string& file, const std::string& with, old_store old) {
  try {
    return exchange(file, with, old);
  } catch (const lmdb_failure& failure) {
    return explain("exchange store", failure.code, file);
  }
}

} // namespace callboard::persistence
