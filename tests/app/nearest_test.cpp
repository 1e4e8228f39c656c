#include "app/nearest.hpp"

#include <gtest/gtest.h>

namespace callboard::app {
namespace {

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("nod", {"pub", "node", "sub"}), "node");
  EXPECT_EQ(nearest("recieve_maximum", {"queue_maximum", "receive_maximum"}), "receive_maximum");
  EXPECT_EQ(nearest("node", {"mode", "node"}), "node");
}

TEST(Nearest, IsSilentIfNothingIsNear) {
  EXPECT_EQ(nearest("frobnicate", {"node", "pub", "sub"}), "");
  EXPECT_EQ(nearest("", {"node"}), "");
  EXPECT_EQ(nearest("node", {}), "");
}

} // namespace
} // namespace callboard::app
