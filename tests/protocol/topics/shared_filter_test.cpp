#include "protocol/topics/shared_filter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace callboard::protocol {

using namespace std::string_view_literals;

TEST(SharedFilter, HasANameAndAFilter) { // MQTT5-4.8.2-1
  const auto parsed = parse_shared_filter("$share/crew/stage/+/#");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->shared());
  EXPECT_EQ(parsed->share_name, "crew");
  EXPECT_EQ(parsed->filter, "stage/+/#");
}

TEST(SharedFilter, MayBeginItsFilterWithADollarOrASeparator) {
  const auto dollar = parse_shared_filter("$share/crew/$SYS/#");
  ASSERT_TRUE(dollar);
  EXPECT_EQ(dollar->filter, "$SYS/#");
  const auto separator = parse_shared_filter("$share/crew//stage");
  ASSERT_TRUE(separator);
  EXPECT_EQ(separator->filter, "/stage");
}

TEST(SharedFilter, IsInvalidWithoutNameOrFilter) { // E87
  for (const std::string_view text :
    {"$share//stage", "$share/crew", "$share/crew/", "$share/", "$share//"}) {
    const auto parsed = parse_shared_filter(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, reason_code::topic_filter_invalid);
    EXPECT_NE(parsed.error().phrase.find("$share"), std::string_view::npos);
  }
}

TEST(SharedFilter, IsInvalidWithAWildcardInTheName) { // MQTT5-4.8.2-2
  for (const std::string_view text :
    {"$share/+/stage", "$share/#/stage", "$share/cr+ew/stage", "$share/crew#/stage", "$share/#"})
    EXPECT_FALSE(parse_shared_filter(text)) << text;
}

TEST(SharedFilter, IsInvalidIfItsFilterIs) {
  for (const auto text : {"$share/crew/stage#"sv, "$share/crew/#/stage"sv, "$share/cr\0w/a"sv})
    EXPECT_FALSE(parse_shared_filter(text)) << text;
}

TEST(SharedFilter, IsOrdinaryWithoutTheExactPrefix) { // E87
  for (const std::string_view text :
    {"$SHARE/crew/stage", "$share", "$shared/crew/stage", "share/crew/stage", "/$share/a/b", "#"}) {
    const auto parsed = parse_shared_filter(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_FALSE(parsed->shared());
    EXPECT_EQ(parsed->filter, text);
  }
}

TEST(SharedFilter, OfAnOrdinaryFilterIsCheckedToo) {
  for (const auto text : {""sv, "stage#"sv, "#/stage"sv, "a\0"sv})
    EXPECT_FALSE(parse_shared_filter(text)) << text;
}

TEST(SharedFilter, CountsItsNameAmongThe65535Bytes) {
  std::string filter = "$share/crew/";
  filter.resize(65'535, 'a');
  EXPECT_TRUE(parse_shared_filter(filter));
  filter.push_back('a');
  EXPECT_FALSE(parse_shared_filter(filter));
}

} // namespace callboard::protocol
