#include "app/command_line.hpp"
#include "app/store/dumped.hpp"
#include "app/store/place.hpp"
#include "app/store/unfinished.hpp"
#include "app/store/verbs.hpp"
#include "persistence/lmdb_store.hpp"
#include "persistence/store_reader.hpp"
#include "protocol/codec/utf8.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <system_error>

namespace callboard::app::store {

namespace {

const std::string help = std::string{R"(Print all of a store, one JSON object a line.

callboard store dump [FILE] [--filter FILTER] [--data DIR]

"kind" is session (with its subscriptions, what is in flight, and its queue),
retained, or share (what a share group has). Payloads that are no text stand in
payload_base64. Reads a copy that it makes beside the store, so a node may run,
and removes it; ends with 65 if something could not be read.

  FILE             a backup, or a file that was set aside, instead of the store
  --filter FILTER  only messages on topics that this topic filter matches, and
                   subscriptions that can get such messages; only sessions that
                   have one or the other, without the rest of what they have
)"} + place_help + R"(
  callboard store dump | jq -r 'select(.kind == "session") | .client_id'
  callboard store dump --filter 'hall/#' --data /var/lib/callboard
)";

namespace fs = std::filesystem;

struct dump_request {
  std::string file;
  bool in_use = false; // a node may write it
  selection what;
};

persistence::clock_reading now() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

/// A file that nobody writes may be damaged, and is copied as it is; so is one that
/// LMDB cannot read, as then no node runs on it.
std::optional<failure> copy_to(
  const std::string& directory, const dump_request& asked, const place& where) {
  std::error_code wrong;
  fs::create_directory(directory, wrong);
  const auto copy = directory + "/store.mdb";
  if (!wrong && asked.in_use) {
    const auto reader = persistence::store_reader::open(asked.file);
    const auto failed = reader ? (*reader)->copy(copy) : reader.error();
    if (!failed)
      return std::nullopt;
    const auto held = where.take();
    if (!held)
      return failure_of(*failed);
    fs::remove(copy, wrong);
  }
  if (!wrong)
    fs::copy_file(asked.file, copy, wrong);
  if (!wrong)
    return std::nullopt;
  return failure{exit_code::failed,
    fmt::format("cannot copy {} to {}: {} — make room there, or dump a backup in another place",
      asked.file, directory, wrong.message())};
}

int print(
  persistence::lmdb_store& store, const selection& what, const persistence::clock_reading& clock) {
  std::ios::sync_with_stdio(false);
  const auto damaged = store.damaged_records();
  if (const auto failed = write_dump(std::cout, store, what, clock))
    return tell(failure_of(*failed));
  if (!std::cout.flush())
    return tell({exit_code::failed, "cannot write to stdout — is the disk full?"});
  for (const auto& loss : store.report().losses)
    std::cerr << "damaged: " << loss << '\n';
  if (store.report().losses.empty() && store.damaged_records() == damaged)
    return exit_code::done;
  return tell({exit_code::bad_data,
    "the store is damaged, and what cannot be read is missing here — see 'callboard store check'"});
}

/// Nothing is left of the copy as soon as it is open.
int dump_copy(const dump_request& asked, const place& where) {
  const auto clock = now();
  unfinished copy{name_beside(asked.file)};
  if (const auto wrong = copy_to(copy.path(), asked, where))
    return tell(*wrong);
  const auto store = persistence::lmdb_store::open(
    {.directory = copy.path(), .safe_from = persistence::durability::os, .clock = clock});
  std::error_code ignored;
  fs::remove_all(copy.path(), ignored);
  return store ? print(**store, asked.what, clock) : tell(failure_of(store.error()));
}

} // namespace

int dump(const arguments& given) {
  place where;
  dump_request asked;
  std::optional<std::string> filter;
  CLI::App parser;
  where.add_to(parser);
  parser.add_option("file", asked.file);
  parser.add_option("--filter", filter);
  if (const auto code = parse(parser, "store dump", given, help))
    return *code;
  if (filter && (!protocol::valid_utf8(*filter) || !protocol::valid_topic_filter(*filter)))
    return refuse_usage("store dump", fmt::format("'{}' is no topic filter", *filter),
      "'+' stands for a whole level, '#' for the last ones");
  if (filter)
    asked.what = selection{*filter};
  if (!asked.file.empty() && !fs::is_regular_file(asked.file))
    return tell({exit_code::failed, fmt::format("{} is no file", asked.file)});
  if (!asked.file.empty())
    return dump_copy(asked, where);
  if (const auto code = where.settle())
    return *code;
  if (const auto wrong = where.missing())
    return tell(*wrong);
  asked.file = where.file();
  asked.in_use = true;
  return dump_copy(asked, where);
}

} // namespace callboard::app::store
