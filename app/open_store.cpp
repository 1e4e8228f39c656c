#include "app/open_store.hpp"

#include "actors/transient_topics.hpp"
#include "persistence/lmdb_store.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace callboard::app {

namespace {

using steady_clock = std::chrono::steady_clock;

persistence::lmdb_options options_of(const actors::settings& settings) {
  persistence::lmdb_options options;
  options.directory = settings.data;
  options.safe_from = actors::how_commits_last(settings);
  options.clock = {steady_clock::now(), std::chrono::system_clock::now()};
  return options;
}

void say_what_was_found(const persistence::opening_report& report, steady_clock::duration time) {
  spdlog::info("store opened in {} ms: {} journal records read",
    std::chrono::duration_cast<std::chrono::milliseconds>(time).count(), report.replayed);
  for (const auto& loss : report.losses)
    spdlog::error("the store was damaged: {}", loss);
}

} // namespace

std::optional<std::unique_ptr<persistence::store>> open_store(const actors::settings& settings) {
  if (!settings.keeps())
    return nullptr;
  const auto begin = steady_clock::now();
  auto store = persistence::lmdb_store::open(options_of(settings));
  if (!store) {
    spdlog::error("no store in {}: {}", settings.data, store.error().text);
    return std::nullopt;
  }
  say_what_was_found((*store)->report(), steady_clock::now() - begin);
  return std::move(*store);
}

} // namespace callboard::app
