#pragma once

#include "protocol/packets/subscribe.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

/// Names a subscription within its session. Never 0, never used again for
/// another one.
using subscription_number = std::uint32_t;

/// One of a session's subscriptions.
struct subscription {
  /// As the client wrote it; with `$share/name/` in front if it is shared.
  std::string filter;

  subscription_number number = 0;
  std::uint32_t identifier = 0; // 0: none
  subscription_options options;
  std::uint16_t share_name_size = 0; // 0: not shared

  bool shared() const { return share_name_size != 0; }

  /// Empty if it is not shared.
  std::string_view share_name() const;

  /// What topics are matched against.
  std::string_view topic_filter() const;

  friend bool operator==(const subscription&, const subscription&) = default;
};

/// A session's subscriptions, each topic filter once (MQTT5-3.8.4-3). Small for
/// one subscription, quick for many.
class subscription_set {
public:
  subscription_set() = default;
  subscription_set(subscription_set&&) noexcept = default;
  subscription_set& operator=(subscription_set&&) noexcept = default;
  ~subscription_set() = default;

  /// Adds a subscription, or replaces the one of the same number.
  void put(subscription added);

  /// Removes one. False if there is none of this number.
  bool remove(subscription_number number);

  /// Null if there is none; until the next change.
  const subscription* find(subscription_number number) const;
  const subscription* find(std::string_view filter) const;

  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }

  /// A copy of them, in the order in which they were made.
  std::vector<subscription> all() const;

  /// What the next new one will be called, and what the last one was.
  subscription_number next_number() const { return last_number_ + 1; }
  subscription_number last_number() const { return last_number_; }

  /// Continues numbers after this one.
  void number_from(subscription_number last) { last_number_ = last; }

  /// Removes all; numbers go on.
  void clear();

  friend bool operator==(const subscription_set& left, const subscription_set& right) {
    return left.all_ == right.all_ && left.last_number_ == right.last_number_;
  }

private:
  using index = std::map<std::string_view, const subscription*>;

  void make_index();

  /// By number, as the newest always has the highest.
  std::map<subscription_number, subscription> all_;

  /// By filter, as soon as there are many. Views into all_.
  std::unique_ptr<index> by_filter_;

  subscription_number last_number_ = 0;
};

} // namespace callboard::protocol
