#include "app/command_line.hpp"
#include "app/store/place.hpp"
#include "app/store/unfinished.hpp"
#include "app/store/verbs.hpp"
#include "app/store/verified.hpp"
#include "persistence/file_care.hpp"
#include "persistence/store_reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <system_error>

namespace callboard::app::store {

namespace {

const std::string help = std::string{R"(Copy a store, whether or not a node runs.

callboard store backup FILE [--force] [--data DIR]

The copy holds everything that was acknowledged when it began, and no free pages.
It is verified and on the disk when this ends with 0; a FILE that is there is a
whole one. While it is made, the node's file grows by what is written.

  --force          replace FILE if it is there
)"} + place_help + R"(
  callboard store backup /backup/monday.mdb --data /var/lib/callboard
)";

namespace fs = std::filesystem;

std::string folder_of(const std::string& file) {
  const auto folder = fs::path{file}.parent_path();
  return folder.empty() ? "." : folder.string();
}

std::optional<failure> refused(const std::string& file, bool force) {
  std::error_code unknown;
  if (fs::is_directory(file, unknown))
    return failure{exit_code::failed, fmt::format("{} is a directory — name a file in it", file)};
  if (!force && fs::exists(file, unknown))
    return failure{exit_code::failed,
      fmt::format("{} is there already — name another file, or replace it with --force", file)};
  return std::nullopt;
}

std::optional<failure> put(const std::string& from, const std::string& file) {
  std::error_code wrong;
  fs::rename(from, file, wrong);
  const auto code = wrong ? wrong.value() : persistence::sync_path(folder_of(file));
  if (code == 0)
    return std::nullopt;
  return failure{exit_code::failed, fmt::format("cannot write {}: {} — name a file where you may "
                                                "write",
                                      file, std::generic_category().message(code))};
}

int back_up(const std::string& store, const std::string& file) {
  const auto reader = persistence::store_reader::open(store);
  if (!reader)
    return tell(failure_of(reader.error()));
  unfinished copy{name_beside(file)};
  if (const auto wrong = (*reader)->copy(copy.path()))
    return tell(failure_of(*wrong));
  const auto found = persistence::check_store(copy.path());
  const auto size = fs::file_size(copy.path());
  if (const auto wrong = put(copy.path(), file))
    return tell(*wrong);
  copy.finish();
  std::cerr << fmt::format("{} written: {} bytes\n", file, size);
  tell_faults(std::cerr, found);
  if (found.good())
    return exit_code::done;
  return tell({exit_code::bad_data,
    fmt::format("the store has these faults, and so has {}: keep older backups, and see "
                "'callboard store check'",
      file)});
}

} // namespace

int backup(const arguments& given) {
  place where;
  std::string file;
  bool force = false;
  CLI::App parser;
  where.add_to(parser);
  parser.add_option("file", file);
  parser.add_flag("--force", force);
  if (const auto code = parse(parser, "store backup", given, help))
    return *code;
  if (file.empty())
    return refuse_usage("store backup", "no file: name the one to write");
  if (const auto code = where.settle())
    return *code;
  auto wrong = where.missing();
  if (!wrong)
    wrong = refused(file, force);
  return wrong ? tell(*wrong) : back_up(where.file(), file);
}

} // namespace callboard::app::store
