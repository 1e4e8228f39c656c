#include "persistence/records/batch_record.hpp"

#include "persistence/records/parts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace callboard::persistence {

namespace {

/// Operations in the store, by their number: never use one again for another.
enum class tag : std::uint8_t {
  client_attached = 1,
  client_detached,
  expiry_changed,
  will_set,
  will_armed,
  will_cleared,
  subscription_put,
  subscription_removed,
  delivery_enqueued,
  delivery_passed,
  delivery_sent,
  delivery_released,
  delivery_settled,
  shares_returned,
  publication_received,
  publication_freed,
  session_ended,
  delivery_in_flight,
  numbers_continued,
  deliveries_resting,
};

// How a message is referred to; from `first_known` on by its number in the record.
constexpr std::uint64_t no_message = 0;
constexpr std::uint64_t new_message = 1;
constexpr std::uint64_t first_known = 2;

/// Writes one batch. One `put` for each operation.
class batch_writer {
public:
  batch_writer(std::string& out, const message_census& census, const clock_reading& clock)
      : to_{out}, census_{census}, clock_{clock} {}

  void put(const batch& what, const left_out& without) {
    const auto left = std::ranges::count(without, true);
    to_.number(what.sessions.size() - static_cast<std::size_t>(left));
    for (std::size_t at = 0; at < what.sessions.size(); ++at)
      if (without.empty() || !without[at])
        put(what.sessions[at]);
    to_.number(what.retained.size());
    for (const auto& one : what.retained) {
      to_.bytes(one.topic);
      put(one.message);
    }
    to_.number(what.shares.size());
    for (const auto& one : what.shares) {
      to_.bytes(one.group);
      to_.number(one.token);
      put(one.message);
    }
  }

private:
  void put(const session_changes& changes) {
    to_.bytes(changes.client_id);
    to_.number(changes.session);
    to_.number(changes.operations.size());
    for (const auto& one : changes.operations)
      std::visit([this](const auto& change) { put(change); }, one);
  }

  void put(const protocol::message_ptr& message) {
    if (!message)
      return to_.number(no_message);
    if (!census_.is_alone(message.get())) {
      const auto [at, added] = known_.emplace(message.get(), first_known + written_);
      if (!added)
        return to_.number(at->second);
    }
    ++written_;
    to_.number(new_message);
    write_message(to_, *message, clock_);
  }

  void put(const protocol::delivery& what) {
    put(what.message);
    write_terms(to_, what);
  }

  void put(tag which) { to_.byte(static_cast<std::uint8_t>(which)); }
  void put(tag which, std::uint64_t value) {
    put(which);
    to_.number(value);
  }
  void put(tag which, protocol::time_point at) {
    put(which);
    write_time(to_, at, clock_);
  }

  void put(const protocol::client_attached& change) { put(tag::client_attached, change.expiry); }
  void put(const protocol::client_detached& change) { put(tag::client_detached, change.at); }
  void put(const protocol::expiry_changed& change) { put(tag::expiry_changed, change.expiry); }
  void put(const protocol::will_set& change) {
    put(tag::will_set);
    write_will(to_, change.what);
  }
  void put(const protocol::will_armed& change) { put(tag::will_armed, change.at); }
  void put(const protocol::will_cleared&) { put(tag::will_cleared); }
  void put(const protocol::subscription_put& change) {
    put(tag::subscription_put);
    write_subscription(to_, change.what);
  }
  void put(const protocol::subscription_removed& change) {
    put(tag::subscription_removed, change.number);
  }
  void put(const protocol::delivery_enqueued& change) {
    put(tag::delivery_enqueued);
    put(change.what);
  }
  void put(const protocol::delivery_passed&) { put(tag::delivery_passed); }
  void put(const protocol::delivery_sent& change) { put(tag::delivery_sent, change.id); }
  void put(const protocol::delivery_released& change) { put(tag::delivery_released, change.id); }
  void put(const protocol::delivery_settled& change) { put(tag::delivery_settled, change.id); }
  void put(const protocol::shares_returned&) { put(tag::shares_returned); }
  void put(const protocol::publication_received& change) {
    put(tag::publication_received, change.id);
  }
  void put(const protocol::publication_freed& change) { put(tag::publication_freed, change.id); }
  void put(const protocol::session_ended&) { put(tag::session_ended); }
  void put(const protocol::delivery_in_flight& change) {
    put(tag::delivery_in_flight, change.id);
    to_.flag(change.released);
    put(change.what);
  }
  void put(const protocol::deliveries_resting& change) {
    put(tag::deliveries_resting, change.what.count);
    to_.number(change.what.bytes);
    to_.number(change.what.qos_0);
    to_.number(change.what.shared);
  }
  void put(const protocol::numbers_continued& change) {
    put(tag::numbers_continued, change.last_packet_id);
    to_.number(change.last_subscription);
  }

  record_writer to_;
  const message_census& census_;
  clock_reading clock_;

  /// Messages that stand in the record, and the numbers of those that others refer to.
  std::uint64_t written_ = 0;
  std::unordered_map<const protocol::message*, std::uint64_t> known_;
};

/// Reads what a batch_writer wrote.
class batch_reader {
public:
  batch_reader(std::string_view content, const clock_reading& clock)
      : from_{content}, clock_{clock} {}

  std::optional<batch> get() {
    batch all;
    for (auto left = from_.count(); left > 0 && !from_.failed(); --left)
      all.sessions.push_back(get_changes());
    for (auto left = from_.count(); left > 0 && !from_.failed(); --left) {
      auto& one = all.retained.emplace_back();
      one.topic = from_.bytes();
      one.message = get_message();
    }
    for (auto left = from_.count(); left > 0 && !from_.failed(); --left) {
      auto& one = all.shares.emplace_back();
      one.group = from_.bytes();
      one.token = from_.number();
      one.message = get_message();
    }
    return from_.finished() ? std::optional{std::move(all)} : std::nullopt;
  }

private:
  session_changes get_changes() {
    session_changes changes;
    changes.client_id = from_.bytes();
    changes.session = from_.number();
    for (auto left = from_.count(); left > 0 && !from_.failed(); --left)
      changes.operations.push_back(get_operation());
    return changes;
  }

  protocol::message_ptr get_message() {
    const auto which = from_.number();
    if (which == no_message)
      return {};
    if (which == new_message)
      return known_.emplace_back(read_message(from_, clock_));
    if (which - first_known < known_.size())
      return known_[which - first_known];
    from_.fail();
    return {};
  }

  protocol::delivery get_delivery() {
    auto message = get_message();
    auto what = read_terms(from_);
    what.message = std::move(message);
    return what;
  }

  /// In a queue there is a message to each delivery.
  protocol::delivery_enqueued get_enqueued() {
    protocol::delivery_enqueued change{get_delivery()};
    if (!change.what.message)
      from_.fail();
    return change;
  }

  protocol::delivery_in_flight get_in_flight() {
    protocol::delivery_in_flight change;
    change.id = get_id();
    change.released = from_.flag();
    change.what = get_delivery();
    if (!change.what.message && !change.released)
      from_.fail();
    return change;
  }

  protocol::numbers_continued get_numbers() {
    protocol::numbers_continued change;
    change.last_packet_id = get_id();
    change.last_subscription = get_number();
    return change;
  }

  protocol::deliveries_resting get_resting() {
    protocol::deliveries_resting change;
    change.what.count = from_.number();
    change.what.bytes = from_.number();
    change.what.qos_0 = from_.number();
    change.what.shared = from_.number();
    return change;
  }

  protocol::packet_id get_id() { return from_.number_as<protocol::packet_id>(); }
  std::uint32_t get_number() { return from_.number_as<std::uint32_t>(); }
  protocol::time_point get_time() { return read_time(from_, clock_); }

  protocol::operation get_operation() {
    switch (static_cast<tag>(from_.byte())) {
    case tag::client_attached:
      return protocol::client_attached{get_number()};
    case tag::client_detached:
      return protocol::client_detached{get_time()};
    case tag::expiry_changed:
      return protocol::expiry_changed{get_number()};
    case tag::will_set:
      return protocol::will_set{read_will(from_)};
    case tag::will_armed:
      return protocol::will_armed{get_time()};
    case tag::will_cleared:
      return protocol::will_cleared{};
    case tag::subscription_put:
      return protocol::subscription_put{read_subscription(from_)};
    case tag::subscription_removed:
      return protocol::subscription_removed{get_number()};
    case tag::delivery_enqueued:
      return get_enqueued();
    case tag::delivery_passed:
      return protocol::delivery_passed{};
    case tag::delivery_sent:
      return protocol::delivery_sent{get_id()};
    case tag::delivery_released:
      return protocol::delivery_released{get_id()};
    case tag::delivery_settled:
      return protocol::delivery_settled{get_id()};
    case tag::shares_returned:
      return protocol::shares_returned{};
    case tag::publication_received:
      return protocol::publication_received{get_id()};
    case tag::publication_freed:
      return protocol::publication_freed{get_id()};
    case tag::session_ended:
      return protocol::session_ended{};
    case tag::delivery_in_flight:
      return get_in_flight();
    case tag::numbers_continued:
      return get_numbers();
    case tag::deliveries_resting:
      return get_resting();
    }
    from_.fail();
    return protocol::will_cleared{};
  }

  record_reader from_;
  clock_reading clock_;
  std::vector<protocol::message_ptr> known_;
};

} // namespace

void write_batch(std::string& out, const batch& what, const left_out& without,
  const message_census& census, const clock_reading& clock) {
  batch_writer{out, census, clock}.put(what, without);
}

std::optional<batch> read_batch(std::string_view content, const clock_reading& clock) {
  return batch_reader{content, clock}.get();
}

} // namespace callboard::persistence
