#include "app/node_arguments.hpp"

#include "app/exit_code.hpp"
#include "app/option_value.hpp"
#include "app/options.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace callboard::app {
namespace {

using actors::endpoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A file that is gone with the test.
class file {
public:
  explicit file(std::string_view text) { std::ofstream{path_} << text; }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

private:
  std::string path_ = testing::TempDir() + "callboard-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml";
};

configuration configured_by(const arguments& given) {
  auto [exit, request] = read_node_arguments(given);
  EXPECT_EQ(exit, std::nullopt);
  return request.configuration;
}

/// The exit code and what was said on stderr.
std::pair<std::optional<int>, std::string> refused(const arguments& given) {
  testing::internal::CaptureStderr();
  const auto code = read_node_arguments(given).exit;
  return {code, testing::internal::GetCapturedStderr()};
}

TEST(NodeArguments, EveryKeyIsAFlag) {
  for (const auto key : option_keys()) {
    const auto& one = *find_option(key);
    auto name = "--" + std::string{key};
    std::replace(name.begin(), name.end(), '_', '-');
    const auto assigned = name + (is_table(one) ? "=group=" : "=") + std::string{one.example};
    EXPECT_NE(to_toml(configured_by({assigned}).settings, one), to_toml({}, one)) << assigned;
  }
}

TEST(NodeArguments, ASwitchAloneMeansTrue) {
  EXPECT_TRUE(configured_by({"--ephemeral", "--units", "2"}).settings.ephemeral);
  EXPECT_FALSE(configured_by({"--retain-available=false"}).settings.retain_available);
}

TEST(NodeArguments, ASwitchTakesItsValueInBothForms) {
  EXPECT_FALSE(configured_by({"--retain-available", "false"}).settings.retain_available);
  EXPECT_TRUE(configured_by({"--ephemeral", "false", "--ephemeral", "true"}).settings.ephemeral);
  EXPECT_EQ(configured_by({"--name", "true"}).settings.name, "true");
}

TEST(NodeArguments, AStrategyOfAShareGroupIsAFlagToo) {
  const auto given = configured_by(
    {"--share-strategies", "a=sticky", "--share-strategies=b=c=random", "--units", "1"});
  EXPECT_THAT(given.settings.share_strategies,
    ElementsAre(std::pair{std::string{"a"}, actors::share_strategy::sticky},
      std::pair{std::string{"b=c"}, actors::share_strategy::random}));
  EXPECT_EQ(refused({"--share-strategies", "sticky"}).first, exit_code::usage);
}

TEST(NodeArguments, AFaultNamesItsKeyOnce) {
  for (const auto& words :
    {arguments{"--set", "units=x"}, arguments{"--units", "x"}, arguments{"--units=x"}}) {
    const auto faults = configured_by(words).faults;
    ASSERT_THAT(faults, SizeIs(1));
    EXPECT_EQ(faults[0].cause, "'x' is not a whole number");
  }
  const auto faults = configured_by({"--share-strategies", "a=b"}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_THAT(faults[0].cause, HasSubstr("share_strategies.a: 'b' is not one of"));
}

TEST(NodeArguments, AFlagOverridesSetWhichOverridesTheFile) {
  const file configuration{"units = 1\nname = 'file'\nmaximum_qos = 0\n"};
  const auto [settings, faults] = configured_by(
    {"--units", "3", "--set", "units=2", "--set", "name=set", "--config", configuration.path()});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.units, 3U);
  EXPECT_EQ(settings.name, "set");
  EXPECT_EQ(settings.maximum_qos, 0);
}

TEST(NodeArguments, ListenersMayBeRepeated) {
  EXPECT_THAT(configured_by({"--mqtt", ":1", "--mqtt=[::1]:2"}).settings.mqtt,
    ElementsAre(endpoint{"127.0.0.1", 1}, endpoint{"::1", 2}));
}

TEST(NodeArguments, DurabilitiesOfTopicsMayBeRepeatedAndReplaceThoseOfTheFile) {
  const file configuration{"durability_for = ['a=os']\n"};
  const auto given = configured_by({"--durability-for", "sensors/#=memory",
    "--durability-for=orders/#=disk", "--config", configuration.path()});
  EXPECT_THAT(given.faults, IsEmpty());
  EXPECT_THAT(given.settings.durability_for,
    ElementsAre(actors::topic_durability{"sensors/#", actors::durability::memory},
      actors::topic_durability{"orders/#", actors::durability::disk}));
}

TEST(NodeArguments, ATextMayHoldEqualsSigns) {
  EXPECT_EQ(
    configured_by({"--set", "response_information=a=b"}).settings.response_information, "a=b");
}

TEST(NodeArguments, FaultsOfAllPlacesAreToldTogether) {
  const file configuration{"unitz = 1\n"};
  const auto faults =
    configured_by({"--config", configuration.path(), "--set", "maximum_qos=7", "--units", "x"})
      .faults;
  ASSERT_THAT(faults, SizeIs(3));
  EXPECT_EQ(faults[0].where, configuration.path() + ":1:1");
  EXPECT_EQ(faults[1].where, "--set maximum_qos");
  EXPECT_EQ(faults[2].where, "--units");
}

TEST(NodeArguments, AnUnknownFlagIsAMistakeInUsageAndToldTheNearest) {
  const auto [code, said] = refused({"--unit=3"});
  EXPECT_EQ(code, exit_code::usage);
  EXPECT_THAT(said, HasSubstr("did you mean --units?"));
}

TEST(NodeArguments, SetNeedsAKeyAndAValue) {
  EXPECT_EQ(refused({"--set", "units"}).first, exit_code::usage);
  EXPECT_EQ(refused({"--set"}).first, exit_code::usage);
}

TEST(NodeArguments, AFileThatCannotBeReadIsAFault) {
  EXPECT_THAT(configured_by({"--config", "/nowhere/node.toml"}).faults, SizeIs(1));
}

} // namespace
} // namespace callboard::app
