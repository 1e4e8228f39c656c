#include "protocol/topics/level_text.hpp"

#include "protocol/topics/level_hash.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace callboard::protocol {

TEST(LevelText, HoldsTextsOfAnyLength) {
  for (const std::size_t size : {0, 1, 9, 10, 11, 12, 100, 65'535}) {
    const std::string text(size, 'x');
    const level_text level{text};
    EXPECT_EQ(level.view(), text);
    EXPECT_TRUE(level == text);
    EXPECT_FALSE(level == text + "x");
    EXPECT_EQ(level.heap_bytes(), size > 10 ? size : 0);
  }
}

TEST(LevelText, TellsTextsOfOneLengthApart) {
  EXPECT_FALSE(level_text{"stage"} == "stagf");
  EXPECT_FALSE(level_text{"a level of some length"} == "a level of some lengtH");
}

TEST(LevelText, MovesWithItsText) {
  for (const std::string text : {"short", "a level of some length"}) {
    level_text from{text};
    level_text to{std::move(from)};
    EXPECT_EQ(to.view(), text);
    level_text other{"another level of some length"};
    other = std::move(to);
    EXPECT_EQ(other.view(), text);
  }
}

TEST(LevelText, TakesTwelveBytes) {
  EXPECT_EQ(sizeof(level_text), 12U);
}

TEST(LevelHash, DependsOnEveryByteAndOnTheSeed) {
  std::set<std::uint64_t> hashes;
  std::size_t texts = 0;
  for (std::size_t size = 0; size != 70; ++size)
    for (std::size_t changed = 0; changed <= size; ++changed) {
      std::string text(size, 'a');
      if (changed != size)
        text[changed] = 'b';
      hashes.insert(hash_level(text, 1));
      ++texts;
    }
  EXPECT_EQ(hashes.size(), texts);
  EXPECT_NE(hash_level("stage", 1), hash_level("stage", 2));
}

} // namespace callboard::protocol
