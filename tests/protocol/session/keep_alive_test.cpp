#include "protocol/session/keep_alive.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace callboard::protocol {

namespace {

using namespace std::chrono_literals;

TEST(KeepAlive, EndsAfterOneAndAHalfTimes_MQTT5_3_1_2_22_E41) {
  const keep_alive watch{1, start};
  EXPECT_EQ(watch.deadline(), start + 1'500ms);
  EXPECT_FALSE(watch.due(start + 1'499ms));
  EXPECT_TRUE(watch.due(start + 1'500ms));
}

TEST(KeepAlive, StartsAnewWithEachPacket) {
  keep_alive watch{10, start};
  watch.touched(start + 14s);
  EXPECT_FALSE(watch.due(start + 15s));
  EXPECT_EQ(watch.deadline(), start + 29s);
}

TEST(KeepAlive, NeverEndsWithZero_E42) {
  const keep_alive watch{0, start};
  EXPECT_EQ(watch.deadline(), never);
  EXPECT_FALSE(watch.due(start + 24h * 365));
}

TEST(KeepAlive, KnowsTheLongestOne) {
  const keep_alive watch{65'535, start};
  EXPECT_EQ(watch.deadline(), start + 98'302'500ms);
}

} // namespace

} // namespace callboard::protocol
