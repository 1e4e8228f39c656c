#pragma once

#include "actors/fan_out.hpp"
#include "actors/subscriber.hpp"
#include "protocol/session/subscription_identifiers.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace callboard::actors {

struct correspondent;

/// A share group, and which packets of the present batch are for it.
struct member_group {
  share_group_role group;
  std::vector<std::uint32_t> pending;

  /// One of them may have to survive.
  bool is_promised = false;
};

/// Who gets what is published on one topic: the answer of a filter tree, made
/// ready for many publications.
struct audience {
  /// One of these for each client that is served by its session; overlapping
  /// subscriptions of a client are joined (MQTT5-3.3.4-2, -4, E91).
  struct reader {
    correspondent* to = nullptr;
    protocol::client_number client = 0;
    protocol::qos maximum_qos = protocol::qos::at_most_once;
    bool retain_as_published = false;
    protocol::subscription_identifiers identifiers;

    /// The same of those subscriptions that want the client's own messages too;
    /// `hears_itself` is false if there is none (MQTT5-3.8.3-3, E92).
    bool hears_itself = false;
    protocol::qos own_maximum_qos = protocol::qos::at_most_once;
    protocol::subscription_identifiers own_identifiers;
  };

  std::vector<express_group> express;
  std::vector<reader> readers;
  std::vector<member_group*> groups;

  /// What is published on the topic survives nothing, though the node has a store.
  bool transient = false;

  /// Of the subtree's subscriptions, when this was true.
  std::uint64_t version = 0;

  /// Nobody but connections that get the same bytes.
  bool is_one_express() const { return express.size() == 1 && readers.empty() && groups.empty(); }

  bool empty() const { return express.empty() && readers.empty() && groups.empty(); }

  /// Keeps the memory.
  void clear();

  /// Adds all subscriptions of one client that match: by the express path if all
  /// of them may take it, or else by its session, which `by` leads to.
  void add(std::span<const subscribed_session* const> of_one_client,
    const std::function<correspondent&(const subscribed_session&)>& by);

private:
  void add_express(std::span<const subscribed_session* const> of_one_client);
};

} // namespace callboard::actors
