#include "app/command_line.hpp"
#include "app/store/place.hpp"
#include "app/store/unfinished.hpp"
#include "app/store/verbs.hpp"
#include "app/store/verified.hpp"
#include "persistence/file_care.hpp"
#include "persistence/store_exchange.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <system_error>

namespace callboard::app::store {

namespace {

const std::string help = std::string{R"(Bring a backup back. The node must be stopped.

callboard store restore FILE [--force] [--data DIR]

Verifies FILE, then puts a copy of it where the node will look. A store that is
there is set aside as store.replaced-1, -2 and so on, never removed. Clients get
again what they had received since the backup was made.

  --force          even if FILE has faults: the node brings over what can be read
)"} + place_help + R"(
  callboard store restore /backup/monday.mdb --data /var/lib/callboard
)";

namespace fs = std::filesystem;

failure cannot(const char* what, const std::string& path, int code) {
  return {exit_code::failed, fmt::format("cannot {} {}: {} — make room, or see to the rights there",
                               what, path, std::generic_category().message(code))};
}

std::optional<failure> unfit(const std::string& file, bool force) {
  std::error_code unknown;
  if (!fs::is_regular_file(file, unknown) || fs::file_size(file, unknown) == 0)
    return failure{exit_code::failed,
      fmt::format("{} is no backup — name a file that 'callboard store backup' wrote", file)};
  const auto found = persistence::check_store(file);
  tell_faults(std::cerr, found);
  if (found.good() || force)
    return std::nullopt;
  return failure{exit_code::bad_data,
    fmt::format("{} has faults, so nothing was changed — take another backup, or bring back what "
                "can be read of this one with --force",
      file)};
}

std::optional<failure> copy_file(const std::string& from, const std::string& to) {
  std::error_code wrong;
  fs::copy_file(from, to, wrong);
  if (wrong)
    return cannot("write", to, wrong.value());
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, wrong);
  if (const auto code = persistence::sync_path(to))
    return cannot("write", to, code);
  return std::nullopt;
}

int restore_held(
  const persistence::directory_lock& held, const place& where, const std::string& from) {
  unfinished copy{name_beside(where.file())};
  if (const auto wrong = copy_file(from, copy.path()))
    return tell(*wrong);
  const auto old =
    persistence::exchange_store(held, where.file(), copy.path(), persistence::old_store::set_aside);
  if (!old)
    return tell(failure_of(old.error()));
  copy.finish();
  std::cerr << fmt::format("{} is now in {}\n", from, where.directory());
  if (!old->empty())
    std::cerr << fmt::format("the store that was there is {} — remove it when all is well\n", *old);
  return exit_code::done;
}

} // namespace

int restore(const arguments& given) {
  place where;
  std::string file;
  bool force = false;
  CLI::App parser;
  where.add_to(parser);
  parser.add_option("file", file);
  parser.add_flag("--force", force);
  if (const auto code = parse(parser, "store restore", given, help))
    return *code;
  if (file.empty())
    return refuse_usage("store restore", "no file: name the backup to bring back");
  if (const auto code = where.settle())
    return *code;
  if (const auto wrong = unfit(file, force))
    return tell(*wrong);
  std::error_code wrong;
  fs::create_directories(where.directory(), wrong);
  if (wrong)
    return tell(cannot("make", where.directory(), wrong.value()));
  const auto held = where.take();
  return held ? restore_held(**held, where, file) : tell(held.error());
}

} // namespace callboard::app::store
