#pragma once

#include "protocol/types.hpp"

#include <compare>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace callboard::testing {

/// The messages of one publisher on one topic at one QoS: what MQTT promises an
/// order for (MQTT5-4.6). Numbered from 1.
struct stream {
  std::string publisher;
  std::string topic;
  protocol::qos qos = protocol::qos::at_most_once;

  auto operator<=>(const stream&) const = default;
};

/// A PUBLISH as a subscriber's application got it: at QoS 2 behind the client's
/// own sorting out of repeats.
struct copy {
  std::uint32_t number = 0;
  protocol::qos qos = protocol::qos::at_most_once;
  bool dup = false;
  bool retain = false; // it was retained before the subscription was there
};

enum class fault_kind : std::uint8_t {
  lost,      // owed and never heard
  doubled,   // heard more often than it may be
  overtaken, // a younger message of the stream was heard before
  phantom,   // nobody published it, or nobody subscribed to it
  stale,     // a retained message that is older than what was heard before
};

struct fault {
  fault_kind kind = fault_kind::lost;
  std::string subscriber;
  std::string what;
};

std::ostream& operator<<(std::ostream& out, const fault& one);

/// What publishers did and what subscribers heard, and whether the one follows
/// from the other by what MQTT promises. Knows no broker: told of each event in
/// the order in which clients saw them, so it fits any test that has clients.
///
/// A subscriber here is one life of a session. A session that begins anew is
/// another subscriber, with another name.
class delivery_history {
public:
  /// Counts the events.
  using moment = std::uint64_t;

  // -- publishers -----------------------------------------------------------------

  /// The PUBLISH left the client: for the first time, or again.
  void sent(const stream& from, std::uint32_t number, bool retain = false);

  /// The same, and it is empty: it only removes what is retained.
  void sent_removal(const stream& from, std::uint32_t number);

  /// The broker has taken it over by PUBACK or PUBREC, or must publish this will:
  /// from now on it is owed.
  void acknowledged(const stream& from, std::uint32_t number);

  /// It must never be heard: a will that was not due.
  void withheld(const stream& from, std::uint32_t number);

  /// It may be heard or not: it was refused, or a will that nobody was promised.
  void abandoned(const stream& from, std::uint32_t number);

  /// It may be heard once more, also at QoS 2: a will that was on its way when the
  /// broker crashed.
  void may_come_again(const stream& from, std::uint32_t number);

  // -- the broker -----------------------------------------------------------------

  /// It has lost all that it had promised nobody, and begins again with the rest. What
  /// was sent at QoS 1 it may not know to have been sent.
  void crashed();

  // -- subscribers ----------------------------------------------------------------

  /// The subscriber is a share group: its members' copies count as one
  /// subscriber's, and have no order (MQTT5-4.8.2).
  void is_shared(const std::string& subscriber);

  /// SUBSCRIBE left the client; the moment is for subscribed().
  moment subscribes(const std::string& subscriber, const std::string& filter);

  /// SUBACK has come.
  void subscribed(
    const std::string& subscriber, const std::string& filter, protocol::qos granted, moment asked);

  /// UNSUBSCRIBE left the client; the moment is for unsubscribed().
  moment unsubscribes(const std::string& subscriber, const std::string& filter);

  /// UNSUBACK has come, to the UNSUBSCRIBE of that moment: not to a later one.
  void unsubscribed(const std::string& subscriber, const std::string& filter, moment asked);

  /// A new connection of the same session.
  void returned(const std::string& subscriber);

  /// The session is over: it gets no more, but what it got has no gaps.
  void ended(const std::string& subscriber);

  void heard(const std::string& subscriber, const stream& from, const copy& what);

  // -- the broker -------------------------------------------------------------------

  /// It has ended and begun again, and need not know what it had sent at QoS 1: that
  /// may come once more without being marked as a repeat.
  void broker_began_again();

  // -- the verdict ----------------------------------------------------------------

  /// All that is wrong when everything has come to rest.
  std::vector<fault> faults() const;

  /// For whoever looks for the cause: the filters, and when they came and went.
  std::string subscriptions_of(const std::string& subscriber) const;

  /// How many copies were heard, and how many messages were sent.
  std::uint64_t copies() const { return copies_; }
  std::uint64_t messages() const { return messages_; }

private:
  static constexpr moment never = UINT64_MAX;

  struct message {
    moment first_sent = 0;
    moment last_sent = 0;
    moment acknowledged = never;
    std::uint32_t times_sent = 0;
    bool retain = false;
    bool is_removal = false;
    bool withheld = false;
    bool abandoned = false;
    std::uint32_t times_more = 0; // it may be heard
  };

  struct subscription {
    std::string filter;
    protocol::qos granted = protocol::qos::at_most_once;
    moment asked = 0;
    moment since = never;       // SUBACK
    moment until = never;       // UNSUBSCRIBE, or the next SUBSCRIBE
    moment gone = never;        // UNSUBACK
    bool replay_is_due = false; // what is retained shall come
  };

  struct hearing {
    copy what;
    std::uint32_t visit = 0; // which of the session's connections
    moment when = 0;
    std::uint32_t crashes = 0; // of the broker before
  };

  struct listener {
    bool shared = false;
    bool ended = false;
    std::uint32_t visit = 0;
    std::vector<subscription> subscriptions;
    std::map<stream, std::vector<hearing>> heard;
  };

  message& message_of(const stream& from, std::uint32_t number);
  const message* find(const stream& from, std::uint32_t number) const;

  // Each judges one stream of one subscriber.
  class judge;

  void forget_replays();

  moment now_ = 0;
  std::uint32_t crashes_ = 0;
  std::uint64_t copies_ = 0;
  std::uint64_t messages_ = 0;
  std::map<stream, std::vector<message>> published_; // [number - 1]
  std::map<std::string, listener> subscribers_;
};

} // namespace callboard::testing
