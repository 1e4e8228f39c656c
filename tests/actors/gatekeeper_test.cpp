#include "actors/gatekeeper.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <utility>

namespace callboard::actors {

namespace {

using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;
using protocol::reason_code;
using protocol::version;

protocol::will will_to(std::string topic) {
  protocol::will will;
  will.topic = std::move(topic);
  return will;
}

/// What is special about a CONNECT.
using preparation = std::function<void(protocol::connect&)>;

class Gatekeeper : public ::testing::Test {
protected:
  /// How a node of these rules answers; `session_taken_over` if it does not.
  static reason_code answer(const settings& rules, const preparation& prepare) {
    playhouse house{1, rules};
    player client{house, "client"};
    prepare(client.connect_with());
    client.connect();
    client.settle();
    const auto& counts = house.company().houses.front()->counts;
    const bool refused = !client.connack || client.connack->code != reason_code::success;
    EXPECT_EQ(counts.sessions_created.value(), refused ? 0U : 1U);
    EXPECT_EQ(counts.connections_refused.value(), refused ? 1U : 0U);
    if (client.connack && refused && client.connect_with().version == version::mqtt_5_0) {
      EXPECT_NE(client.connack->reason_string, "") << "a refusal says what to do";
    }
    return client.connack ? client.connack->code : reason_code::session_taken_over;
  }

  static reason_code answer(const preparation& prepare) {
    const settings rules;
    return answer(rules, prepare);
  }
};

constexpr auto silence = reason_code::session_taken_over;

} // namespace

TEST_F(Gatekeeper, LetsInWhoAsksForWhatThereIs) {
  EXPECT_EQ(answer([](auto&) {}), reason_code::success);
  EXPECT_EQ(answer([](auto& connect) {
    connect.will = will_to("gone");
    connect.will->qos = qos::exactly_once;
    connect.will->retain = true;
    connect.user_name = "anybody";
    connect.password = "anything";
  }),
    reason_code::success);
}

TEST_F(Gatekeeper, RefusesAuthenticationMethods) {
  EXPECT_EQ(answer([](auto& connect) { connect.authentication_method = "SCRAM-SHA-256"; }),
    reason_code::bad_authentication_method);
}

TEST_F(Gatekeeper, HoldsClientIdentifiersToTheirLength) {
  settings rules;
  rules.client_id_maximum_length = 30;
  const auto of = [&](std::size_t size) {
    return answer(rules, [=](auto& connect) { connect.client_id = std::string(size, 'x'); });
  };
  EXPECT_EQ(of(30), reason_code::success);
  EXPECT_EQ(of(31), reason_code::client_identifier_not_valid);
}

TEST_F(Gatekeeper, WantsAnIdentifierOnlyIfToldTo) {
  const auto nameless = [](auto& connect) { connect.client_id = ""; };
  EXPECT_EQ(answer(nameless), reason_code::success);
  settings rules;
  rules.allow_empty_client_id = false;
  EXPECT_EQ(answer(rules, nameless), reason_code::client_identifier_not_valid);
}

TEST_F(Gatekeeper, OldestVersionHasNoEmptyIdentifiers) {
  EXPECT_NE(answer([](auto& connect) {
    connect.version = version::mqtt_3_1;
    connect.client_id = "";
  }),
    reason_code::success);
}

TEST_F(Gatekeeper, OldestVersionHasShortIdentifiersIfItIsTakenAtItsWord) {
  const auto of = [&](bool strict, std::size_t size) {
    settings rules;
    rules.strict_mqtt31_client_ids = strict;
    return answer(rules, [=](auto& connect) {
      connect.version = version::mqtt_3_1;
      connect.client_id = std::string(size, 'x');
    });
  };
  EXPECT_EQ(of(true, 23), reason_code::success);
  EXPECT_NE(of(true, 24), reason_code::success);
  EXPECT_EQ(of(false, 24), reason_code::success);
}

TEST_F(Gatekeeper, NamelessClientsOf311StartClean) {
  const auto of = [&](bool clean) {
    return answer([=](auto& connect) {
      connect.version = version::mqtt_3_1_1;
      connect.client_id = "";
      connect.clean_start = clean;
      connect.session_expiry_interval = clean ? 0 : protocol::forever;
    });
  };
  EXPECT_EQ(of(true), reason_code::success);
  EXPECT_NE(of(false), reason_code::success);
}

TEST_F(Gatekeeper, HoldsWillsToWhatMessagesAreHeldTo) {
  settings rules;
  rules.maximum_qos = 1;
  rules.retain_available = false;
  rules.topic_maximum_levels = 2;
  const auto of = [&](qos quality, bool retain, std::string topic) {
    return answer(rules, [&](auto& connect) {
      connect.will = will_to(std::move(topic));
      connect.will->qos = quality;
      connect.will->retain = retain;
    });
  };
  EXPECT_EQ(of(qos::at_least_once, false, "a/b"), reason_code::success);
  EXPECT_EQ(of(qos::exactly_once, false, "a/b"), reason_code::qos_not_supported);
  EXPECT_EQ(of(qos::at_least_once, true, "a/b"), reason_code::retain_not_supported);
  EXPECT_EQ(of(qos::at_least_once, false, "a/b/c"), reason_code::topic_name_invalid);
}

TEST_F(Gatekeeper, RefusesOlderClientsWithoutAWordWhereTheirVersionHasNone) {
  settings rules;
  rules.maximum_qos = 1;
  EXPECT_EQ(answer(rules,
              [](auto& connect) {
                connect.version = version::mqtt_3_1_1;
                connect.will = will_to("gone");
                connect.will->qos = qos::exactly_once;
              }),
    silence);
}

} // namespace callboard::actors
