#pragma once

#include "actors/cast.hpp"
#include "actors/sink_table.hpp"
#include "protocol/message.hpp"
#include "protocol/packets/subscribe.hpp"
#include "protocol/session/subscription_set.hpp"
#include "protocol/types.hpp"

#include <cstdint>

namespace callboard::actors {

/// A session among the subscribers of a filter.
struct subscribed_session {
  /// Nobody as long as it sleeps in the store: call it by its number.
  session_role session;

  /// The session's, never used again on this node: a client identifier may have
  /// an old and a new session for a moment.
  std::uint64_t session_number = 0;

  /// Tells the client, for No Local (MQTT5-3.8.3-3).
  protocol::client_number client = 0;

  /// Where QoS 0 goes without the session, while its client is connected.
  sink_id sink;

  /// The session's number for the subscription.
  protocol::subscription_number subscription = 0;
  std::uint32_t identifier = 0; // 0: none
  std::uint16_t unit = 0;
  bool connected = false;

  /// What it has survives its connection, and the node.
  bool lasting = false;
  protocol::version version = protocol::version::mqtt_3_1_1;
  protocol::subscription_options options;

  std::uint64_t key() const { return session_number; }

  /// Whether its messages may take the express path. Which path a subscription
  /// takes hangs on nothing that changes from message to message; while it
  /// changes, with a subscription, the session sees to it that the two do not overtake
  /// each other.
  bool takes_express() const {
    return sink && options.maximum_qos == protocol::qos::at_most_once && !options.no_local;
  }
};

/// A share group among the subscribers of a filter.
struct subscribed_group {
  share_group_role group;
  std::uint64_t number = 0;

  std::uint64_t key() const { return number; }
};

} // namespace callboard::actors
