#include "app/exit_code.hpp"
#include "tests/app/program.hpp"
#include "tests/app/raw_client.hpp"

#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <thread>

namespace callboard::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// A node as a process, which ctest names.
class NodeTest : public testing::Test {
protected:
  void SetUp() override {
    if (program_path().empty())
      GTEST_SKIP() << "name the program in CALLBOARD, or run this by ctest";
  }
};

/// Says who it is, and has been let in.
raw_client client(const running_node& node, std::string_view id = "one") {
  raw_client fresh{node.port()};
  fresh.say(connect_as(id));
  EXPECT_EQ(fresh.hear().substr(0, 1), "\x20");
  return fresh;
}

TEST_F(NodeTest, ASecondSignalEndsItAtOnce) {
  running_node node{{"--stop-timeout", "30000"}};
  ASSERT_NE(node.port(), "");
  const auto idle = client(node);
  node.process().signal(SIGTERM);
  ASSERT_TRUE(node.process().says("stopping"));
  std::this_thread::sleep_for(300ms);
  const auto before = std::chrono::steady_clock::now();
  node.process().signal(SIGTERM);
  EXPECT_EQ(node.process().end().code, 128 + SIGTERM);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST_F(NodeTest, TwoSignalsAtOnceAreOneRequest) {
  running_node node{{"--stop-timeout", "500"}};
  ASSERT_NE(node.port(), "");
  const auto idle = client(node);
  node.process().signal(SIGTERM);
  ASSERT_TRUE(node.process().says("stopping"));
  node.process().signal(SIGTERM);
  EXPECT_EQ(node.process().end().code, exit_code::done);
}

} // namespace
} // namespace callboard::app
