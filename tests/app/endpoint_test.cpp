#include "app/endpoint.hpp"

#include <gtest/gtest.h>

namespace callboard::app {
namespace {

using actors::endpoint;

TEST(Endpoint, IsHostAndPort) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:1883"), (endpoint{"127.0.0.1", 1883}));
  EXPECT_EQ(parse_endpoint("broker.example:0"), (endpoint{"broker.example", 0}));
  EXPECT_EQ(parse_endpoint("[::1]:65535"), (endpoint{"::1", 65'535}));
}

TEST(Endpoint, WithoutHostIsThisMachineOnly) {
  EXPECT_EQ(parse_endpoint(":1883"), (endpoint{"127.0.0.1", 1883}));
}

TEST(Endpoint, RefusesWhatIsNot) {
  for (const auto* text :
    {"", "1883", "host", "host:", "host:x", "host:65536", "host:-1", "host:1 ", "::1:1883", "[::1]",
      "[host]:1", "[]:1", "[::1:1", "::1]:1", "a b:1", "http://a:1"})
    EXPECT_EQ(parse_endpoint(text), std::nullopt) << text;
}

TEST(Endpoint, ReadsBackWhatItWrites) {
  for (const auto* text : {"127.0.0.1:1883", "[::1]:1", "localhost:0"})
    EXPECT_EQ(to_string(*parse_endpoint(text)), text);
}

TEST(Endpoint, KnowsWhichPlacesOnlyThisMachineReaches) {
  for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"})
    EXPECT_TRUE(is_loopback({host, 1})) << host;
  for (const auto* host :
    {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "fe80::1", "localhost.example"})
    EXPECT_FALSE(is_loopback({host, 1})) << host;
}

} // namespace
} // namespace callboard::app
