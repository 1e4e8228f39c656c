#include "app/exit_code.hpp"
#include "tests/app/program.hpp"
#include "tests/app/raw_client.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace callboard::app {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
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

/// Has programs start with a soft limit of open files.
class soft_limit {
public:
  explicit soft_limit(rlim_t files) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit fewer{files, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &fewer);
  }
  soft_limit(const soft_limit&) = delete;
  soft_limit& operator=(const soft_limit&) = delete;
  ~soft_limit() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

std::size_t times(std::string_view part, const std::string& text) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST_F(NodeTest, ServesMoreClientsThanTheSoftLimitOfFiles) {
  std::optional<running_node> node;
  {
    const soft_limit few{256};
    node.emplace();
  }
  ASSERT_NE(node->port(), "");
  EXPECT_TRUE(node->process().says(" open files, 256 at start"));
  std::vector<raw_client> clients;
  for (int i = 0; i < 300 && !HasFailure(); ++i)
    clients.push_back(client(*node, std::to_string(i)));
}

TEST_F(NodeTest, SaysThatNoDescriptorsAreLeftAndGoesOnWhenThereAre) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "UBSan looks at memory by way of a pipe, and there is no descriptor for one";
#endif
  running_node node;
  ASSERT_NE(node.port(), "");
  const rlimit few{40, 40};
  ASSERT_EQ(prlimit(node.process().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  std::vector<raw_client> clients;
  for (int i = 0; i < 60; ++i)
    clients.emplace_back(node.port()).say(connect_as(std::to_string(i)));
  ASSERT_TRUE(node.process().says("no file descriptors are left"));
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(clients.back().hear(0ms), "");
  EXPECT_THAT(times("no file descriptors are left", node.process().errors()),
    testing::AllOf(testing::Ge(2), testing::Le(3)));
  clients.erase(clients.begin(), clients.begin() + 50);
  EXPECT_EQ(clients.back().hear().substr(0, 1), "\x20");
}

TEST_F(NodeTest, SaysAtFirstWhatRuns) {
  running_node node{{"--name", "n1", "--units", "1"}};
  ASSERT_NE(node.port(), "");
  ASSERT_TRUE(node.process().says("open files"));
  const auto said = node.process().errors();
  EXPECT_THAT(said, ContainsRegex("callboard [0-9.]+: node n1 with 1 unit.s., in memory only"));
  EXPECT_THAT(said, HasSubstr("listening on 127.0.0.1:" + node.port()));
}

TEST_F(NodeTest, SaysWhetherAnythingSurvives) {
  for (const std::string kept : {"disk", "os", "memory"}) {
    const auto data = std::filesystem::temp_directory_path() / ("callboard-node-test-" + kept);
    std::filesystem::remove_all(data);
    running_node node{{"--ephemeral=false", "--data", data.string(), "--durability", kept}};
    ASSERT_NE(node.port(), "");
    ASSERT_TRUE(node.process().says("open files"));
    const auto said = kept == "memory" ? "in memory only" : "durability " + kept;
    EXPECT_THAT(node.process().errors(), HasSubstr(said));
    EXPECT_EQ(std::filesystem::exists(data), kept != "memory");
    std::filesystem::remove_all(data);
  }
}

TEST_F(NodeTest, SaysAtDebugWhoComesAndGoesAndWhy) {
  running_node node{{"--log-level", "debug"}};
  ASSERT_NE(node.port(), "");
  auto polite = client(node, "polite");
  polite.say({"\xE0\0", 2});
  EXPECT_TRUE(node.process().says("client \"polite\" left: normal disconnection"));
  EXPECT_THAT(node.process().errors(),
    ContainsRegex("client .polite. connected from 127.0.0.1:[0-9]+: MQTT 5.0, clean start 1, "
                  "keep alive 60 s"));
  client(node, "rude").close();
  EXPECT_TRUE(node.process().says("client \"rude\" lost: its connection broke"));
  auto wrong = client(node, "wrong");
  wrong.say(connect_as("wrong")); // MQTT5-3.1.0-2
  EXPECT_TRUE(node.process().says("client \"wrong\" sent away: protocol error: "));
  const auto old = client(node, "twice");
  const auto fresh = client(node, "twice");
  EXPECT_TRUE(node.process().says("client \"twice\" sent away: session taken over"));
  raw_client stranger{node.port()};
  stranger.say({"\xC0\0", 2}); // PINGREQ
  EXPECT_TRUE(node.process().says("refused: protocol error: the first packet is not CONNECT"));
}

TEST_F(NodeTest, SaysNothingOfClientsOtherwise) {
  running_node node;
  ASSERT_NE(node.port(), "");
  client(node, "one").close();
  node.process().signal(SIGTERM);
  EXPECT_THAT(node.process().end().errors, Not(HasSubstr("client \"")));
}

TEST_F(NodeTest, WarnsOfDroppedMessagesOnceASecond) {
  running_node node{{"--retained-maximum-messages", "1"}};
  ASSERT_NE(node.port(), "");
  auto one = client(node);
  for (char topic = 'a'; topic < 'h'; ++topic)
    one.say(std::string{"\x31\5\0\1", 4} + topic + std::string{"\0x", 2});
  ASSERT_TRUE(node.process().says("retained messages dropped"));
  one.say({"\x31\5\0\1z\0x", 7});
  one.say({"\x31\5\0\1y\0x", 7});
  std::this_thread::sleep_for(1300ms);
  node.process().signal(SIGTERM);
  const auto said = node.process().end().errors;
  EXPECT_LE(times("retained messages dropped", said), 2U);
  EXPECT_THAT(said, HasSubstr("dropped_retained_full=8"));
}

TEST_F(NodeTest, ReportsOnSigusr1) {
  running_node node;
  ASSERT_NE(node.port(), "");
  const auto one = client(node);
  node.process().signal(SIGUSR1);
  EXPECT_TRUE(node.process().says("report: clients=1 clients_away=0 "));
  node.process().signal(SIGUSR1);
  node.process().signal(SIGTERM);
  EXPECT_EQ(node.process().end().code, exit_code::done);
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
