#pragma once

#include "persistence/lmdb_store.hpp"
#include "persistence/memory_store.hpp"

#include "tests/persistence/setting.hpp"
#include "tests/persistence/temporary_directory.hpp"
#include "tests/power_cut/difference.hpp"
#include "tests/power_cut/file_layer.hpp"
#include "tests/power_cut/history.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>

namespace callboard::persistence {

inline std::uint32_t any_seed() {
  return setting("CALLBOARD_SEED", std::random_device{}());
}

/// A small journal, so that commits fold; the same time whenever it is opened.
inline lmdb_options options_of_a_store_in(std::string directory) {
  lmdb_options options;
  options.directory = std::move(directory);
  options.journal_bytes = 30'000;
  options.clock = {
    protocol::start, std::chrono::system_clock::time_point{std::chrono::hours{500'000}}};
  return options;
}

/// A store on disk under the layer, and what it should have. Whatever fails is done
/// again, as the KEEPER does, as long as faults are to be expected.
class store_stage {
public:
  store_stage() : options{options_of_a_store_in(directory_.path())} {}

  file_layer& layer() { return layer_; }
  memory_store& wanted() { return wanted_; }
  lmdb_store* kept() { return kept_.get(); }
  const std::string& directory() const { return directory_.path(); }
  std::string file() const { return directory() + "/store.mdb"; }

  /// Empty: it is open.
  store_result open() {
    kept_.reset();
    auto opened = lmdb_store::open(options);
    if (!opened)
      return opened.error();
    kept_ = *std::move(opened);
    return std::nullopt;
  }

  /// Commits once; what is told to last is wanted.
  store_result try_commit(const batch& changes) {
    return kept_->commit(changes, durability::disk, [&] {
      layer_.mark(commit_lasts{});
      wanted_.commit(changes, durability::disk);
    });
  }

  /// Empty: it is done. Otherwise what went wrong, so often that it is a fault.
  std::string play(const history_step& step) {
    switch (step.what) {
    case history_step::kind::commits: {
      layer_.mark(commit_begun{});
      return until_done([&] { return try_commit(step.changes); });
    }
    case history_step::kind::folds:
      return until_done([&]() -> store_result {
        auto more = kept_->fold(step.rows);
        return more ? store_result{} : more.error();
      });
    default:
      return until_done([&] { return open(); });
    }
  }

private:
  temporary_directory directory_;

public:
  /// What it is opened with.
  lmdb_options options;

private:
  template <class Work>
  static std::string until_done(Work work) {
    store_result failed;
    for (int tries = 0; tries < 40; ++tries) {
      failed = work();
      if (!failed)
        return {};
    }
    return failed->text;
  }

  file_layer layer_{directory_.path()};
  memory_store wanted_;
  std::unique_ptr<lmdb_store> kept_;
};

} // namespace callboard::persistence
