#include "tests/conformance/conformance_test.hpp"

#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace callboard::conformance {

namespace {

/// host:port of CALLBOARD_TEST_BROKER; empty if it is not set.
std::string foreign_broker() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  const char* address = std::getenv("CALLBOARD_TEST_BROKER");
  return address == nullptr ? "" : address;
}

endpoint parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos)
    throw std::runtime_error{"CALLBOARD_TEST_BROKER is not host:port: " + text};
  return {text.substr(0, colon), static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
}

} // namespace

wire_client ConformanceTest::dial(protocol_version version) {
  wire_client result{address(), version};
  if (!is_foreign())
    result.require_reasons();
  return result;
}

wire_client ConformanceTest::connect(const connect_options& options, place where) {
  return connect(protocol_version::v5, options, where);
}

wire_client ConformanceTest::connect(
  protocol_version version, const connect_options& options, place where) {
  auto result = dial(version);
  result.connect(options, where);
  return result;
}

wire_client ConformanceTest::client(const std::string& id, place where) {
  return connect({.client_id = id}, where);
}

wire_client ConformanceTest::subscriber(
  const std::string& id, std::string_view filter, unsigned options, place where) {
  auto result = client(id, where);
  result.subscribe(filter, options, {}, where);
  return result;
}

connect_options ConformanceTest::lasting(const std::string& id, std::uint32_t expiry) {
  return {.client_id = id, .clean_start = false, .properties = session_expiry_interval(expiry)};
}

void ConformanceTest::each_closes(
  const std::vector<bytes>& faults, const reason_codes& codes, place where) {
  for (const auto& fault : faults) {
    auto bad = client("bad", where);
    bad.send(fault, where);
    bad.expect_closed(codes, patience, where);
  }
  client("good", where).ping(where);
}

void ConformanceTest::each_refused(
  const std::vector<bytes>& connects, const reason_codes& codes, place where) {
  for (const auto& connect : connects) {
    auto bad = dial();
    bad.send(connect, where);
    bad.expect_refused(codes, where);
  }
  client("good", where).ping(where);
}

void ConformanceTest::each_refused_in_silence(const std::vector<bytes>& connects, place where) {
  for (const auto& connect : connects) {
    auto bad = dial();
    bad.send(connect, where);
    bad.expect_eof(patience, where);
  }
  client("good", where).ping(where);
}

bool ConformanceTest::set(const std::vector<std::string>& settings) {
  if (is_foreign())
    return false;
  if (broker_)
    throw std::logic_error{"settings come before the first client"};
  settings_.insert(settings_.end(), settings.begin(), settings.end());
  return true;
}

broker_process& ConformanceTest::broker() {
  if (!broker_)
    broker_ = std::make_unique<broker_process>(settings_);
  return *broker_;
}

bool ConformanceTest::is_foreign() {
  return !foreign_broker().empty();
}

void ConformanceTest::TearDown() {
  if (!broker_)
    return;
  const auto wrong = broker_->stop();
  EXPECT_EQ(wrong, "");
  if (HasFailure())
    std::cerr << "standard error of the node:\n" << broker_->error_output();
}

endpoint ConformanceTest::address() {
  return is_foreign() ? parse_endpoint(foreign_broker()) : broker().mqtt();
}

} // namespace callboard::conformance
