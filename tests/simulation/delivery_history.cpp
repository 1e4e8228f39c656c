#include "tests/simulation/delivery_history.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <ostream>
#include <set>
#include <string_view>
#include <utility>

namespace callboard::testing {

namespace {

using protocol::qos;

std::string_view name_of(fault_kind kind) {
  switch (kind) {
  case fault_kind::lost:
    return "lost";
  case fault_kind::doubled:
    return "doubled";
  case fault_kind::overtaken:
    return "overtaken";
  case fault_kind::phantom:
    return "phantom";
  case fault_kind::stale:
    return "stale";
  }
  return "?";
}

} // namespace

std::ostream& operator<<(std::ostream& out, const fault& one) {
  return out << name_of(one.kind) << ": " << one.what;
}

/// Compares what one subscriber heard of one stream with what was published.
class delivery_history::judge {
public:
  judge(const delivery_history& all, const std::string& name, const listener& who,
    const stream& from, std::vector<fault>& found)
      : all_{all}, name_{name}, who_{who}, from_{from}, found_{found} {
    const auto heard = who.heard.find(from);
    if (heard != who.heard.end())
      heard_ = &heard->second;
    const auto published = all.published_.find(from);
    if (published != all.published_.end())
      published_ = &published->second;
    for (const auto& one : who.subscriptions)
      if (protocol::matches(one.filter, from.topic))
        matching_.push_back(&one);
  }

  void check() {
    check_phantoms();
    check_copies();
    if (!who_.shared) {
      check_order();
      check_repeats();
      check_replays();
    }
    check_losses();
    check_what_is_retained();
  }

private:
  void check_phantoms() {
    for (const auto& [what, visit, when, crashes] : *heard_) {
      const auto* original = all_.find(from_, what.number);
      if (original == nullptr)
        add(fault_kind::phantom, what.number, "was never published");
      else if (original->withheld)
        add(fault_kind::phantom, what.number, "should have been withheld");
      else if (!may_hear(*original, what))
        add(fault_kind::phantom, what.number, "has no subscription");
    }
  }

  /// Whether a subscription was there at any time when it may have been routed.
  bool may_hear(const message& original, const copy& what) const {
    return std::ranges::any_of(matching_, [&](const subscription* one) {
      const bool in_time = what.retain || original.acknowledged > one->asked;
      return in_time && original.first_sent < one->gone;
    });
  }

  /// At QoS 2 there is one copy; at QoS 1 there may be more if they are marked as
  /// repeats, if the publisher has sent it again, or if the broker has begun again.
  void check_copies() {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> fresh; // between crashes
    std::map<std::uint32_t, std::uint32_t> exactly_once;
    for (const auto& [what, visit, when, crashes] : *heard_) {
      if (what.retain)
        continue;
      fresh[{what.number, crashes}] += what.dup ? 0 : 1;
      exactly_once[what.number] += what.qos == qos::exactly_once ? 1 : 0;
    }
    for (const auto& [number, count] : exactly_once)
      if (count > 1 + times_more(number))
        add(fault_kind::doubled, number, "came " + std::to_string(count) + " times at QoS 2");
    if (who_.shared) // what a member did not acknowledge goes to another as new
      return;
    for (const auto& [which, count] : fresh)
      if (count > may_come(which.first))
        add(fault_kind::doubled, which.first,
          "came " + std::to_string(count) + " times without being marked as a repeat");
  }

  std::uint32_t may_come(std::uint32_t number) const {
    const auto* original = all_.find(from_, number);
    const auto more = times_more(number);
    return more +
           (original != nullptr && from_.qos == qos::at_least_once ? original->times_sent : 1);
  }

  std::uint32_t times_more(std::uint32_t number) const {
    const auto* original = all_.find(from_, number);
    return original == nullptr ? 0 : original->times_more;
  }

  /// What is heard for the first time is younger than all that was heard before, at
  /// the same QoS: MQTT promises nothing between what was granted before and after
  /// the subscriptions changed (MQTT5-4.6.0-5).
  void check_order() {
    std::set<std::uint32_t> seen;
    std::map<qos, hearing> newest;
    for (const auto& one : *heard_) {
      const auto number = one.what.number;
      if (one.what.retain || !seen.insert(number).second)
        continue;
      auto& last = newest[one.what.qos];
      if (number >= last.what.number)
        last = one;
      else if (!may_be_a_repeat(number, last))
        add(fault_kind::overtaken, number, "came behind " + std::to_string(last.what.number));
    }
  }

  /// At QoS 1 a broker forwards what a publisher sends again as another message
  /// (MQTT5-4.3.2-5), in the order in which it came again. Who was not subscribed the
  /// first time hears only that; and so does who lost the first one, at QoS 0.
  bool may_be_a_repeat(std::uint32_t number, const hearing& behind) const {
    const auto* one = all_.find(from_, number);
    const auto* other = all_.find(from_, behind.what.number);
    const bool may_repeat = from_.qos == qos::at_least_once || times_more(number) > 0;
    if (!may_repeat || one == nullptr || other == nullptr)
      return false;
    const auto had_the_first = [&](const subscription* each) {
      return each->since < one->first_sent && behind.when < each->until;
    };
    const bool may_have_missed_it =
      behind.what.qos == qos::at_most_once || std::ranges::none_of(matching_, had_the_first);
    return may_have_missed_it && one->last_sent > other->first_sent;
  }

  /// MQTT5-4.6.0-1: what comes again comes in the order of the first time.
  void check_repeats() {
    std::uint32_t last = 0;
    std::uint32_t last_visit = 0;
    for (const auto& [what, visit, when, crashes] : *heard_) {
      if (!what.dup || what.retain)
        continue;
      if (visit == last_visit && what.number < last && from_.qos == qos::exactly_once &&
          times_more(what.number) == 0)
        add(fault_kind::overtaken, what.number, "was repeated behind " + std::to_string(last));
      last = what.number;
      last_visit = visit;
    }
  }

  /// What was retained is not older than what came live before, at the same QoS:
  /// where subscriptions overlap, a queue may hold what was retained at another one.
  /// Only where the publisher does not repeat, as a repeat at QoS 1 is retained again.
  void check_replays() {
    if (from_.qos == qos::at_least_once)
      return;
    std::map<qos, std::uint32_t> newest;
    std::uint32_t last_visit = 0;
    for (const auto& [what, visit, when, crashes] : *heard_) {
      if (visit != std::exchange(last_visit, visit))
        newest.clear();
      auto& last = newest[what.qos];
      if (!what.retain)
        last = std::max(last, what.number);
      else if (!what.dup && what.number < last)
        add(fault_kind::stale, what.number, "was retained, behind " + std::to_string(last));
    }
  }

  void check_losses() {
    if (published_ == nullptr)
      return;
    std::set<std::uint32_t> seen;
    for (const auto& [what, visit, when, crashes] : *heard_)
      if (!what.retain)
        seen.insert(what.number);
    const auto last =
      who_.ended ? last_without_gap() : static_cast<std::uint32_t>(published_->size());
    for (std::uint32_t number = 1; number <= last; ++number)
      if (!seen.contains(number) && is_owed((*published_)[number - 1]))
        add(fault_kind::lost, number, "never came");
  }

  /// Up to which message nothing may be missing though the session has ended: what
  /// was granted may have changed on the way, and there is no order between QoS.
  std::uint32_t last_without_gap() const {
    std::map<qos, std::uint32_t> newest;
    for (const auto& [what, visit, when, crashes] : *heard_)
      if (!what.retain && what.qos != qos::at_most_once)
        newest[what.qos] = std::max(newest[what.qos], what.number);
    const auto least =
      std::ranges::min_element(newest, {}, [](const auto& one) { return one.second; });
    return least == newest.end() ? 0 : least->second;
  }

  bool is_owed(const message& original) const {
    if (original.acknowledged == never || original.is_removal || original.withheld ||
        original.abandoned)
      return false;
    return std::ranges::any_of(matching_, [&](const subscription* one) {
      return std::min(from_.qos, one->granted) != qos::at_most_once &&
             original.first_sent > one->since && original.acknowledged < one->until;
    });
  }

  /// MQTT5-3.3.1-9: who subscribes gets what is retained, or something younger.
  void check_what_is_retained() {
    if (published_ == nullptr || who_.ended || who_.shared)
      return;
    for (const auto* one : matching_)
      if (one->replay_is_due && std::min(from_.qos, one->granted) != qos::at_most_once)
        check_replay_of(*one);
  }

  void check_replay_of(const subscription& one) {
    const auto retained = retained_at(one.asked);
    if (retained == 0)
      return;
    for (auto number = retained; number <= published_->size(); ++number)
      if ((*published_)[number - 1].is_removal)
        return;
    if (std::ranges::none_of(
          *heard_, [&](const hearing& each) { return each.what.number >= retained; }))
      add(fault_kind::lost, retained, "is retained and never came");
  }

  /// The last message of the stream that was retained for sure; 0: none.
  std::uint32_t retained_at(moment when) const {
    for (auto number = static_cast<std::uint32_t>(published_->size()); number > 0; --number) {
      const auto& one = (*published_)[number - 1];
      if (one.retain && one.acknowledged < when && !one.abandoned)
        return number;
    }
    return 0;
  }

  void add(fault_kind kind, std::uint32_t number, const std::string& how) {
    found_.push_back({kind, name_,
      name_ + ": " + from_.publisher + " " + from_.topic + " at QoS " +
        std::to_string(static_cast<int>(from_.qos)) + ", message " + std::to_string(number) + " " +
        how});
  }

  const delivery_history& all_;
  const std::string& name_;
  const listener& who_;
  const stream& from_;
  std::vector<fault>& found_;
  const std::vector<hearing> nothing_;
  const std::vector<hearing>* heard_ = &nothing_;
  const std::vector<message>* published_ = nullptr;
  std::vector<const subscription*> matching_;
};

// -- publishers ---------------------------------------------------------------------

void delivery_history::sent(const stream& from, std::uint32_t number, bool retain) {
  auto& one = message_of(from, number);
  if (one.times_sent++ == 0) {
    one.first_sent = ++now_;
    ++messages_;
  }
  one.last_sent = ++now_;
  one.retain = retain;
}

void delivery_history::sent_removal(const stream& from, std::uint32_t number) {
  sent(from, number);
  message_of(from, number).is_removal = true;
}

void delivery_history::acknowledged(const stream& from, std::uint32_t number) {
  auto& one = message_of(from, number);
  if (one.acknowledged == never)
    one.acknowledged = ++now_;
}

void delivery_history::withheld(const stream& from, std::uint32_t number) {
  message_of(from, number).withheld = true;
}

void delivery_history::abandoned(const stream& from, std::uint32_t number) {
  message_of(from, number).abandoned = true;
}

void delivery_history::may_come_again(const stream& from, std::uint32_t number) {
  ++message_of(from, number).times_more;
}

// -- the broker ---------------------------------------------------------------------

/// What a client sends again at QoS 2 may have been made to last for some subscribers
/// when the broker did not know its identifier for good.
void delivery_history::crashed() {
  ++crashes_;
  for (auto& [from, messages] : published_)
    for (auto& one : messages)
      if (from.qos == qos::exactly_once && one.acknowledged == never)
        ++one.times_more;
  forget_replays();
}

void delivery_history::broker_began_again() {
  ++crashes_;
  forget_replays();
}

/// SUBACK says that the subscription is there (MQTT5-3.8.4-1), not that its retained
/// messages are: they belong to the session's state, which is to survive (MQTT5-4.1.0-1),
/// when they are queued for it. Nobody is promised that the rest goes on to come.
void delivery_history::forget_replays() {
  for (auto& [name, who] : subscribers_)
    for (auto& one : who.subscriptions)
      one.replay_is_due = false;
}

delivery_history::message& delivery_history::message_of(const stream& from, std::uint32_t number) {
  auto& all = published_[from];
  if (all.size() < number)
    all.resize(number);
  return all[number - 1];
}

const delivery_history::message* delivery_history::find(
  const stream& from, std::uint32_t number) const {
  const auto all = published_.find(from);
  if (all == published_.end() || number == 0 || number > all->second.size())
    return nullptr;
  return &all->second[number - 1];
}

// -- subscribers --------------------------------------------------------------------

void delivery_history::is_shared(const std::string& subscriber) {
  subscribers_[subscriber].shared = true;
}

delivery_history::moment delivery_history::subscribes(
  const std::string& subscriber, const std::string& filter) {
  const auto asked = ++now_;
  auto& all = subscribers_[subscriber].subscriptions;
  for (auto& one : all)
    if (one.filter == filter)
      one.until = std::min(one.until, asked);
  subscription wanted;
  wanted.filter = filter;
  wanted.asked = asked;
  all.push_back(std::move(wanted));
  return asked;
}

void delivery_history::subscribed(
  const std::string& subscriber, const std::string& filter, qos granted, moment asked) {
  for (auto& one : subscribers_[subscriber].subscriptions) {
    if (one.filter != filter || one.asked != asked)
      continue;
    one.since = ++now_;
    one.granted = granted;
    one.replay_is_due = one.until == never;
  }
}

delivery_history::moment delivery_history::unsubscribes(
  const std::string& subscriber, const std::string& filter) {
  const auto when = ++now_;
  for (auto& one : subscribers_[subscriber].subscriptions) {
    if (one.filter != filter || one.until != never)
      continue;
    one.until = when;
    one.replay_is_due = false; // the SUBSCRIBE's retained messages may not be through
  }
  return when;
}

void delivery_history::unsubscribed(
  const std::string& subscriber, const std::string& filter, moment asked) {
  const auto when = ++now_;
  for (auto& one : subscribers_[subscriber].subscriptions)
    if (one.filter == filter && one.until <= asked)
      one.gone = std::min(one.gone, when);
}

void delivery_history::returned(const std::string& subscriber) {
  ++subscribers_[subscriber].visit;
}

void delivery_history::ended(const std::string& subscriber) {
  subscribers_[subscriber].ended = true;
}

void delivery_history::heard(const std::string& subscriber, const stream& from, const copy& what) {
  ++copies_;
  auto& who = subscribers_[subscriber];
  who.heard[from].push_back({what, who.visit, ++now_, crashes_});
}

// -- the verdict --------------------------------------------------------------------

std::string delivery_history::subscriptions_of(const std::string& name) const {
  std::string all;
  const auto text = [](moment when) { return when == never ? "-" : std::to_string(when); };
  const auto found = subscribers_.find(name);
  if (found == subscribers_.end())
    return all;
  for (const auto& one : found->second.subscriptions)
    all += one.filter + " at QoS " + std::to_string(static_cast<int>(one.granted)) +
           ": SUBSCRIBE " + text(one.asked) + ", SUBACK " + text(one.since) + ", given up " +
           text(one.until) + ", UNSUBACK " + text(one.gone) + '\n';
  return all;
}

std::vector<fault> delivery_history::faults() const {
  std::vector<fault> found;
  for (const auto& [name, who] : subscribers_) {
    std::set<stream> streams;
    for (const auto& [from, hearings] : who.heard)
      streams.insert(from);
    for (const auto& [from, messages] : published_)
      streams.insert(from);
    for (const auto& from : streams)
      judge{*this, name, who, from, found}.check();
  }
  return found;
}

} // namespace callboard::testing
