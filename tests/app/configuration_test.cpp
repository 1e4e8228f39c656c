#include "app/configuration.hpp"

#include "app/option_value.hpp"
#include "app/options.hpp"

#include <gmock/gmock.h>

namespace callboard::app {
namespace {

using actors::endpoint;
using actors::share_strategy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

assignment set(const std::string& key, std::string text) {
  return {key, std::move(text), "--set " + key, {}};
}

configuration configure_with(const assignments& given) {
  return configure({given});
}

TEST(Configuration, IsTheDefaultsWhenNobodySaysAnything) {
  const auto [settings, faults] = configure({});
  EXPECT_EQ(settings, actors::settings{});
  EXPECT_THAT(faults, IsEmpty());
}

TEST(Configuration, EveryExampleOfTheTableFitsAndIsNotTheDefault) {
  for (const auto key : option_keys()) {
    const auto& one = *find_option(key);
    const auto name = std::string{key} + (is_table(one) ? ".group" : "");
    const auto [settings, faults] =
      configure_with({set(name, std::string{one.example}), set("allow_anonymous", "true")});
    EXPECT_THAT(faults, IsEmpty()) << key;
    EXPECT_NE(to_toml(settings, one), to_toml({}, one)) << key;
  }
}

TEST(Configuration, EveryMemberOfTheTableIsAnother) {
  for (const auto key : option_keys()) {
    const auto name = std::string{key} + (is_table(*find_option(key)) ? ".group" : "");
    const auto changed =
      configure_with({set(name, std::string{find_option(key)->example})}).settings;
    for (const auto other : option_keys())
      EXPECT_EQ(
        to_toml(changed, *find_option(other)) == to_toml({}, *find_option(other)), other != key)
        << key << " and " << other;
  }
}

TEST(Configuration, NumbersTakeTheirBoundsAndNothingBeyond) {
  for (const auto key : option_keys()) {
    const auto& one = *find_option(key);
    if (!is_number(one))
      continue;
    actors::settings into;
    EXPECT_FALSE(assign(into, one, {}, std::to_string(one.least))) << key;
    EXPECT_EQ(to_toml(into, one), std::to_string(one.least));
    EXPECT_FALSE(assign(into, one, {}, std::to_string(one.greatest))) << key;
    EXPECT_EQ(to_toml(into, one), std::to_string(one.greatest));
    EXPECT_TRUE(assign(into, one, {}, std::to_string(one.greatest + 1))) << key;
    EXPECT_TRUE(assign(into, one, {}, one.least == 0 ? "-1" : std::to_string(one.least - 1)))
      << key;
    EXPECT_EQ(to_toml(into, one), std::to_string(one.greatest)) << "a refused value was kept";
  }
}

TEST(Configuration, WhatIsNoNumberIsToldTheRange) {
  for (const auto* text : {"", "many", "3.5", "0x10", "1e3", " 1", "1 ", "+1", "--1"}) {
    const auto faults = configure_with({set("units", text)}).faults;
    ASSERT_THAT(faults, SizeIs(1)) << text;
    EXPECT_THAT(faults[0].cause, HasSubstr("not a whole number"));
    EXPECT_THAT(faults[0].advice, HasSubstr("0 to 256 threads"));
  }
}

TEST(Configuration, ANumberTooLargeForTheMachineIsOutOfRange) {
  const auto faults = configure_with({set("units", "99999999999999999999999")}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_THAT(faults[0].cause, HasSubstr("out of range"));
}

TEST(Configuration, TellsAllFaultsAtOnceEachWithPlaceAndAdvice) {
  const auto faults = configure_with(
    {set("unitz", "1"), set("maximum_qos", "3"), set("ephemeral", "yes"),
      set("queue_policy", "drop_old"), set("name", "no spaces"), set("mqtt", "here"),
      set("share_strategies.a/b", "sticky"), set("data", ""), set("response_information", "a/#")})
                        .faults;
  ASSERT_THAT(faults, SizeIs(9));
  for (const auto& one : faults) {
    EXPECT_THAT(one.where, testing::StartsWith("--set "));
    EXPECT_NE(one.cause, "");
    EXPECT_NE(one.advice, "");
  }
}

TEST(Configuration, AnUnknownKeyIsToldTheNearest) {
  EXPECT_EQ(configure_with({set("recieve_maximum", "1")}).faults.at(0).advice,
    "did you mean receive_maximum?");
  EXPECT_THAT(configure_with({set("colour", "1")}).faults.at(0).advice, HasSubstr("--help"));
}

TEST(Configuration, AWordThatIsNoChoiceIsToldTheNearest) {
  const auto faults = configure_with({set("queue_policy", "drop_newst")}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(faults[0].advice, "did you mean 'drop_newest'?");
}

TEST(Configuration, ALaterPlaceOverridesAnEarlierOne) {
  const auto [settings, faults] =
    configure({{set("units", "1"), set("name", "file")}, {set("units", "2")}, {set("units", "3")}});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_EQ(settings.units, 3U);
  EXPECT_EQ(settings.name, "file");
}

TEST(Configuration, ListenersOfOnePlaceAddUpAndReplaceThoseOfEarlierPlaces) {
  const auto [settings, faults] = configure({{set("mqtt", "127.0.0.1:1"), set("mqtt", "[::1]:2")},
    {set("mqtt", ":3"), set("units", "1"), set("mqtt", "localhost:4")}});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_THAT(settings.mqtt, ElementsAre(endpoint{"127.0.0.1", 3}, endpoint{"localhost", 4}));
}

TEST(Configuration, DurabilitiesOfTopicsKeepTheirOrder) {
  const auto [settings, faults] = configure({{set("durability_for", "z=os")},
    {set("durability_for", "sensors/#=memory"), set("durability_for", "a=b/+=disk")}});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_THAT(settings.durability_for,
    ElementsAre(actors::topic_durability{"sensors/#", actors::durability::memory},
      actors::topic_durability{"a=b/+", actors::durability::disk}));
}

TEST(Configuration, ADurabilityOfTopicsSaysWhatIsWrongWithItAndWhatToWrite) {
  const auto fault_of = [](std::string text) {
    const auto faults = configure_with({set("durability_for", std::move(text))}).faults;
    EXPECT_THAT(faults, SizeIs(1));
    return faults.empty() ? fault{} : faults[0];
  };
  EXPECT_THAT(fault_of("sensors/#").cause, HasSubstr("'sensors/#' is not FILTER=WORD"));
  EXPECT_THAT(fault_of("sensors/#").advice, HasSubstr("sensors/#=memory"));
  EXPECT_THAT(fault_of("a/#/b=memory").cause, HasSubstr("'a/#/b' is no topic filter"));
  EXPECT_THAT(fault_of("a/#/b=memory").advice, HasSubstr("'#' alone in the last"));
  EXPECT_THAT(fault_of("=memory").cause, HasSubstr("'' is no topic filter"));
  EXPECT_THAT(fault_of("\xFF=memory").cause, HasSubstr("is no topic filter"));
  EXPECT_THAT(fault_of("$share/g/a=disk").advice, HasSubstr("what follows $share/NAME/"));
  EXPECT_THAT(fault_of("a=dsk").cause, HasSubstr("'dsk' is not one of memory, os, disk"));
  EXPECT_THAT(fault_of("a=dsk").advice, HasSubstr("did you mean 'disk'?"));
}

TEST(Configuration, SharesOfQueuesKeepTheirOrderAndSayWhatIsWrongWithThem) {
  const auto [settings, faults] =
    configure_with({set("queue_share_for", "a/b=100"), set("queue_share_for", "a/#=50"),
      set("queue_share_for", "b"), set("queue_share_for", "c=0"), set("queue_share_for", "d=101")});
  EXPECT_THAT(settings.queue_share_for,
    ElementsAre(protocol::queue_share{"a/b", 100}, protocol::queue_share{"a/#", 50}));
  ASSERT_THAT(faults, SizeIs(3));
  EXPECT_THAT(faults[0].cause, HasSubstr("'b' is not FILTER=PERCENT"));
  EXPECT_THAT(faults[0].advice, HasSubstr("telemetry/#=50"));
  EXPECT_THAT(faults[1].cause, HasSubstr("0 is out of range"));
  EXPECT_THAT(faults[2].advice, HasSubstr("1 to 100"));
}

TEST(Configuration, AFilterThatNeverDecidesIsAFaultAtIt) {
  const auto faults = configure(
    {{{"durability_for", "orders/#=disk", "a:1:1", {}},
      {"durability_for", "orders/+/audit=os", "a:1:2", {}},
      {"durability_for", "#=memory", "a:1:3", {}}, {"durability_for", "orders/#=os", "a:1:4", {}},
      {"durability_for", "$SYS/#=memory", "a:1:5",
        {}}}}).faults;
  ASSERT_THAT(faults, SizeIs(2));
  EXPECT_EQ(faults[0].where, "a:1:2");
  EXPECT_THAT(faults[0].advice, HasSubstr("put orders/+/audit in front of orders/#"));
  EXPECT_EQ(faults[1].where, "a:1:4");
  EXPECT_THAT(faults[1].cause, HasSubstr("listed twice"));
}

TEST(Configuration, ATableIsOverriddenKeyByKey) {
  const auto [settings, faults] =
    configure({{set("share_strategies.a", "sticky"), set("share_strategies.b.c", "random")},
      {set("share_strategies.a", "local")}});
  EXPECT_THAT(faults, IsEmpty());
  EXPECT_THAT(settings.share_strategies,
    ElementsAre(std::pair{"a", share_strategy::local}, std::pair{"b.c", share_strategy::random}));
}

TEST(Configuration, ATableNeedsAKeyAndOthersTakeNone) {
  const auto faults =
    configure_with({set("share_strategies", "sticky"), set("units.a", "1")}).faults;
  ASSERT_THAT(faults, SizeIs(2));
  EXPECT_THAT(faults[0].cause, HasSubstr("is a table"));
  EXPECT_THAT(faults[1].cause, HasSubstr("is not a table"));
}

TEST(Configuration, AListenerTwiceIsAFaultAtTheSecond) {
  const auto faults =
    configure({{{"mqtt", "127.0.0.1:1883", "a:1:1", {}}, {"mqtt", ":1883", "a:1:9", {}}}}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(faults[0].where, "a:1:9");
  EXPECT_THAT(faults[0].cause, HasSubstr("listed twice"));
}

TEST(Configuration, AnyFreePortMayBeAskedForTwice) {
  EXPECT_THAT(configure_with({set("mqtt", ":0"), set("mqtt", ":0")}).faults, IsEmpty());
}

TEST(Configuration, ListeningToOtherMachinesNeedsAllowAnonymous) {
  const auto faults = configure_with({set("mqtt", ":1883"), set("mqtt", "0.0.0.0:1884"),
                                       set("mqtt", "[::]:1885"), set("mqtt", "example.org:1886")})
                        .faults;
  ASSERT_THAT(faults, SizeIs(3));
  EXPECT_THAT(faults[0].cause, HasSubstr("0.0.0.0:1884"));
  EXPECT_THAT(faults[0].advice, HasSubstr("allow_anonymous = true"));
  EXPECT_THAT(configure_with({set("mqtt", "0.0.0.0:1884"), set("allow_anonymous", "true")}).faults,
    IsEmpty());
}

TEST(Configuration, MergingMustBeginBelowSplitting) {
  const auto faults =
    configure_with({set("subtree_split_rate", "100"), set("subtree_merge_rate", "100")}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(faults[0].where, "--set subtree_merge_rate");
  EXPECT_THAT(configure_with({set("subtree_split_rate", "0")}).faults, IsEmpty());
}

TEST(Configuration, AValueThatItsReaderFoundWrongIsTold) {
  const auto faults = configure({{{"units", {}, "a:1:1", complaint{"cause", "advice"}}}}).faults;
  ASSERT_THAT(faults, SizeIs(1));
  EXPECT_EQ(to_string(faults[0]), "error: a:1:1: cause — advice");
}

} // namespace
} // namespace callboard::app
