#pragma once

#include "tests/durability/lasting_client.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace callboard::durability {

/// Where a publisher publishes, and whether it is retained there.
struct outlet {
  std::string topic;
  unsigned qos = 1;
  bool retain = false;
};

/// A publisher as MQTT wants it: numbers its messages, keeps what was not
/// acknowledged in full, and sends it again, in order, when it is back with its
/// session (MQTT5-4.4.0-1). Takes the smallest packet identifier that is free, so
/// that each is used again as soon as may be.
class publisher final : public lasting_client {
public:
  publisher(world& all, habits ways, std::vector<outlet> outlets);

  /// Begins nothing new.
  void rest() { resting_ = true; }

  bool is_done() const override { return under_way_.empty(); }

  /// What is to be retained in the end: the number of the last message, 0 for
  /// nothing, by topic.
  const std::map<std::string, std::uint32_t>& last_retained() const { return last_retained_; }

private:
  struct sent {
    std::uint16_t id = 0;
    testing::stream from;
    std::uint32_t number = 0;
    conformance::publication message;
    bool released = false; // PUBREC has come
  };

  void arrived(bool session_present) override;
  void take(const received_packet& packet) override;
  void act(steady_time now) override;
  void gone(bool /*was_served*/) override {}

  void publish(const outlet& where);
  void send_now(const sent& one);
  void answered(std::deque<sent>::iterator one, const received_packet& answer);
  std::uint16_t free_id() const;

  std::vector<outlet> outlets_;
  std::deque<sent> under_way_;
  std::map<testing::stream, std::uint32_t> last_;
  std::map<std::string, std::uint32_t> last_retained_;
  steady_time next_burst_ = steady_time{};
  bool resting_ = false;
};

} // namespace callboard::durability
