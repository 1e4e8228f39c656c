#include "tests/app/program.hpp"

#include "app/exit_code.hpp"
#include "app/options.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace callboard::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Needs the program itself, which ctest names.
class ProgramTest : public testing::Test {
protected:
  void SetUp() override {
    if (program_path().empty())
      GTEST_SKIP() << "name the program in CALLBOARD, or run this by ctest";
  }
};

TEST_F(ProgramTest, SaysWithoutArgumentsHowToBegin) {
  const auto [code, output, errors] = run_program({});
  EXPECT_EQ(code, exit_code::done);
  EXPECT_THAT(output, HasSubstr("callboard node"));
  EXPECT_LE(std::count(output.begin(), output.end(), '\n'), 10);
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(ProgramTest, SuggestsTheVerbThatWasMeant) {
  const auto [code, output, errors] = run_program({"nod"});
  EXPECT_EQ(code, exit_code::usage);
  EXPECT_THAT(errors, HasSubstr("did you mean node?"));
  EXPECT_THAT(output, IsEmpty());
}

TEST_F(ProgramTest, SaysItsVersion) {
  EXPECT_THAT(run_program({"version"}).output, testing::MatchesRegex("callboard [0-9.]+\n"));
  EXPECT_EQ(run_program({"--version"}).output, run_program({"version"}).output);
}

TEST_F(ProgramTest, HelpOfNodeListsEveryKey) {
  const auto [code, output, errors] = run_program({"node", "--help"});
  EXPECT_EQ(code, exit_code::done);
  for (const auto key : option_keys())
    EXPECT_THAT(output, HasSubstr("\n  " + std::string{key} + " = "));
}

TEST_F(ProgramTest, HelpOfPubAndSubIsHelpThoughMinusHIsTheHost) {
  for (const auto* verb : {"pub", "sub"}) {
    const auto [code, output, errors] = run_program({verb, "--help"});
    EXPECT_EQ(code, exit_code::done);
    EXPECT_THAT(output, HasSubstr("-h,--host"));
  }
}

TEST_F(ProgramTest, PrintsAConfigurationThatItReads) {
  const auto path = testing::TempDir() + "callboard-printed.toml";
  const auto printed = run_program({"node", "--print-config", "--units", "3"}).output;
  std::ofstream{path} << printed;
  EXPECT_EQ(run_program({"node", "--config", path, "--print-config"}).output, printed);
  std::filesystem::remove(path);
}

TEST_F(ProgramTest, AnUnknownKeyEndsItWithPlaceAndAdvice) {
  const auto path = testing::TempDir() + "callboard-unknown.toml";
  std::ofstream{path} << "units = 1\nrecieve_maximum = 3\n";
  const auto [code, output, errors] = run_program({"node", "--config", path});
  EXPECT_EQ(code, exit_code::bad_configuration);
  EXPECT_THAT(errors, AllOf(StartsWith("error: " + path + ":2:1: unknown key recieve_maximum"),
                        HasSubstr("did you mean receive_maximum?")));
  std::filesystem::remove(path);
}

TEST_F(ProgramTest, AValueOutOfRangeEndsIt) {
  const auto [code, output, errors] = run_program({"node", "--set", "maximum_qos=3"});
  EXPECT_EQ(code, exit_code::bad_configuration);
  EXPECT_THAT(errors, HasSubstr("error: --set maximum_qos: 3 is out of range"));
}

TEST_F(ProgramTest, AFileThatCannotBeReadEndsIt) {
  const auto [code, output, errors] = run_program({"node", "--config", "/nowhere/node.toml"});
  EXPECT_EQ(code, exit_code::bad_configuration);
  EXPECT_THAT(errors, HasSubstr("/nowhere/node.toml: cannot be read"));
}

TEST_F(ProgramTest, ListeningToOtherMachinesByAccidentEndsIt) {
  const auto [code, output, errors] = run_program({"node", "--mqtt", "0.0.0.0:0"});
  EXPECT_EQ(code, exit_code::bad_configuration);
  EXPECT_THAT(errors, HasSubstr("allow_anonymous = true"));
}

TEST_F(ProgramTest, TellsAllFaultsAtOnce) {
  const auto errors =
    run_program({"node", "--set", "a=1", "--set", "b=2", "--units", "x", "--mqtt", "y"}).errors;
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 4);
}

TEST_F(ProgramTest, AnUnknownFlagIsAMistakeInUsage) {
  EXPECT_EQ(run_program({"node", "--unitz", "3"}).code, exit_code::usage);
  EXPECT_EQ(run_program({"pub", "--topik", "t"}).code, exit_code::usage);
}

TEST_F(ProgramTest, HelpTakesAVerb) {
  EXPECT_EQ(run_program({"help", "node"}).output, run_program({"node", "--help"}).output);
  EXPECT_EQ(run_program({"help", "sub"}).output, run_program({"sub", "--help"}).output);
  EXPECT_EQ(run_program({"help", "nod"}).code, exit_code::usage);
  EXPECT_EQ(run_program({"help", "help"}).output, run_program({"help"}).output);
}

TEST_F(ProgramTest, SaysInItsOwnWordsWhatIsWrongWithAFlag) {
  const auto said = [](const std::vector<std::string>& words) { return run_program(words).errors; };
  EXPECT_THAT(said({"node", "--config", "a", "--config", "b"}),
    StartsWith("error: --config is given more than once — "));
  EXPECT_THAT(said({"node", "--config"}), StartsWith("error: --config wants a value — "));
  EXPECT_THAT(said({"node", "--print-config=maybe"}),
    StartsWith("error: --print-config does not take 'maybe' — "));
  EXPECT_THAT(
    said({"sub", "-t", "a", "-C", "-1"}), HasSubstr("-C: Value -1 not in range 1 to 4294967295"));
}

TEST_F(ProgramTest, SaysWhatToDoAboutAnAddressThatItDoesNotGet) {
  const auto said = [](const std::string& place) {
    return run_program({"node", "--ephemeral", "--allow-anonymous", "--mqtt", place}).errors;
  };
  EXPECT_THAT(said("192.0.2.1:0"), AllOf(HasSubstr("this machine has no such address"),
                                     testing::Not(HasSubstr("free the address"))));
}

TEST_F(ProgramTest, APortInUseEndsItWithTheAddress) {
  running_node first;
  ASSERT_NE(first.port(), "");
  const auto place = "127.0.0.1:" + first.port();
  const auto [code, output, errors] = run_program({"node", "--ephemeral", "--mqtt", place});
  EXPECT_EQ(code, exit_code::unreachable);
  EXPECT_THAT(errors, HasSubstr(place));
}

TEST_F(ProgramTest, ANodeStopsWhenItIsToldTo) {
  for (const auto number : {SIGTERM, SIGINT}) {
    running_node node;
    ASSERT_NE(node.port(), "");
    node.process().signal(number);
    EXPECT_EQ(node.process().end().code, exit_code::done);
  }
}

TEST_F(ProgramTest, TheLogGoesToStderrAndTheAddressToStdout) {
  running_node node;
  ASSERT_NE(node.port(), "");
  node.process().signal(SIGTERM);
  const auto [code, output, errors] = node.process().end();
  EXPECT_EQ(output, "listening mqtt 127.0.0.1:" + node.port() + "\n");
  EXPECT_THAT(errors, HasSubstr(" info "));
}

} // namespace
} // namespace callboard::app
