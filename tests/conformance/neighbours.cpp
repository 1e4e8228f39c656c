#include "tests/conformance/neighbours.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace callboard::conformance {

namespace {

using std::chrono::steady_clock;

/// How many messages show that they are served.
constexpr int enough = 20;

} // namespace

neighbours::neighbours(wire_client talker, wire_client listener)
    : talker_{std::move(talker)}, listener_{std::move(listener)}, thread_{[this] { run(); }} {}

neighbours::~neighbours() {
  stopped_ = true;
  if (thread_.joinable())
    thread_.join();
}

void neighbours::expect_unharmed() {
  const int before = exchanged_;
  const auto deadline = steady_clock::now() + 2 * patience;
  while (exchanged_ < before + enough && !stopped_ && steady_clock::now() < deadline)
    std::this_thread::sleep_for(milliseconds{1});
  const int after = exchanged_;
  stopped_ = true;
  thread_.join();
  EXPECT_EQ(fault_, "") << "the neighbours were harmed";
  EXPECT_GE(after, before + enough) << "the neighbours are not served any more";
  testing::Test::RecordProperty("slowest_exchange_ms", static_cast<int>(slowest_));
}

void neighbours::run() {
  try {
    for (int number = 0; !stopped_; ++number) {
      const auto begin = steady_clock::now();
      exchange(number);
      const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
      slowest_ = std::max(slowest_.load(), took.count());
      ++exchanged_;
    }
  } catch (const std::exception& fault) {
    fault_ = fault.what();
    stopped_ = true;
  }
}

void neighbours::exchange(int number) {
  const auto payload = std::to_string(number);
  talker_.publish({.topic = "neighbours", .payload = payload, .qos = 1});
  listener_.receive_message("neighbours", payload);
  std::this_thread::sleep_for(milliseconds{1}); // they are not the flood
}

} // namespace callboard::conformance
