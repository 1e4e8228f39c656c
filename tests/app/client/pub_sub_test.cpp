#include "tests/app/program.hpp"

#include "app/exit_code.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace callboard::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using words = std::vector<std::string>;

/// pub and sub at a node of their own.
class PubSubTest : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    if (program_path().empty())
      GTEST_SKIP() << "name the program in CALLBOARD, or run this by ctest";
    node_ = std::make_unique<running_node>();
    ASSERT_NE(node_->port(), "");
  }

  words with_broker(std::string verb, const words& flags) const {
    words all{std::move(verb), "-h", "127.0.0.1", "-p", node_->port(), "-V", version_};
    all.insert(all.end(), flags.begin(), flags.end());
    return all;
  }

  ending pub(const words& flags, std::string_view input = {}) const {
    return run_program(with_broker("pub", flags), input);
  }
  ending sub(const words& flags) const { return run_program(with_broker("sub", flags)); }

  /// A `sub` that has subscribed.
  std::unique_ptr<program> subscribed(words flags) const {
    flags.insert(flags.end(), {"-d", "-W", "20"});
    auto started = std::make_unique<program>(with_broker("sub", flags));
    EXPECT_TRUE(started->says("received SUBACK")) << started->errors();
    return started;
  }

  std::string version_ = "5";
  std::unique_ptr<running_node> node_;
};

/// The same for every version.
class PubSubOfEachVersionTest : public PubSubTest {
protected:
  void SetUp() override {
    version_ = GetParam();
    PubSubTest::SetUp();
  }
};

INSTANTIATE_TEST_SUITE_P(Version, PubSubOfEachVersionTest, testing::Values("31", "311", "5"),
  [](const auto& one) { return std::string{one.param}; });
INSTANTIATE_TEST_SUITE_P(Version, PubSubTest, testing::Values("5"));

TEST_P(PubSubOfEachVersionTest, WhatIsPublishedArrivesAtEachQos) {
  for (const auto* qos : {"0", "1", "2"}) {
    const auto hearing = subscribed({"-t", "hall/#", "-q", qos, "-C", "4", "-F", "%t %p %q"});
    EXPECT_EQ(pub({"-t", "hall/door", "-m", "open", "-q", qos}).code, exit_code::done);
    EXPECT_EQ(pub({"-t", "hall/lines", "-l", "-q", qos}, "one\ntwo\n").code, exit_code::done);
    EXPECT_EQ(pub({"-t", "hall/all", "-s", "-q", qos}, "one\ntwo").code, exit_code::done);
    const auto [code, output, errors] = hearing->end();
    EXPECT_EQ(code, exit_code::done) << errors;
    const std::string q = " " + std::string{qos} + "\n";
    EXPECT_EQ(output,
      "hall/door open" + q + "hall/lines one" + q + "hall/lines two" + q + "hall/all one\ntwo" + q);
  }
}

TEST_P(PubSubOfEachVersionTest, ASessionThatStaysKeepsWhatWasNotTaken) {
  const words session{"-i", "reader", "-c", "-t", "news/#", "-q", "2"};
  auto subscribing = session;
  subscribing.emplace_back("-E");
  EXPECT_EQ(sub(subscribing).code, exit_code::done);
  EXPECT_EQ(pub({"-t", "news/1", "-l", "-q", "2"}, "one\ntwo\nthree\n").code, exit_code::done);
  auto taking = session;
  taking.insert(taking.end(), {"-W", "20", "-C", "1"});
  for (const auto* expected : {"one\n", "two\n", "three\n"})
    EXPECT_EQ(sub(taking).output, expected);
}

TEST_P(PubSubOfEachVersionTest, ARetainedMessageIsSentAndCleared) {
  EXPECT_EQ(pub({"-t", "kept", "-m", "x", "-r", "-q", "1"}).code, exit_code::done);
  EXPECT_EQ(sub({"-t", "kept", "-C", "1", "-W", "20", "-v"}).output, "kept x\n");
  EXPECT_EQ(pub({"-t", "kept", "-n", "-r", "-q", "1"}).code, exit_code::done);
  EXPECT_EQ(sub({"-t", "kept", "-C", "1", "-W", "0.2"}).code, exit_code::timed_out);
}

TEST_P(PubSubOfEachVersionTest, TheWillIsPublishedWhenTheClientIsKilled) {
  const auto hearing = subscribed({"-t", "will", "-C", "1"});
  const auto dying = subscribed({"-t", "x", "--will-topic", "will", "--will-payload", "gone"});
  dying->signal(SIGKILL);
  EXPECT_EQ(hearing->end().output, "gone\n");
}

TEST_P(PubSubTest, PropertiesArrive) {
  const auto hearing = subscribed({"-t", "a", "-C", "1", "-F", "%C %D %R %P %S %p", "-D",
    "subscribe", "subscription-identifier", "7"});
  EXPECT_EQ(pub({"-t", "a", "-m", "x", "-D", "publish", "content-type", "text", "-D", "publish",
                  "correlation-data", "id", "-D", "publish", "response-topic", "r/t", "-D",
                  "publish", "user-property", "k", "v", "-D", "publish", "topic-alias", "1"})
              .code,
    exit_code::done);
  EXPECT_EQ(hearing->end().output, "text id r/t k:v 7 x\n");
}

TEST_P(PubSubTest, AFileArrivesByteByByte) {
  std::string content;
  for (auto i = 0; i < 1'000'000; ++i)
    content += static_cast<char>(i % 251);
  const auto path = testing::TempDir() + "callboard-payload";
  std::ofstream{path, std::ios::binary} << content;
  const auto hearing = subscribed({"-t", "file", "-C", "1", "-N", "-q", "1"});
  EXPECT_EQ(pub({"-t", "file", "-f", path, "-q", "1"}).code, exit_code::done);
  EXPECT_TRUE(hearing->end().output == content);
  std::filesystem::remove(path);
}

TEST_P(PubSubTest, RepeatsAMessage) {
  const auto hearing = subscribed({"-t", "r", "-C", "3"});
  EXPECT_EQ(
    pub({"-t", "r", "-m", "x", "--repeat", "3", "--repeat-delay", "0.01"}).code, exit_code::done);
  EXPECT_EQ(hearing->end().output, "x\nx\nx\n");
}

TEST_P(PubSubTest, WhatIsFilteredOutIsNotPrintedNorCounted) {
  const auto hearing = subscribed({"-t", "f/#", "-T", "f/no/#", "-C", "1"});
  EXPECT_EQ(pub({"-t", "f/no", "-m", "no"}).code, exit_code::done);
  EXPECT_EQ(pub({"-t", "f/yes", "-m", "yes"}).code, exit_code::done);
  EXPECT_EQ(hearing->end().output, "yes\n");
}

TEST_P(PubSubTest, WaitingEndsWithItsOwnExitCode) {
  const auto [code, output, errors] = sub({"-t", "a", "-W", "0.1"});
  EXPECT_EQ(code, exit_code::timed_out);
  EXPECT_THAT(errors, HasSubstr("timed out"));
}

TEST_P(PubSubTest, CtrlCEndsItQuietly) {
  const auto hearing = subscribed({"-t", "a"});
  hearing->signal(SIGINT);
  const auto [code, output, errors] = hearing->end();
  EXPECT_EQ(code, exit_code::interrupted);
  EXPECT_THAT(errors, testing::Not(HasSubstr("error")));
  EXPECT_THAT(errors, HasSubstr("sent DISCONNECT"));
}

TEST_P(PubSubTest, ANodeThatStopsSaysGoodbye) {
  const auto hearing = subscribed({"-t", "a"});
  node_->process().signal(SIGTERM);
  const auto [code, output, errors] = hearing->end();
  EXPECT_EQ(code, exit_code::try_again);
  EXPECT_THAT(errors, HasSubstr("server shutting down"));
}

TEST_P(PubSubTest, ABrokerThatIsNotThereIsUnreachable) {
  const auto port = node_->port();
  node_->process().signal(SIGTERM);
  node_->process().end();
  const auto [code, output, errors] = pub({"-t", "a", "-m", "x"});
  EXPECT_EQ(code, exit_code::unreachable);
  EXPECT_THAT(errors, HasSubstr("cannot connect to 127.0.0.1 port " + port));
}

TEST_P(PubSubTest, MistakesInUsageAreToldBeforeConnecting) {
  for (const auto& flags : {words{"-m", "x"}, words{"-t", "a"}, words{"-t", "a", "-m", "x", "-n"},
         words{"-t", "a/#", "-m", "x"}, words{"-t", "a", "-m", "x", "-q", "3"},
         words{"-t", "a", "-m", "x", "-c"}, words{"-t", "a", "-l", "--repeat", "2"},
         words{"-t", "a", "-m", "x", "-D", "publish", "colour", "red"}}) {
    const auto [code, output, errors] = pub(flags);
    EXPECT_EQ(code, exit_code::usage) << errors;
    EXPECT_THAT(errors, HasSubstr(" — "));
    EXPECT_THAT(output, IsEmpty());
  }
  EXPECT_EQ(sub({}).code, exit_code::usage);
  EXPECT_EQ(sub({"-t", "a/#/b"}).code, exit_code::usage);
  EXPECT_EQ(sub({"-t", "a", "-F", "%z"}).code, exit_code::usage);
}

TEST_P(PubSubTest, AFileThatCannotBeReadIsBadData) {
  EXPECT_EQ(pub({"-t", "a", "-f", "/nowhere"}).code, exit_code::bad_data);
}

} // namespace
} // namespace callboard::app
