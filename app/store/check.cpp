#include "app/command_line.hpp"
#include "app/store/place.hpp"
#include "app/store/verbs.hpp"
#include "app/store/verified.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

namespace callboard::app::store {

namespace {

const std::string help = std::string{R"(Read all of a store, and say whether it is sound.

callboard store check [FILE] [--data DIR]

Verifies every page, every checksum, and who refers to whom; changes nothing.
A node may run meanwhile: its file grows while this reads, by what is written.
Counts go to stdout, faults to stderr; ends with 0, or with 65 if there are any.
What stands in the journal is not in the tables yet, and counts once it is.

  FILE             a backup, or a file that was set aside, instead of the store
)"} + place_help + R"(
  callboard store check --data /var/lib/callboard
  callboard store check /backup/monday.mdb
)";

int report(
  const std::string& file, const persistence::store_check& found, const std::string& advice) {
  tell_counts(std::cout, found);
  tell_faults(std::cerr, found);
  if (found.good()) {
    std::cerr << file << " is sound\n";
    return exit_code::done;
  }
  return tell({exit_code::bad_data, fmt::format("{} has {} {} — {}", file, found.fault_count,
                                      found.fault_count == 1 ? "fault" : "faults", advice)});
}

} // namespace

int check(const arguments& given) {
  place where;
  std::string file;
  CLI::App parser;
  where.add_to(parser);
  parser.add_option("file", file);
  if (const auto code = parse(parser, "store check", given, help))
    return *code;
  if (!file.empty() && (!std::filesystem::is_regular_file(file) || std::filesystem::is_empty(file)))
    return tell({exit_code::failed, fmt::format("{} is no file, or empty", file)});
  if (!file.empty())
    return report(file, persistence::check_store(file),
      "keep an older backup; 'restore --force' brings back what can be read");
  if (const auto code = where.settle())
    return *code;
  if (const auto wrong = where.missing())
    return tell(*wrong);
  return report(where.file(), check_in_use(where.file()),
    "start the node again, which sets aside what is damaged and brings the rest over, or bring a "
    "backup back with 'callboard store restore'");
}

} // namespace callboard::app::store
