#include "tests/conformance/mqtt3_fixture.hpp"

#include <thread>

namespace callboard::conformance {

namespace {

bytes connect_with(std::string_view name, unsigned level, unsigned flags, std::string_view rest) {
  return packet(0x10, field(name) + u8(level) + u8(flags) + u16(60) + bytes{rest});
}

} // namespace

wire_client Mqtt3Test::dial() {
  return ConformanceTest::dial(version_);
}

wire_client Mqtt3Test::connect(const connect_options& options, place where) {
  return ConformanceTest::connect(version_, options, where);
}

wire_client Mqtt3Test::client(const std::string& id, place where) {
  return connect({.client_id = id}, where);
}

wire_client Mqtt3Test::subscriber(
  const std::string& id, std::string_view filter, unsigned qos, place where) {
  auto result = client(id, where);
  result.subscribe(filter, qos, {}, where);
  return result;
}

connect_options Mqtt3Test::lasting(const std::string& id) {
  return {.client_id = id, .clean_start = false};
}

void Mqtt3Test::leave_session(
  const std::string& id, std::string_view filter, unsigned qos, place where) {
  auto away = connect(lasting(id), where);
  away.subscribe(filter, qos, {}, where);
  away.disconnect(0, {}, where);
}

void Mqtt3Test::each_closes(const std::vector<bytes>& faults, place where) {
  auto bystander = subscriber("bystander", "beside", 1, where);
  for (const auto& fault : faults) {
    auto bad = client("bad", where);
    bad.send(fault, where);
    bad.expect_eof(patience, where);
    bystander.publish({.topic = "beside", .qos = 1}, where);
    bystander.receive_message("beside", "m", where);
  }
}

void Mqtt3Test::each_refused_in_silence(const std::vector<bytes>& connects, place where) {
  auto bystander = client("bystander", where);
  for (const auto& connect : connects) {
    auto bad = dial();
    bad.send(connect, where);
    bad.expect_eof(patience, where);
    bystander.ping(where);
  }
}

bytes Mqtt3Test::answer_before_close(std::string_view octets, place where) {
  auto newcomer = dial();
  newcomer.send(octets, where);
  return newcomer.drain(patience, where);
}

bool Mqtt3Test::refuses_filter(std::string_view filter, place where) {
  auto bad = client("bad", where);
  bad.send(subscribe_packet(version_, 1, {{bytes{filter}, 0}}) + disconnect_packet(), where);
  const auto answer = bad.drain(patience, where);
  return answer.empty() || (version_ == protocol_version::v3_1_1 && answer == "90 03 0001 80"_hex);
}

void Mqtt3Test::settle() {
  std::this_thread::sleep_for(moment);
}

bytes Mqtt311Test::connect_of(unsigned flags, std::string_view payload) {
  return connect_with("MQTT", 4, flags, payload);
}

bytes Mqtt31Test::connect_of(unsigned flags, std::string_view payload) {
  return connect_with("MQIsdp", 3, flags, payload);
}

} // namespace callboard::conformance
