#pragma once

#include "persistence/lmdb_store.hpp"

#include "tests/persistence/temporary_directory.hpp"
#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace callboard::persistence {

/// Where a store on disk lies, for as long as the test lasts.
class lmdb_place {
public:
  lmdb_place() { open(); }

  lmdb_store& store() { return *store_; }

  /// As after kill -9: nothing is done for the end.
  void reopen() {
    store_.reset();
    open();
  }

  void close() { store_.reset(); }

  /// A little at a time, until there is nothing left to fold.
  void fold_all() {
    auto more = store_->fold(7);
    while (more && *more)
      more = store_->fold(7);
    ASSERT_TRUE(more) << more.error().text;
  }

  /// What the next opening is done with.
  lmdb_options options{.directory = {},
    .safe_from = durability::os,
    .clock = {protocol::start, std::chrono::system_clock::time_point{std::chrono::hours{500'000}}}};

  const std::string& directory() const { return directory_.path(); }

private:
  void open() {
    options.directory = directory_.path();
    auto opened = lmdb_store::open(options);
    ASSERT_TRUE(opened) << opened.error().text;
    store_ = *std::move(opened);
  }

  temporary_directory directory_;
  std::unique_ptr<lmdb_store> store_;
};

} // namespace callboard::persistence
