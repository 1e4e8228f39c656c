#include "app/configuration_file.hpp"

#include "app/configuration_text.hpp"
#include "app/option_value.hpp"
#include "app/options.hpp"

#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace callboard::app {
namespace {

using actors::endpoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

configuration configure_from(std::string_view text) {
  return configure({parse_configuration(text, "node.toml")});
}

/// The settings with every option of the table at its example.
actors::settings all_examples() {
  actors::settings settings;
  settings.mqtt.clear();
  for (const auto key : option_keys())
    EXPECT_FALSE(assign(settings, *find_option(key),
      is_table(*find_option(key)) ? "a \"group\"" : "", find_option(key)->example));
  return settings;
}

TEST(ConfigurationFile, TheSampleIsTheDefaults) {
  const auto [settings, faults] = configure_from(configuration_file_of({}));
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings, actors::settings{});
}

TEST(ConfigurationFile, TheSampleNamesEveryKey) {
  const auto sample = configuration_file_of({});
  for (const auto key : option_keys())
    EXPECT_THAT(sample,
      HasSubstr("\n" + std::string{is_table(*find_option(key)) ? "[" : ""} + std::string{key}));
}

TEST(ConfigurationFile, WhatIsPrintedReadsBackAsTheSame) {
  const auto settings = all_examples();
  const auto [again, faults] = configure_from(configuration_file_of(settings));
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(again, settings);
}

TEST(ConfigurationFile, StringsSurviveQuotesBackslashesAndControlCharacters) {
  actors::settings settings;
  settings.response_information = "a\"b\\c\nd\x7F\x01é";
  EXPECT_EQ(configure_from(configuration_file_of(settings)).settings, settings);
}

TEST(ConfigurationFile, ListenersMayBeOneStringOrAnArray) {
  EXPECT_THAT(configure_from("mqtt = '[::1]:1'").settings.mqtt, ElementsAre(endpoint{"::1", 1}));
  EXPECT_THAT(configure_from("mqtt = [':1', ':2']").settings.mqtt,
    ElementsAre(endpoint{"127.0.0.1", 1}, endpoint{"127.0.0.1", 2}));
}

TEST(ConfigurationFile, EachFaultHasItsLineAndColumnInTheFilesOrder) {
  const auto faults = configure_from("units = 900\n"
                                     "name = 3\n"
                                     "  colour = 'red'\n"
                                     "ephemeral = \"true\"\n"
                                     "maximum_qos = 1.5\n"
                                     "mqtt = ['127.0.0.1:1', 'nowhere']\n"
                                     "data = ['a']\n"
                                     "[share_strategies]\n"
                                     "group = 'best'\n")
                        .faults;
  std::vector<std::string> places;
  for (const auto& one : faults) {
    places.push_back(one.where);
    EXPECT_NE(one.advice, "");
  }
  EXPECT_THAT(
    places, ElementsAre("node.toml:1:9", "node.toml:2:8", "node.toml:3:3", "node.toml:4:13",
              "node.toml:5:15", "node.toml:6:24", "node.toml:7:8", "node.toml:9:9"));
}

/// A value that fits the option, as TOML.
std::string fitting(const option& one) {
  if (is_number(one))
    return std::to_string(one.least);
  return is_table(one) ? "{}" : to_toml({}, one);
}

TEST(ConfigurationFile, EveryKeyTakesAValueOfItsType) {
  for (const auto key : option_keys()) {
    const auto text = std::string{key} + " = " + fitting(*find_option(key));
    EXPECT_THAT(configure_from(text).faults, IsEmpty()) << text;
  }
}

TEST(ConfigurationFile, EveryKeyRefusesValuesOfOtherTypes) {
  const std::array<std::string, 4> values{"1", "true", "'text'", "{}"};
  for (const auto key : option_keys()) {
    const auto& one = *find_option(key);
    const std::array fits{is_number(one), is_switch(one), false, is_table(one)};
    const auto text = !fits[0] && !fits[1] && !fits[3];
    for (std::size_t i = 0; i < values.size(); ++i)
      if (const auto toml = std::string{key} + " = " + values[i]; !fits[i] && !(text && i == 2)) {
        EXPECT_THAT(configure_from(toml).faults, SizeIs(1)) << toml;
      }
    for (const auto* value : {"1.5", "2026-01-01", "12:00:00", "[1]", "[['x']]", "[{}]"})
      EXPECT_THAT(configure_from(std::string{key} + " = " + value).faults, SizeIs(1))
        << key << value;
  }
}

TEST(ConfigurationFile, DurabilitiesOfTopicsMayBeNoneOrSeveral) {
  EXPECT_THAT(configure_from("durability_for = []").settings.durability_for, IsEmpty());
  const auto [settings, faults] =
    configure_from("durability_for = ['sensors/#=memory', 'orders/#=dsk', 'a/#b=os']");
  EXPECT_THAT(settings.durability_for, SizeIs(1));
  ASSERT_THAT(faults, SizeIs(2));
  EXPECT_EQ(faults[0].where, "node.toml:1:39");
  EXPECT_EQ(faults[1].where, "node.toml:1:55");
}

TEST(ConfigurationFile, AnEmptyListOfListenersIsAFault) {
  const auto faults = configure_from("mqtt = []").faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_THAT(faults[0].cause, HasSubstr("empty"));
}

TEST(ConfigurationFile, AKeyThatSlippedIntoATableIsToldSo) {
  const auto faults = configure_from("[share_strategies]\nunits = 3\n[limits]\nunits = 3\n").faults;
  ASSERT_THAT(faults, SizeIs(2));
  EXPECT_EQ(faults[0].advice, "move units above [share_strategies]");
  EXPECT_THAT(faults[1].advice, HasSubstr("units stands at the top level"));
}

TEST(ConfigurationFile, WhatIsNoTomlIsOneFaultWithItsPlace) {
  const auto faults = configure_from("units = 1\nname = \n").faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_THAT(faults[0].where, testing::StartsWith("node.toml:2:"));
  EXPECT_THAT(faults[0].cause, HasSubstr("not TOML"));
}

TEST(ConfigurationFile, AKeyTwiceIsAFault) {
  EXPECT_THAT(configure_from("units = 1\nunits = 2\n").faults, SizeIs(1));
}

TEST(ConfigurationFile, AFileThatIsNotThereIsAFaultWithItsName) {
  const auto faults = configure({read_configuration("/nowhere/node.toml")}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(faults[0].where, "/nowhere/node.toml");
  EXPECT_THAT(faults[0].cause, HasSubstr("No such file"));
}

TEST(ConfigurationFile, ADirectoryIsNoFile) {
  EXPECT_THAT(configure({read_configuration("/tmp")}).faults, SizeIs(1));
}

TEST(ConfigurationFile, AnEmptyFileIsTheDefaults) {
  const auto path = testing::TempDir() + "callboard-empty.toml";
  std::ofstream{path}.close();
  const auto [settings, faults] = configure({read_configuration(path)});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings, actors::settings{});
  std::filesystem::remove(path);
}

TEST(ConfigurationText, TheHelpHasEveryKeyWithDefaultAndRange) {
  const auto help = settings_help();
  for (const auto key : option_keys()) {
    const auto& one = *find_option(key);
    EXPECT_THAT(help,
      HasSubstr("\n  " + std::string{key} + " = " + (is_table(one) ? "{}" : to_toml({}, one))));
    EXPECT_THAT(help, HasSubstr("[" + describe_range(one) + "]"));
  }
}

TEST(ConfigurationText, TheDocumentationIsWhatTheTableSays) {
  const auto page = std::filesystem::path{__FILE__}.parent_path() / "../../docs/configuration.md";
  std::ostringstream text;
  text << std::ifstream{page}.rdbuf();
  EXPECT_TRUE(text.str() == configuration_reference())
    << "write docs/configuration.md anew: callboard node --print-reference";
}

} // namespace
} // namespace callboard::app
