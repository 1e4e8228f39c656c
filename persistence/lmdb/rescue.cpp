#include "persistence/lmdb/rescue.hpp"

#include "persistence/lmdb/page_walk.hpp"
#include "persistence/lmdb/tables.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace callboard::persistence {

namespace {

/// Bytes that are written in one transaction.
constexpr std::size_t load_size = std::size_t{8} << 20;

/// Collects rows and writes them, a load at a time.
class rescuer {
public:
  explicit rescuer(environment& into) : into_{into} {}

  void take(std::string_view table, std::string_view key, std::string_view value) {
    load_.push_back({std::string{table}, std::string{key}, std::string{value}});
    bytes_ += key.size() + value.size();
    if (bytes_ >= load_size)
      write();
  }

  void write() {
    while (!load_.empty() && !written()) {
    }
    load_.clear();
    bytes_ = 0;
  }

private:
  struct saved_row {
    std::string table, key, value;
  };

  /// False: again, there is more room now.
  bool written() {
    try {
      transaction in{into_, transaction::kind::writes};
      const auto where = tables::open(in);
      for (const auto& row : load_) {
        if (const auto table = where.find_like(row.table))
          in.put(*table, row.key, row.value);
      }
      in.commit();
      return true;
    } catch (const lmdb_failure& failure) {
      if (failure.code != MDB_MAP_FULL || !into_.grow())
        throw;
      return false;
    }
  }

  environment& into_;
  std::vector<saved_row> load_;
  std::size_t bytes_ = 0;
};

} // namespace

std::string set_file_aside(const std::string& file) {
  const auto folder = std::filesystem::path{file}.parent_path();
  for (unsigned number = 1;; ++number) {
    const auto aside = folder / fmt::format("store.damaged-{}", number);
    std::error_code failed;
    if (std::filesystem::exists(aside, failed)) {
      if (std::filesystem::equivalent(aside, file, failed))
        return aside.string(); // a start that came to nothing has been here
      continue;
    }
    std::filesystem::create_hard_link(file, aside, failed);
    if (failed)
      std::filesystem::rename(file, aside, failed);
    return failed ? std::string{} : aside.string();
  }
}

void rescue_rows(const std::string& from, environment& into) {
  rescuer all{into};
  page_walk::through(from, [&](std::string_view table, std::string_view key,
                             std::string_view value) { all.take(table, key, value); });
  all.write();
}

} // namespace callboard::persistence
