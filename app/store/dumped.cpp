#include "app/store/dumped.hpp"

#include "app/store/message_object.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace callboard::app::store {

namespace {

using operations = std::vector<protocol::operation>;

/// Sessions that are listed at once.
constexpr std::size_t page_size = 256;

/// What is held of a queue at once.
constexpr protocol::queue_portion queue_page{4'096, std::uint64_t{4} << 20};

/// What the list says of a session, but its subscriptions, which its operations
/// bring again.
struct outline {
  std::string client_id;
  std::uint64_t number = 0;
  bool attached = false;
  protocol::time_point ends_at;
  protocol::time_point will_at;
};

/// A session's line, bit by bit, as its queue may be long.
class session_line {
public:
  session_line(std::ostream& out, persistence::store& from, const selection& what,
    const persistence::clock_reading& clock)
      : out_{out}, from_{from}, what_{what}, clock_{clock} {}

  /// The operations bring the session with the beginning of its queue.
  persistence::store_result write(const outline& head, const operations& all) {
    bool wanted = what_.everything() || std::ranges::any_of(all, [&](const auto& one) {
      return std::visit([&](const auto& each) { return selects(each); }, one);
    });
    if (!wanted) {
      auto failed = each_resting(head, all, [&](const protocol::delivery& one) {
        wanted = selects(one);
        return !wanted;
      });
      if (failed || !wanted)
        return failed;
    }
    auto text = text_of(head_of(head, all));
    text.pop_back(); // the closing brace
    out_ << text;
    write_list("subscriptions", all);
    write_list("inflight", all);
    auto failed = write_queue(head, all);
    out_ << "}\n";
    return failed;
  }

private:
  // -- the rest of a long queue -------------------------------------------------

  persistence::store_result write_queue(const outline& head, const operations& all) {
    begin_list("queue");
    write_elements("queue", all);
    auto failed = each_resting(head, all, [&](const protocol::delivery& one) {
      if (selects(one))
        write_element(object_of(one, clock_));
      return static_cast<bool>(out_);
    });
    out_ << ']';
    return failed;
  }

  /// Those of the queue that the operations leave out, until `visit` says false.
  template <class Visit>
  persistence::store_result each_resting(
    const outline& head, const operations& all, Visit visit) const {
    persistence::waiting_place at{head.client_id, head.number, 0};
    bool goes_on = false;
    for (const auto& one : all) {
      at.skipped += std::holds_alternative<protocol::delivery_enqueued>(one) ? 1 : 0;
      goes_on = goes_on || std::holds_alternative<protocol::deliveries_resting>(one);
    }
    while (goes_on) {
      const auto found = from_.load_waiting(at, queue_page);
      if (!found)
        return found.error();
      at.skipped += found->deliveries.size();
      goes_on = !found->deliveries.empty() && std::ranges::all_of(found->deliveries, visit);
    }
    return std::nullopt;
  }

  // -- what is selected ---------------------------------------------------------

  bool selects(const protocol::subscription_put& one) const { return what_.takes(one.what); }
  bool selects(const protocol::delivery_enqueued& one) const { return selects(one.what); }
  bool selects(const protocol::delivery_in_flight& one) const { return selects(one.what); }
  template <class Other>
  bool selects(const Other&) const {
    return false;
  }

  /// Of one that is released only the packet identifier is left.
  bool selects(const protocol::delivery& one) const {
    return one.message ? what_.takes_topic(one.message->topic()) : what_.everything();
  }

  // -- the line -----------------------------------------------------------------

  object head_of(const outline& head, const operations& all) const {
    object one;
    one["kind"] = "session";
    one["client_id"] = head.client_id;
    one["number"] = head.number;
    one["attached"] = head.attached;
    one["expiry"] = nullptr;
    one["ends_at"] = time_of(head.ends_at, clock_);
    for (const auto& each : all)
      std::visit([&](const auto& what) { add(one, what); }, each);
    if (one.contains("will"))
      one["will_at"] = time_of(head.will_at, clock_);
    return one;
  }

  static void add(object& to, const protocol::client_attached& one) { to["expiry"] = one.expiry; }
  static void add(object& to, const protocol::expiry_changed& one) { to["expiry"] = one.expiry; }
  static void add(object& to, const protocol::will_set& one) {
    if (one.what)
      to["will"] = object_of(*one.what);
  }
  static void add(object& to, const protocol::publication_received& one) {
    to["received_packet_ids"].push_back(one.id);
  }
  template <class Other>
  static void add(object&, const Other&) {}

  void write_list(std::string_view name, const operations& all) {
    begin_list(name);
    write_elements(name, all);
    out_ << ']';
  }

  void begin_list(std::string_view name) {
    out_ << ",\"" << name << "\":[";
    is_first_ = true;
  }

  void write_elements(std::string_view list, const operations& all) {
    for (const auto& each : all) {
      const auto one = std::visit([&](const auto& what) { return element(list, what); }, each);
      if (!one.is_null())
        write_element(one);
    }
  }

  void write_element(const object& one) {
    out_ << (std::exchange(is_first_, false) ? "" : ",") << text_of(one);
  }

  /// Null if it does not belong into this list, or is not selected.
  object element(std::string_view list, const protocol::subscription_put& one) const {
    return list == "subscriptions" && selects(one) ? object_of(one.what) : object{};
  }

  object element(std::string_view list, const protocol::delivery_enqueued& one) const {
    return list == "queue" && selects(one) ? object_of(one.what, clock_) : object{};
  }

  object element(std::string_view list, const protocol::delivery_in_flight& one) const {
    if (list != "inflight" || !selects(one))
      return {};
    object in_flight;
    in_flight["packet_id"] = one.id;
    in_flight["released"] = one.released;
    if (one.what.message)
      in_flight.update(object_of(one.what, clock_));
    return in_flight;
  }

  template <class Other>
  object element(std::string_view, const Other&) const {
    return {};
  }

  std::ostream& out_;
  persistence::store& from_;
  const selection& what_;
  const persistence::clock_reading& clock_;
  bool is_first_ = true; // of a list
};

persistence::store_result list_page(
  persistence::store& from, std::string_view behind, std::vector<outline>& page) {
  page.clear();
  return from.list_sessions(behind, [&](const persistence::session_outline& one) {
    page.push_back(
      {std::string{one.client_id}, one.session, one.attached, one.ends_at, one.will_at});
    return page.size() < page_size;
  });
}

persistence::store_result write_sessions(std::ostream& out, persistence::store& from,
  const selection& what, const persistence::clock_reading& clock) {
  session_line line{out, from, what, clock};
  std::vector<outline> page;
  std::string behind;
  do {
    if (auto failed = list_page(from, behind, page))
      return failed;
    for (const auto& one : page) {
      const auto loaded = from.load_session(one.client_id, queue_page);
      if (!loaded)
        return loaded.error();
      if (*loaded)
        if (auto failed = line.write(one, **loaded))
          return failed;
      behind = one.client_id;
    }
  } while (page.size() == page_size && out);
  return std::nullopt;
}

persistence::store_result write_retained(std::ostream& out, persistence::store& from,
  const selection& what, const persistence::clock_reading& clock) {
  return from.load_retained({}, [&](const protocol::message_ptr& one) {
    object line;
    line["kind"] = "retained";
    line.update(object_of(*one, clock));
    if (what.takes_topic(one->topic()))
      out << text_of(line) << '\n';
    return static_cast<bool>(out);
  });
}

persistence::store_result write_shares(std::ostream& out, persistence::store& from,
  const selection& what, const persistence::clock_reading& clock) {
  return from.load_shares([&](const persistence::share_change& one) {
    if (!what.takes_topic(one.message->topic()))
      return;
    object line;
    line["kind"] = "share";
    line["group"] = one.group;
    line["token"] = one.token;
    line.update(object_of(*one.message, clock));
    out << text_of(line) << '\n';
  });
}

} // namespace

persistence::store_result write_dump(std::ostream& out, persistence::store& from,
  const selection& what, const persistence::clock_reading& clock) {
  auto failed = write_sessions(out, from, what, clock);
  if (!failed)
    failed = write_retained(out, from, what, clock);
  if (!failed)
    failed = write_shares(out, from, what, clock);
  return failed;
}

} // namespace callboard::app::store
