#include "app/command_line.hpp"
#include "app/store/place.hpp"
#include "app/store/unfinished.hpp"
#include "app/store/verbs.hpp"
#include "app/store/verified.hpp"
#include "persistence/store_exchange.hpp"
#include "persistence/store_reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

namespace callboard::app::store {

namespace {

const std::string help = std::string{R"(Give the free pages of a store back to the disk.

callboard store compact [--data DIR]

Writes a copy without free pages, verifies it, and puts it in the store's place;
the old file goes when the new one is on the disk. That takes as much room as the
content. The node must be stopped; it uses free pages again by itself, so this is
for when much has gone for good.

)"} + place_help + R"(
  callboard store compact --data /var/lib/callboard
)";

/// Whether a copy has what the original has.
bool same(const persistence::store_check& left, const persistence::store_check& right) {
  return left.good() && right.good() && left.rows == right.rows;
}

std::optional<failure> write_compact(const std::string& file, const std::string& copy) {
  const auto found = persistence::check_store(file);
  tell_faults(std::cerr, found);
  if (!found.good())
    return failure{exit_code::bad_data,
      fmt::format("{} is damaged — start the node, which sets aside what is damaged and brings the "
                  "rest over, or bring a backup back with 'callboard store restore'",
        file)};
  const auto reader = persistence::store_reader::open(file);
  if (!reader)
    return failure_of(reader.error());
  if (const auto wrong = (*reader)->copy(copy))
    return failure_of(*wrong);
  if (!same(found, persistence::check_store(copy)))
    return failure{exit_code::failed,
      fmt::format("the copy is not what {} is, so it was thrown away — look into the system's log "
                  "for faults of the disk",
        file)};
  return std::nullopt;
}

int compact_held(const persistence::directory_lock& held, const std::string& file) {
  const auto before = std::filesystem::file_size(file);
  unfinished copy{name_beside(file)};
  if (const auto wrong = write_compact(file, copy.path()))
    return tell(*wrong);
  const auto old =
    persistence::exchange_store(held, file, copy.path(), persistence::old_store::removed);
  if (!old)
    return tell(failure_of(old.error()));
  copy.finish();
  std::cerr << fmt::format(
    "{}: {} bytes before, {} after\n", file, before, std::filesystem::file_size(file));
  return exit_code::done;
}

} // namespace

int compact(const arguments& given) {
  place where;
  CLI::App parser;
  where.add_to(parser);
  if (const auto code = parse(parser, "store compact", given, help))
    return *code;
  if (const auto code = where.settle())
    return *code;
  if (const auto wrong = where.missing())
    return tell(*wrong);
  const auto held = where.take();
  return held ? compact_held(**held, where.file()) : tell(held.error());
}

} // namespace callboard::app::store
