#pragma once

#include "actors/mail.hpp"
#include "actors/routes.hpp"
#include "protocol/session/inbound_window.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// Divides the publications of a batch among the SUBTREEs: one mail for each of
/// them, and no list where all go to the same one, as they nearly always do.
/// There is one on each unit, which its SESSIONs use one after the other.
class batch_divider {
public:
  explicit batch_divider(actors::routes& routes) : routes_{routes} {}

  /// What is added from now on is of this batch. `reply_to` hears of the tickets.
  void begin(batch_ptr batch, protocol::client_number publisher, session_role reply_to);

  /// The publication at this place of the batch, in ascending order. Ticket 0:
  /// nobody wants to know when it is routed.
  void add(std::string_view topic, std::uint32_t index, protocol::ticket ticket);

  /// Sends what was added, if anything.
  void send();

  void end();

private:
  /// Publications that go to the same SUBTREE.
  struct part {
    const subtree_role* to = nullptr;
    publish mail;

    /// How many it has, the first ones of the batch, as long as mail.which is
    /// empty: nearly always all of them.
    std::uint32_t first_ones = 0;

    void add(std::uint32_t index);
    void list_first_ones();
  };

  part& part_of(std::string_view topic);

  actors::routes& routes_;
  batch_ptr batch_;
  protocol::client_number publisher_ = 0;
  session_role reply_to_;
  std::vector<part> parts_;

  /// Runs of one topic are common.
  std::string_view last_topic_;
  std::size_t last_part_ = 0;
};

} // namespace callboard::actors
