#include "tests/conformance/edge_test.hpp"

namespace callboard::conformance {

wire_client EdgeTest::client_of(protocol_version version, const std::string& id, place where) {
  return connect(version, {.client_id = id}, where);
}

wire_client EdgeTest::subscriber_of(protocol_version version, const std::string& id,
  std::string_view filter, unsigned options, place where) {
  auto result = client_of(version, id, where);
  result.subscribe(filter, options, {}, where);
  return result;
}

void EdgeTest::each_ends(protocol_version version, const std::vector<bytes>& faults,
  const reason_codes& codes, place where) {
  for (const auto& fault : faults) {
    auto bad = client_of(version, "bad", where);
    bad.send(fault, where);
    if (version == v5)
      bad.expect_closed(codes, patience, where);
    else
      bad.expect_eof(patience, where);
  }
  client("good", where).ping(where);
}

void EdgeTest::each_is_refused(protocol_version version, const std::vector<bytes>& connects,
  const reason_codes& codes, place where) {
  for (const auto& connect : connects) {
    auto bad = dial(version);
    bad.send(connect, where);
    if (version == v5)
      bad.expect_refused(codes, where);
    else
      bad.expect_eof(patience, where);
  }
  client("good", where).ping(where);
}

void EdgeTest::each_is_taken(
  protocol_version version, const std::vector<bytes>& packets, place where) {
  for (const auto& packet : packets) {
    auto good = client_of(version, "good", where);
    good.send(packet, where);
    good.ping(where);
  }
}

void EdgeTest::retain(const std::string& topic, const std::string& payload, unsigned qos,
  std::string_view properties, place where) {
  auto publisher = client("retainer", where);
  publisher.publish({.topic = topic,
                      .payload = payload,
                      .qos = qos,
                      .retain = true,
                      .properties = bytes{properties}},
    where);
  // What an acknowledged message of the same topic follows has been stored.
  if (qos == 0)
    publisher.publish({.topic = topic, .payload = "not kept", .qos = 1}, where);
}

void EdgeTest::expect_nothing_but_news(
  wire_client& watcher, const std::string& topic, place where) {
  watcher.expect_silence(moment, where);
  client("newscaster", where).publish({.topic = topic, .payload = "news"}, where);
  watcher.expect_publish(topic, "news", where);
}

bool EdgeTest::take_session(const std::string& id, place where) {
  auto asking = dial();
  const auto connack = asking.connect({.client_id = id, .clean_start = false}, where);
  asking.disconnect(0, {}, where);
  return connack.session_present();
}

milliseconds since(steady_time begin) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

} // namespace callboard::conformance
