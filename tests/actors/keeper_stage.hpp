#pragma once

#include "tests/actors/disk.hpp"
#include "tests/actors/playhouse.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace callboard::testing {

/// A node of two units with a store. Its KEEPER, which has a third one, moves only when
/// the test says so. Tests of what survives derive from it.
class keeper_stage : public ::testing::Test {
protected:
  explicit keeper_stage(actors::settings rules = {}) { begin_with(std::move(rules)); }

  /// Another node on the same disk.
  void begin_with(actors::settings rules) {
    house.reset();
    house =
      std::make_unique<playhouse>(2, std::move(rules), 1, std::make_unique<store_on_disk>(medium));
  }

  /// Everything but the KEEPER.
  void play_without_keeper() {
    std::size_t turns = 1;
    while (turns > 0) {
      turns = 0;
      for (std::size_t i = 0; i < 2; ++i)
        turns += house->node().units()[i]->step();
    }
  }

  /// The node is gone in this moment, and begins again with what is on the disk.
  void crash() {
    medium.is_gone = true;
    house->end();
    medium.is_gone = false;
    house->begin(std::make_unique<store_on_disk>(medium));
  }

  disk medium;
  std::unique_ptr<playhouse> house;
};

} // namespace callboard::testing
