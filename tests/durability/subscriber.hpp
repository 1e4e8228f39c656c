#pragma once

#include "tests/durability/lasting_client.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace callboard::durability {

/// A filter that a subscriber wants, and at which QoS.
struct wish {
  std::string filter;
  unsigned qos = 1;
};

/// A subscriber that tells the history what it hears. Of QoS 2 it keeps which packet
/// identifiers it has received and not released, across all connections of its
/// session, so that what comes again under one of them is not heard again. Lets the
/// node wait for its answers a little, as what is in flight is what gets lost.
class subscriber final : public lasting_client {
public:
  /// With a group it is a member of that share group, under whose name it is heard
  /// and whose filter is its only wish.
  subscriber(world& all, habits ways, std::vector<wish> wishes, std::string group = {});

  /// Changes its subscriptions no more, and sees to it that it has them all.
  void rest();

  bool is_done() const override {
    return requests_.empty() && answers_.empty() && unreleased_.empty();
  }

  /// For whoever looks for the cause.
  std::string what_is_owed() const;

private:
  struct request {
    std::size_t which = 0;
    bool is_subscribe = true;
    testing::delivery_history::moment asked = 0;
  };

  void arrived(bool session_present) override;
  void take(const received_packet& packet) override;
  void act(steady_time now) override;
  void gone(bool was_served) override;

  void want(std::size_t which);
  void give_up(std::size_t which);
  void change_mind(steady_time now);
  void hear(const received_packet& message);
  void report(const received_packet& message);
  void granted(const received_packet& suback);
  void let_go(const received_packet& unsuback);
  bool is_member() const { return !group_.empty(); }
  const std::string& name_heard() const { return is_member() ? group_ : id(); }

  std::vector<wish> wishes_;
  std::string group_;
  std::vector<bool> wanted_;
  std::vector<bool> granted_; // by a SUBACK
  std::map<std::uint16_t, request> requests_;
  std::set<std::uint16_t> unreleased_; // QoS 2: received, and no PUBREL yet
  std::deque<bytes> answers_;          // not sent yet
  steady_time next_answer_ = steady_time{};
  steady_time next_change_ = steady_time{};
  std::uint16_t last_id_ = 0;
  bool resting_ = false;
};

} // namespace callboard::durability
