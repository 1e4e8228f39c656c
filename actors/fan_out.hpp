#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/subscriber.hpp"
#include "protocol/message.hpp"
#include "protocol/packets/publication.hpp"
#include "protocol/session/subscription_identifiers.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// Connections on one unit that get the same bytes: same version, same
/// subscription identifiers, same treatment of RETAIN.
struct express_group {
  std::uint16_t unit = 0;
  protocol::version version = protocol::version::mqtt_3_1_1;
  bool retain_as_published = false;
  protocol::subscription_identifiers identifiers;
  sink_list sinks;
};

/// One publication on its way through a fan-out, and what was made of it already:
/// each form is encoded once, whatever the number of receivers.
class outbound_publication {
public:
  outbound_publication(const protocol::publication& publication, const packet_batch& batch,
    protocol::client_number publisher, time_point now);

  const protocol::publication& publication() const { return publication_; }

  /// The message to be kept, made when first asked for.
  const protocol::message_ptr& message();

  /// The QoS 0 packet in this form.
  network::slice packet(house& place, const express_group& group);

private:
  network::slice encode(house& place, const express_group& group) const;

  const protocol::publication& publication_;
  const packet_batch& batch_;
  protocol::client_number publisher_;
  time_point now_;
  protocol::message_ptr message_;

  /// Without identifiers: [MQTT 5 or not][RETAIN]. None before the first.
  std::optional<std::array<std::array<network::slice, 2>, 2>> packets_;
};

/// Whether the group gets the very bytes that the publisher sent. That is most of
/// the traffic of most brokers, so it has a short way.
bool goes_as_it_came(
  const protocol::publication& publication, const packet_batch& batch, const express_group& group);

/// Collects what a SUBTREE or a SHARE GROUP has for the connections of each unit,
/// to be sent as one mail for each at the end of the turn.
class fan_out {
public:
  explicit fan_out(house& place) : place_{place}, loads_{place.company.houses.size()} {}

  /// One publication to a group of connections.
  void add(outbound_publication& what, const express_group& group);

  /// The same for a publication that goes on as it came: see goes_as_it_came().
  void add_as_it_came(const protocol::publication& publication, const packet_batch& batch,
    const express_group& group);

  /// Bytes that are encoded already.
  void add(std::uint16_t unit, const publish_run& run, const sink_list& to);

  void send_all();

private:
  house& place_;
  std::vector<std::vector<carry::load>> loads_; // [unit]
};

/// Encodes into the unit's shared memory.
network::slice encode_shared(
  house& place, protocol::version version, const protocol::outgoing_publication& packet);

} // namespace callboard::actors
