#include "app/wrap.hpp"

#include <gtest/gtest.h>

namespace callboard::app {
namespace {

TEST(Wrap, BreaksBetweenWordsAndKeepsTheMargin) {
  EXPECT_EQ(wrap("one two three", "# ", 9), "# one two\n# three\n");
}

TEST(Wrap, LeavesAWordWholeThatIsTooLong) {
  EXPECT_EQ(wrap("a immeasurable b", "", 5), "a\nimmeasurable\nb\n");
}

TEST(Wrap, MakesNoLineOfNothing) {
  EXPECT_EQ(wrap("", "# "), "");
}

} // namespace
} // namespace callboard::app
