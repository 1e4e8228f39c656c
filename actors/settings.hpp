#pragma once

#include "protocol/session/queue_shares.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace callboard::actors {

/// Where to listen. `host` is a name or an address, an IPv6 address without
/// brackets; port 0 is any free port.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// How much the log says; each level includes those before it.
enum class log_level : std::uint8_t { error, warning, info, debug };

/// Which message goes when a queue is full.
enum class queue_policy : std::uint8_t { drop_newest, drop_oldest };

/// When what was promised to a client lasts; the safest last.
enum class durability : std::uint8_t {
  memory, // nothing survives the node
  os,     // the operating system has it: survives the process
  disk,   // the disk has it: survives a power cut
};

/// What is promised of the messages on some topics.
struct topic_durability {
  /// A topic filter, matched as that of a subscription.
  std::string filter;
  durability level = durability::disk;

  friend bool operator==(const topic_durability&, const topic_durability&) = default;
};

/// How a share group picks the member that gets the next message.
enum class share_strategy : std::uint8_t {
  round_robin,      // one after the other
  random,           // any
  sticky,           // the same member until it leaves
  hash_client_id,   // the same member for the same publisher
  hash_topic,       // the same member for the same topic
  fewest_in_flight, // the member with the fewest unacknowledged messages
  local,            // a member on the publisher's node, if there is one
};

/// What a node is told before it starts, and does not change while it runs. The
/// ranges are checked before a node sees them; app/options.cpp has them all in
/// one table, with the keys.
struct settings { // NOLINT(*.Padding): what belongs together stands together
  /// The node's name, in logs and for its peers. 1 to 64 letters, digits, '-',
  /// '_' and '.'.
  std::string name = "callboard";

  /// Where MQTT clients connect. At least one.
  std::vector<endpoint> mqtt = {{"127.0.0.1", 1883}};

  /// Threads that carry connections, sessions and subtrees, 0 to 256; 0 is one
  /// fewer than there are cores, at least 1.
  std::uint32_t units = 0;

  /// The directory of what survives a restart.
  std::string data = "callboard-data";

  /// Keep everything in memory and nothing for the next start.
  bool ephemeral = false;

  /// What a PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK or the CONNACK of a session
  /// that outlives its connection promises.
  actors::durability durability = actors::durability::disk;

  /// The same for single topics: the first filter that matches decides, and no other.
  /// A store is as safe as the safest level that is asked for here or above, with all
  /// that is in it: `os` beside `disk` is `disk`.
  std::vector<topic_durability> durability_for;

  /// How safe the store is; memory: there is none.
  actors::durability store_durability() const {
    if (ephemeral)
      return actors::durability::memory;
    auto safest = durability;
    for (const auto& one : durability_for)
      safest = std::max(safest, one.level);
    return safest;
  }

  /// Whether there is a store: for sessions, their subscriptions, and what is published
  /// on topics that are not in memory.
  bool keeps() const { return store_durability() != actors::durability::memory; }

  /// Take clients from other machines without asking who they are. Without it
  /// the node listens on loopback only, where nobody is asked.
  bool allow_anonymous = false;

  actors::log_level log_level = actors::log_level::info;

  /// Seconds between two reports on $SYS/broker, as long as somebody listens; 0 to
  /// 86,400, 0 is never.
  std::uint32_t sys_interval = 10;

  /// Milliseconds that clients have for reading our last words when the node
  /// stops, 0 to 60,000.
  std::uint32_t stop_timeout = 250;

  /// The largest packet that a client may send, in bytes from its first to its
  /// last, 128 to 268,435,460 (MQTT5-3.2.2.3.6).
  std::uint32_t maximum_packet_size = 16'777'216;

  /// QoS 1 and 2 messages that a client may have unacknowledged towards the
  /// node, 1 to 65,535 (MQTT5-3.2.2.3.3).
  std::uint16_t receive_maximum = 1024;

  /// Topic aliases that a client may set, 0 to 65,535 (MQTT5-3.2.2.3.8).
  std::uint16_t topic_alias_maximum = 32;

  /// Topic aliases that the node sets towards a client that allows as many or
  /// more, 0 to 65,535.
  std::uint16_t outbound_topic_alias_maximum = 32;

  /// The highest QoS at which clients may publish, 0 to 2 (MQTT5-3.2.2.3.4).
  std::uint16_t maximum_qos = 2;

  /// Whether messages can be retained (MQTT5-3.2.2.3.5).
  bool retain_available = true;

  /// Whether filters may hold '+' and '#' (MQTT5-3.2.2.3.11).
  bool wildcard_subscription_available = true;

  /// Whether subscriptions may carry an identifier (MQTT5-3.2.2.3.12).
  bool subscription_identifiers_available = true;

  /// Whether clients may share subscriptions (MQTT5-3.2.2.3.13).
  bool shared_subscriptions_available = true;

  /// Seconds of keep alive that MQTT 5 clients are told to use, 0 to 65,535; 0
  /// leaves each client its own (MQTT5-3.2.2.3.14).
  std::uint16_t server_keep_alive = 0;

  /// The longest time, in seconds, that a session waits for its client;
  /// 4,294,967,295 is no cap (MQTT5-3.2.2.3.2).
  std::uint32_t session_expiry_maximum = 4'294'967'295;

  /// The longest client identifier, in bytes, 1 to 65,535.
  std::uint16_t client_id_maximum_length = 65'535;

  /// Whether clients may leave it to the node to name them (MQTT5-3.1.3-6).
  bool allow_empty_client_id = true;

  /// Refuse MQTT 3.1 clients whose identifier is longer than the 23 characters
  /// of that version.
  bool strict_mqtt31_client_ids = false;

  /// Messages that wait for one session, 1 to 4,294,967,295.
  std::uint32_t queue_maximum_messages = 100'000;

  /// Bytes of messages that wait for one session, 1 and more.
  std::uint64_t queue_maximum_bytes = 67'108'864;

  /// Messages of the queue of a session that survives the node which stay in memory
  /// while its client is away, 1 to 1,000,000; about as many KiB. The others are read
  /// from the store when the client comes.
  std::uint32_t queue_memory_messages = 256;

  /// Messages that wait for absent clients on the node, in all their queues together;
  /// 0 is no limit.
  std::uint64_t queue_total_maximum_messages = 0;

  /// Bytes of messages that wait for absent clients on the node; 0 is no limit.
  std::uint64_t queue_total_maximum_bytes = 0;

  /// Which message goes when a session's queue is full, or all of them together.
  actors::queue_policy queue_policy = actors::queue_policy::drop_newest;

  /// What the messages on some topics may fill of a queue, and of all queues of the node
  /// together: the first filter that matches decides; without one it is all of it.
  std::vector<protocol::queue_share> queue_share_for;

  /// Keep QoS 0 messages too for sessions whose client is away.
  bool queue_qos0 = false;

  /// Unacknowledged QoS 1 and 2 messages towards a client that states no
  /// receive maximum, 1 to 65,535.
  std::uint16_t inflight_maximum = 1024;

  /// Seconds from accepting a connection to the end of its CONNECT, 1 to 3,600.
  std::uint32_t handshake_timeout = 10;

  /// Connections at a time; 0 is no limit.
  std::uint32_t maximum_connections = 0;

  /// Subscriptions of one session; 0 is no limit.
  std::uint32_t maximum_subscriptions = 0;

  /// Levels of a topic name or filter, 0 to 65,535; 0 is no limit.
  std::uint16_t topic_maximum_levels = 0;

  /// What clients that ask for response information get, as the prefix of their
  /// response topics; empty is none (MQTT5-3.2.2.3.15).
  std::string response_information;

  /// Bytes that may wait for one client's socket, 1,024 and more. A larger
  /// packet goes out alone.
  std::uint64_t output_maximum_bytes = 16'777'216;

  /// Retained messages on the node; 0 is no limit.
  std::uint32_t retained_maximum_messages = 0;

  /// Bytes of retained messages on the node; 0 is no limit.
  std::uint64_t retained_maximum_bytes = 0;

  /// How share groups without a strategy of their own pick a member.
  actors::share_strategy share_strategy = actors::share_strategy::round_robin;

  /// The strategy of single share groups, by ShareName.
  std::map<std::string, actors::share_strategy, std::less<>> share_strategies;

  /// Messages that wait for a share group whose members are all away or full, 1
  /// to 4,294,967,295.
  std::uint32_t share_queue_maximum_messages = 100'000;

  /// Bytes of messages that wait for such a share group, 1 and more.
  std::uint64_t share_queue_maximum_bytes = 67'108'864;

  /// Publications per second above which a subtree is split; 0 is never.
  std::uint32_t subtree_split_rate = 200'000;

  /// Publications per second below which split subtrees are merged again; less
  /// than subtree_split_rate, or 0 for never.
  std::uint32_t subtree_merge_rate = 20'000;

  friend bool operator==(const settings&, const settings&) = default;
};

} // namespace callboard::actors
