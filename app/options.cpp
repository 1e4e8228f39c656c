#include "app/options.hpp"

#include "app/string_rules.hpp"

#include <array>
#include <limits>

namespace callboard::app {

namespace {

using actors::settings;

constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t tebibyte = std::uint64_t{1} << 40U;

constexpr std::array node_options{
  option{.key = "name",
    .member = &settings::name,
    .help = "The node's name, in logs and for its peers. 1 to 64 letters, digits, '-', '_', '.'.",
    .example = "n1",
    .rule = check_node_name},
  option{.key = "mqtt",
    .member = &settings::mqtt,
    .help = "Where MQTT clients connect: HOST:PORT or [IPV6]:PORT, one or several. A name stands "
            "for all its addresses. Without HOST: 127.0.0.1. Port 0 is any free port.",
    .example = "127.0.0.1:1884"},
  option{.key = "allow_anonymous",
    .member = &settings::allow_anonymous,
    .help = "Take clients from other machines without asking who they are. Without it the node "
            "listens on loopback only, where nobody is asked.",
    .example = "true"},
  option{.key = "units",
    .member = &settings::units,
    .greatest = 256,
    .unit = "threads",
    .help = "Threads that carry connections, sessions and subtrees. 0 is one fewer than there are "
            "cores, at least 1.",
    .example = "2"},
  option{.key = "data",
    .member = &settings::data,
    .help =
      "The directory of what survives a restart: sessions that outlive their connections, with "
      "their messages, and retained messages. Made if it is not there.",
    .example = "/var/lib/callboard",
    .rule = check_path},
  option{.key = "ephemeral",
    .member = &settings::ephemeral,
    .help = "Keep everything in memory and nothing for the next start. The data directory is not "
            "touched.",
    .example = "true"},
  option{.key = "durability",
    .member = &settings::durability,
    .help =
      "Where something must be before it is acknowledged to a client, if it has to survive: on "
      "the disk, which survives a power cut; with the operating system, which survives the end "
      "of the process; or in memory, as with ephemeral.",
    .example = "os"},
  option{.key = "durability_for",
    .member = &settings::durability_for,
    .help =
      "The same for the messages on some topics, by topic filter: the first that matches decides, "
      "and durability where none does. At memory nothing of a message is stored; it is "
      "acknowledged at once and does not survive. There is one store, if anything asks for one, "
      "and it is as safe as the safest asks for: os beside disk is disk. Without effect if "
      "ephemeral.",
    .example = "sensors/#=memory",
    .rule = check_topic_filter},
  option{.key = "log_level",
    .member = &settings::log_level,
    .help = "How much the log says. Each level includes those before it.",
    .example = "debug"},
  option{.key = "sys_interval",
    .member = &settings::sys_interval,
    .greatest = 86'400,
    .unit = "seconds",
    .help = "Time between two reports on the topics below $SYS/broker, as long as somebody has "
            "subscribed to them. 0 is no reports.",
    .example = "60"},
  option{.key = "stop_timeout",
    .member = &settings::stop_timeout,
    .greatest = 60'000,
    .unit = "milliseconds",
    .help = "What clients have for reading their last packets when the node stops. Who is silent "
            "or does not read is cut off then.",
    .example = "2000"},
};

constexpr std::array client_options{
  option{.key = "maximum_packet_size",
    .member = &settings::maximum_packet_size,
    .least = 128,
    .greatest = 268'435'460,
    .unit = "bytes",
    .help = "The largest packet that a client may send, from its first byte to its last.",
    .example = "1048576"},
  option{.key = "receive_maximum",
    .member = &settings::receive_maximum,
    .least = 1,
    .greatest = 65'535,
    .unit = "messages",
    .help = "QoS 1 and 2 messages that a client may have unacknowledged towards the node.",
    .example = "20"},
  option{.key = "topic_alias_maximum",
    .member = &settings::topic_alias_maximum,
    .greatest = 65'535,
    .unit = "aliases",
    .help = "Topic aliases that a client may set.",
    .example = "10"},
  option{.key = "outbound_topic_alias_maximum",
    .member = &settings::outbound_topic_alias_maximum,
    .greatest = 65'535,
    .unit = "aliases",
    .help = "Topic aliases that the node sets towards a client, if the client allows as many.",
    .example = "10"},
  option{.key = "maximum_qos",
    .member = &settings::maximum_qos,
    .greatest = 2,
    .help = "The highest QoS at which clients may publish.",
    .example = "1"},
  option{.key = "retain_available",
    .member = &settings::retain_available,
    .help = "Whether messages can be retained.",
    .example = "false"},
  option{.key = "wildcard_subscription_available",
    .member = &settings::wildcard_subscription_available,
    .help = "Whether topic filters may hold '+' and '#'.",
    .example = "false"},
  option{.key = "subscription_identifiers_available",
    .member = &settings::subscription_identifiers_available,
    .help = "Whether subscriptions may carry an identifier.",
    .example = "false"},
  option{.key = "shared_subscriptions_available",
    .member = &settings::shared_subscriptions_available,
    .help = "Whether clients may share subscriptions ($share).",
    .example = "false"},
  option{.key = "server_keep_alive",
    .member = &settings::server_keep_alive,
    .greatest = 65'535,
    .unit = "seconds",
    .help = "The keep alive that MQTT 5 clients are told to use. 0 leaves each client its own.",
    .example = "60"},
  option{.key = "client_id_maximum_length",
    .member = &settings::client_id_maximum_length,
    .least = 1,
    .greatest = 65'535,
    .unit = "bytes",
    .help = "The longest client identifier.",
    .example = "128"},
  option{.key = "allow_empty_client_id",
    .member = &settings::allow_empty_client_id,
    .help = "Whether clients may leave it to the node to name them.",
    .example = "false"},
  option{.key = "strict_mqtt31_client_ids",
    .member = &settings::strict_mqtt31_client_ids,
    .help = "Refuse MQTT 3.1 clients whose identifier is longer than the 23 characters of that "
            "version.",
    .example = "true"},
  option{.key = "response_information",
    .member = &settings::response_information,
    .help = "What clients that ask for response information get, as the prefix of their response "
            "topics. Empty is none.",
    .example = "answers/",
    .rule = check_response_information},
  option{.key = "handshake_timeout",
    .member = &settings::handshake_timeout,
    .least = 1,
    .greatest = 3'600,
    .unit = "seconds",
    .help = "The time from accepting a connection to the end of its CONNECT.",
    .example = "5"},
  option{.key = "maximum_connections",
    .member = &settings::maximum_connections,
    .greatest = most,
    .unit = "connections",
    .help = "Connections at a time. 0 is no limit.",
    .example = "10000"},
  option{.key = "output_maximum_bytes",
    .member = &settings::output_maximum_bytes,
    .least = 1'024,
    .greatest = tebibyte,
    .unit = "bytes",
    .help = "What may wait for one client's socket. A larger packet goes out alone.",
    .example = "1048576"},
};

constexpr std::array session_options{
  option{.key = "session_expiry_maximum",
    .member = &settings::session_expiry_maximum,
    .greatest = most,
    .unit = "seconds",
    .help = "The longest time that a session waits for its client. 4294967295 is no cap.",
    .example = "604800"},
  option{.key = "queue_maximum_messages",
    .member = &settings::queue_maximum_messages,
    .least = 1,
    .greatest = most,
    .unit = "messages",
    .help = "Messages that wait for one session.",
    .example = "1000"},
  option{.key = "queue_maximum_bytes",
    .member = &settings::queue_maximum_bytes,
    .least = 1,
    .greatest = tebibyte,
    .unit = "bytes",
    .help = "Bytes of messages that wait for one session.",
    .example = "1048576"},
  option{.key = "queue_memory_messages",
    .member = &settings::queue_memory_messages,
    .least = 1,
    .greatest = 1'000'000,
    .unit = "messages",
    .help = "Messages of a lasting session's queue that stay in memory while its client is away, "
            "and about as many KiB; the others are read from the store when it comes.",
    .example = "1000"},
  option{.key = "queue_total_maximum_messages",
    .member = &settings::queue_total_maximum_messages,
    .greatest = most,
    .unit = "messages",
    .help = "Messages that wait for absent clients on the node, in all their queues together. 0 is "
            "no limit.",
    .example = "1000000"},
  option{.key = "queue_total_maximum_bytes",
    .member = &settings::queue_total_maximum_bytes,
    .greatest = tebibyte,
    .unit = "bytes",
    .help =
      "Bytes of messages that wait for absent clients on the node, each counted as often as it "
      "waits. 0 is no limit.",
    .example = "1073741824"},
  option{.key = "queue_policy",
    .member = &settings::queue_policy,
    .help = "Which message goes when a session's queue is full: the newest, or the oldest. If the "
            "queues of the node are full together, a session drops its own oldest.",
    .example = "drop_oldest"},
  option{.key = "queue_share_for",
    .member = &settings::queue_share_for,
    .least = 1,
    .greatest = 100,
    .help =
      "What the messages on some topics may fill of a session's queue, and of those of the node "
      "together, in percent of each limit: the first filter that matches decides, and without one "
      "it is all of it. What some may not fill is room for the others. Who may fill less does not "
      "push out who may fill more, also at drop_oldest.",
    .example = "telemetry/#=50",
    .rule = check_topic_filter},
  option{.key = "queue_qos0",
    .member = &settings::queue_qos0,
    .help = "Keep QoS 0 messages too for sessions whose client is away.",
    .example = "true"},
  option{.key = "inflight_maximum",
    .member = &settings::inflight_maximum,
    .least = 1,
    .greatest = 65'535,
    .unit = "messages",
    .help = "Unacknowledged QoS 1 and 2 messages towards a client that states no receive maximum.",
    .example = "20"},
  option{.key = "maximum_subscriptions",
    .member = &settings::maximum_subscriptions,
    .greatest = most,
    .unit = "subscriptions",
    .help = "Subscriptions of one session. 0 is no limit.",
    .example = "100"},
};

constexpr std::array topic_options{
  option{.key = "topic_maximum_levels",
    .member = &settings::topic_maximum_levels,
    .greatest = 65'535,
    .unit = "levels",
    .help = "Levels of a topic name or topic filter. 0 is no limit.",
    .example = "32"},
  option{.key = "retained_maximum_messages",
    .member = &settings::retained_maximum_messages,
    .greatest = most,
    .unit = "messages",
    .help = "Retained messages on the node. 0 is no limit.",
    .example = "100000"},
  option{.key = "retained_maximum_bytes",
    .member = &settings::retained_maximum_bytes,
    .greatest = tebibyte,
    .unit = "bytes",
    .help = "Bytes of retained messages on the node. 0 is no limit.",
    .example = "1073741824"},
  option{.key = "subtree_split_rate",
    .member = &settings::subtree_split_rate,
    .greatest = most,
    .unit = "publications/s",
    .help = "The rate above which a subtree is split. 0 is never.",
    .example = "500000"},
  option{.key = "subtree_merge_rate",
    .member = &settings::subtree_merge_rate,
    .greatest = most,
    .unit = "publications/s",
    .help = "The rate below which split subtrees are merged again, less than subtree_split_rate. "
            "0 is never.",
    .example = "10000"},
};

constexpr std::array share_options{
  option{.key = "share_strategy",
    .member = &settings::share_strategy,
    .help = "How share groups without a strategy of their own pick the member that gets the next "
            "message.",
    .example = "fewest_in_flight"},
  option{.key = "share_queue_maximum_messages",
    .member = &settings::share_queue_maximum_messages,
    .least = 1,
    .greatest = most,
    .unit = "messages",
    .help = "Messages that wait for a share group whose members are all away or full.",
    .example = "1000"},
  option{.key = "share_queue_maximum_bytes",
    .member = &settings::share_queue_maximum_bytes,
    .least = 1,
    .greatest = tebibyte,
    .unit = "bytes",
    .help = "Bytes of messages that wait for such a share group.",
    .example = "1048576"},
  option{.key = "share_strategies",
    .member = &settings::share_strategies,
    .help = "A table: the strategy of single share groups, by ShareName.",
    .example = "sticky",
    .rule = check_share_name},
};

constexpr std::array<option_section, 5> sections{{
  {"Node", node_options},
  {"Clients", client_options},
  {"Sessions", session_options},
  {"Topics", topic_options},
  {"Shared subscriptions", share_options},
}};

} // namespace

std::span<const option_section> option_sections() {
  return sections;
}

const option* find_option(std::string_view key) {
  for (const auto& section : sections)
    for (const auto& one : section.options)
      if (one.key == key)
        return &one;
  return nullptr;
}

std::vector<std::string_view> option_keys() {
  std::vector<std::string_view> keys;
  for (const auto& section : sections)
    for (const auto& one : section.options)
      keys.push_back(one.key);
  return keys;
}

} // namespace callboard::app
