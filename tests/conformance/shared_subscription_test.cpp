#include "tests/conformance/conformance_test.hpp"

#include <optional>
#include <utility>

// Shared subscriptions (MQTT 5.0, 4.8.2).

namespace callboard::conformance {

namespace {

using namespace std::chrono_literals;

class Mqtt5Share : public ConformanceTest {
protected:
  /// Two members of one group, each with a session of this expiry.
  std::vector<wire_client> two_members(std::uint32_t expiry, unsigned qos) {
    std::vector<wire_client> members;
    for (const auto* id : {"one", "two"}) {
      members.push_back(connect(lasting(id, expiry)));
      members.back().subscribe("$share/g/t", qos);
    }
    return members;
  }

  /// The filter is not granted: by a code, or as an error.
  void expect_refused_filter(const std::string& filter) {
    auto bad = client("bad");
    bad.send(subscribe_packet(protocol_version::v5, 1, {{filter, 0}}));
    std::optional<received_packet> answer;
    try {
      answer = bad.receive();
    } catch (const wire_failure&) {
      return; // just closed
    }
    const auto code = answer->type == packet_type::suback ? answer->reasons.at(0) : answer->reason;
    EXPECT_TRUE(code == 0x80 || code == 0x81 || code == 0x82 || code == 0x8F)
      << filter << ": " << show(answer->raw);
  }
};

/// Which member has the one message; it is received and not acknowledged.
std::pair<std::size_t, received_packet> chosen(std::vector<wire_client>& members) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline)
    for (std::size_t i = 0; i < members.size(); ++i)
      if (auto message = members[i].receive_within(20ms))
        return {i, *std::move(message)};
  throw wire_failure{"no member got the message"};
}

TEST_F(Mqtt5Share, NameHasACharacter) {
  STATEMENT("MQTT5-4.8.2-1", "MQTT5-4.7.3-1");
  for (const auto* filter : {"$share//t", "$share/", "$share//"})
    expect_refused_filter(filter);
}

TEST_F(Mqtt5Share, NameHasNoWildcardsAndAFilterFollows) {
  STATEMENT("MQTT5-4.8.2-2", "MQTT5-4.8.2-1", "MQTT5-4.7.3-1");
  for (const auto* filter : {"$share/g+/t", "$share/#/t", "$share/+/t", "$share/g", "$share/g/"})
    expect_refused_filter(filter);
}

TEST_F(Mqtt5Share, FilterBehindTheNameMayBeginWithASlash) {
  STATEMENT("MQTT5-4.8.2-2");
  auto member = subscriber("one", "$share/g//t");
  auto publisher = client("p");
  publisher.publish({.topic = "t"});
  publisher.publish({.topic = "/t"});
  member.expect_publish("/t", "m");
}

TEST_F(Mqtt5Share, PrefixIsInSmallLetters) {
  STATEMENT("MQTT5-4.8.2-1");
  auto one = subscriber("one", "$SHARE/g/t");
  auto two = subscriber("two", "$SHARE/g/t");
  client("p").publish({.topic = "t"});
  one.expect_silence(100ms);
  client("p").publish({.topic = "$SHARE/g/t"});
  one.expect_publish("$SHARE/g/t", "m");
  two.expect_publish("$SHARE/g/t", "m");
}

TEST_F(Mqtt5Share, NoLocalIsAProtocolError) {
  STATEMENT("MQTT5-3.8.3-4");
  each_closes({subscribe_packet(protocol_version::v5, 1, {{"$share/g/t", no_local}})}, {0x82});
}

TEST_F(Mqtt5Share, EachMessageGoesToOneMember) {
  STATEMENT("MQTT5-4.8.2-3");
  auto members = two_members(0, 1);
  auto plain = subscriber("plain", "t", 1);
  auto publisher = client("p");
  for (int i = 0; i < 10; ++i) {
    publisher.publish({.payload = std::to_string(i), .qos = 1});
    plain.receive_message("t", std::to_string(i));
    const auto [member, message] = chosen(members);
    EXPECT_EQ(message.payload, std::to_string(i));
    members[member].acknowledge(message);
  }
  for (auto& each : members)
    each.expect_silence(100ms);
}

TEST_F(Mqtt5Share, EachGroupGetsItsCopy) {
  STATEMENT("MQTT5-4.8.2-3");
  auto one = subscriber("one", "$share/g/t");
  auto two = subscriber("two", "$share/h/t");
  client("p").publish({});
  one.expect_publish("t", "m");
  two.expect_publish("t", "m");
}

TEST_F(Mqtt5Share, GrantedQosOfTheChosenMemberIsRespected) {
  STATEMENT("MQTT5-4.8.2-3");
  std::vector<wire_client> members;
  members.push_back(subscriber("zero", "$share/g/t", 0));
  members.push_back(subscriber("one", "$share/g/t", 1));
  auto publisher = client("p");
  for (int i = 0; i < 10; ++i) {
    publisher.publish({.qos = 2});
    const auto [member, message] = chosen(members);
    EXPECT_EQ(message.qos(), member);
    members[member].acknowledge(message);
  }
}

TEST_F(Mqtt5Share, BegunDeliveryOfQosTwoIsCompletedToTheSameMember) {
  STATEMENT("MQTT5-4.8.2-4");
  auto members = two_members(300, 2);
  client("p").publish({.qos = 2});
  const auto [member, message] = chosen(members);
  members[member].cut();
  members[1 - member].expect_silence();
  auto again = connect(lasting(member == 0 ? "one" : "two"));
  const auto repeat = again.receive_message("t", "m");
  EXPECT_EQ(repeat.packet_id, message.packet_id);
  EXPECT_TRUE(repeat.dup());
  members[1 - member].expect_silence();
}

TEST_F(Mqtt5Share, BegunDeliveryOfQosTwoEndsWithItsSession) {
  STATEMENT("MQTT5-4.8.2-5");
  auto members = two_members(1, 2);
  client("p").publish({.qos = 2});
  const auto [member, message] = chosen(members);
  members[member].cut();
  members[1 - member].expect_silence(2500ms);
}

TEST_F(Mqtt5Share, MessageThatAMemberRefusesIsDropped) {
  STATEMENT("MQTT5-4.8.2-6");
  for (const unsigned qos : {1U, 2U}) {
    auto members = two_members(0, qos);
    client("p").publish({.qos = qos});
    const auto [member, message] = chosen(members);
    members[member].send(acknowledgement(
      qos == 1 ? packet_type::puback : packet_type::pubrec, message.packet_id, 0x80));
    members[1 - member].expect_silence();
    members[member].expect_silence(50ms);
  }
}

} // namespace

} // namespace callboard::conformance
