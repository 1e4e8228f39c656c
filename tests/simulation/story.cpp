#include "tests/simulation/story.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <utility>

namespace callboard::testing {

namespace {

using namespace std::chrono_literals;
using protocol::qos;
using protocol::version;

constexpr std::size_t writers = 60;
constexpr std::size_t readers = 140;
constexpr std::size_t members_per_group = 5;
constexpr std::size_t mortals = 12;
constexpr std::size_t areas = 3;
constexpr std::size_t rooms = 3;

constexpr int rounds = 400;
constexpr int rounds_per_season = 100;
constexpr int rounds_between_deaths = 15;
constexpr std::size_t events_per_round = 14;

/// Of a node that crashes: how many times a unit moves between two crashes, and how
/// many rounds a disk works and does not work, on an average.
constexpr std::size_t moves_between_crashes = 400;
constexpr std::size_t rounds_with_disk = 50;
constexpr std::size_t rounds_without_disk = 10;

/// One in so many of those who are away comes back in a round, where all have lost
/// their node.
constexpr std::size_t slowness_of_return = 5;

/// So many rounds nothing must come before it is taken that nothing will.
constexpr std::uint64_t quiet_rounds = 5;

/// Enough for a session that shall not end by itself, in seconds.
constexpr std::uint32_t a_long_time = 1'000'000;

const std::string retained = "state";

std::string text_of(const fault& one) {
  std::ostringstream out;
  out << one;
  return out.str();
}

template <class Text>
void append(std::vector<std::string>& to, const Text& from) {
  to.insert(to.end(), from.begin(), from.end());
}

} // namespace

/// Small numbers, so that everything that has a limit meets it.
actors::settings story::rules(fate of_the_node) {
  actors::settings rules;
  rules.subtree_split_rate = 60;
  rules.subtree_merge_rate = 20;
  rules.inflight_maximum = 10;
  rules.receive_maximum = 100;
  rules.queue_memory_messages = 2;
  if (of_the_node == fate::crashes_amid_noise)
    rules.durability_for = {{"+/+/noise", actors::durability::memory}};
  return rules;
}

story::story(std::uint64_t seed, fate of_the_node)
    : any_{seed}, any_noise_{seed}, fate_{of_the_node}, units_{2 + any_.pick(2)},
      house_{static_cast<std::uint32_t>(units_), rules(of_the_node), seed,
        can_crash() ? std::make_unique<store_on_disk>(disk_) : nullptr} {
  disk_is_bad_ = can_crash() && any_.one_in(2);
  if (can_crash()) // clients come while a node reads what its store has, bit by bit
    house_.begin_slowly({1 + any_.pick(5), 1 + any_.pick(2), 1 + any_.pick(5)});
  cast_readers();
  cast_groups();
  cast_mortals();
  cast_writers();
}

void story::play() {
  for (int round = 0; round < rounds; ++round) {
    if (round % rounds_per_season == 0)
      hot_area_ = any_.pick(areas + 1);
    for (std::size_t i = 0; i < events_per_round; ++i) {
      something_happens();
      noise_is_made();
    }
    disk_acts();
    units_move();
    some_come_back();
    listen();
    if (round % rounds_between_deaths == 0)
      mortals_act();
  }
  come_to_rest();
  ask_what_is_retained();
}

std::vector<std::string> story::faults() const {
  auto all = complaints_;
  std::set<std::string> shown;
  for (const auto& one : history_.faults()) {
    all.push_back(text_of(one));
    if (shown.insert(one.subscriber).second)
      all.back() += '\n' + history_.subscriptions_of(one.subscriber);
  }
  for (const auto& one : writers_)
    append(all, one->complaints());
  for (const auto& one : readers_)
    append(all, one->complaints());
  for (const auto& one : members_)
    append(all, one->complaints());
  return all;
}

// -- the cast -------------------------------------------------------------------------

void story::cast_writers() {
  for (std::size_t i = 0; i < writers; ++i) {
    const auto spoken = any_.one_in(3) ? version::mqtt_3_1_1 : version::mqtt_5_0;
    const bool keeps_session = i % 5 != 0;
    writers_.push_back(
      std::make_unique<writer>(house_, history_, "w" + std::to_string(i), spoken, keeps_session));
    if (disk_is_bad_)
      writers_.back()->bear_refusals();
    writers_.back()->come(some_unit());
  }
  house_.play();
}

void story::cast_readers() {
  for (std::size_t i = 0; i < readers; ++i) {
    std::vector<wish> wishes;
    for (auto count = 1 + any_.pick(3); count > 0; --count)
      wishes.push_back({some_filter(), static_cast<qos>(std::min<std::size_t>(any_.pick(5), 2))});
    // One filter is one subscription.
    std::ranges::sort(wishes, {}, &wish::filter);
    const auto repeats = std::ranges::unique(wishes, {}, &wish::filter);
    wishes.erase(repeats.begin(), repeats.end());
    if (i == 0)
      wishes = {{"will/+", qos::exactly_once}};
    if (i == 1)
      wishes = {{retained + "/#", qos::exactly_once}};
    readers_.push_back(std::make_unique<reader>(
      house_, history_, "r" + std::to_string(i), some_habits(), std::move(wishes)));
    readers_.back()->come(some_unit());
  }
  house_.play();
  listen();
}

reader::habits story::some_habits() {
  reader::habits ways;
  ways.version = any_.one_in(3) ? version::mqtt_3_1_1 : version::mqtt_5_0;
  if (any_.one_in(3))
    ways.receive_maximum = static_cast<std::uint16_t>(1 + any_.pick(8));
  switch (any_.pick(5)) {
  case 0: // a session of its own for each connection
    break;
  case 1: // one that may end before it is back
    ways.session_expiry = 2;
    ways.must_be_present = ways.version != version::mqtt_5_0;
    break;
  default:
    ways.session_expiry = a_long_time;
    ways.must_be_present = true;
  }
  return ways;
}

std::string story::some_filter() {
  const auto area = "area" + std::to_string(any_.pick(areas));
  const auto room = "room" + std::to_string(any_.pick(rooms));
  switch (any_.pick(16)) {
  case 0:
    return any_.one_in(3) ? "#" : "+/+/1";
  case 1:
    return retained + "/#";
  case 2:
    return retained + "/+";
  case 3:
    return "will/#";
  case 4:
  case 5:
    return area + "/#";
  case 6:
  case 7:
    return "+/" + room + "/#";
  case 8:
  case 9:
    return area + "/+/0";
  default:
    return area + '/' + room + '/' + std::to_string(any_.pick(2));
  }
}

/// In the first, every message reaches its application exactly once: sessions do
/// not end. In the second, members come and go with their sessions.
void story::cast_groups() {
  for (const std::string filter : {"+/room1/#", "area0/#"}) {
    const bool lasting = filter.front() == '+';
    const std::string group = "$share/g/" + filter;
    history_.is_shared(group);
    const auto asked = history_.subscribes(group, filter);
    for (std::size_t i = 0; i < members_per_group; ++i) {
      reader::habits ways;
      ways.group = group;
      ways.session_expiry = lasting || i == 0 ? a_long_time : 0;
      ways.must_be_present = ways.session_expiry != 0;
      const auto granted = lasting ? qos::exactly_once : qos::at_least_once;
      members_.push_back(std::make_unique<reader>(house_, history_,
        "m" + std::to_string(members_.size()), ways, std::vector<wish>{{group, granted}}));
      members_.back()->come(some_unit());
    }
    for (int i = 0; i < 3; ++i) {
      house_.play();
      listen();
    }
    history_.subscribed(group, filter, lasting ? qos::exactly_once : qos::at_least_once, asked);
  }
}

void story::cast_mortals() {
  for (std::size_t i = 0; i < mortals; ++i) {
    mortal::habits ways;
    ways.qos = any_.one_in(2) ? qos::at_least_once : qos::exactly_once;
    if (any_.one_in(3)) {
      ways.version = version::mqtt_3_1_1;
    } else if (!any_.one_in(4)) {
      ways.delay = static_cast<std::uint32_t>(any_.pick(4));
      ways.session_expiry = any_.one_in(3) ? 2 : a_long_time;
    }
    mortals_.push_back(std::make_unique<mortal>(house_, history_, "d" + std::to_string(i), ways));
  }
}

// -- what happens ---------------------------------------------------------------------

void story::something_happens() {
  switch (any_.pick(24)) {
  case 0:
    return a_writer_stumbles();
  case 1:
  case 2:
    return a_reader_stumbles(*any_.pick_of(readers_));
  case 3:
    return a_reader_changes_its_mind(*any_.pick_of(readers_));
  case 4:
    return a_member_does_something();
  case 5:
  case 6:
    return something_is_retained();
  default:
    return somebody_publishes();
  }
}

void story::somebody_publishes() {
  const auto number = any_.pick(writers);
  auto& one = *writers_[number];
  const auto quality = static_cast<qos>(std::min<std::size_t>(any_.pick(6), 4) / 2);
  const auto topic = some_topic(number);
  for (auto count = 1 + any_.pick(3); count > 0; --count)
    one.publish(topic, quality, false, any_.one_in(20) ? any_.pick(20'000) : any_.pick(100));
}

/// Nobody counts it: it is lost with the node.
void story::noise_is_made() {
  if (fate_ != fate::crashes_amid_noise || !any_noise_.one_in(3))
    return;
  noise_.listen();
  if (!noise_.is_here())
    noise_.resume(a_long_time, any_noise_.pick(units_));
  const auto place = "area" + std::to_string(any_noise_.pick(areas)) + "/room" +
                     std::to_string(any_noise_.pick(rooms));
  noise_.publish(
    place + "/noise", "noise", any_noise_.one_in(2) ? qos::at_least_once : qos::exactly_once);
}

/// Each topic has one writer, who keeps its session: so the last value is known.
void story::something_is_retained() {
  if (hot_area_ != areas && !any_.one_in(3))
    return somebody_publishes();
  const auto number = 1 + any_.pick(4) + 5 * any_.pick(writers / 5);
  auto& one = *writers_[number];
  const auto quality = number % 2 == 0 ? qos::at_least_once : qos::exactly_once;
  const auto topic = retained + '/' + std::to_string(number);
  if (any_.one_in(6))
    one.remove_retained(topic, quality);
  else
    one.publish(topic, quality, true);
}

void story::a_writer_stumbles() {
  auto& one = *any_.pick_of(writers_);
  // What it sent behind a CONNECT that it gives up may be read behind what it sends
  // next, and then nobody can tell that it is old.
  if (one.is_here() && !one.was_let_in())
    return;
  switch (any_.pick(3)) {
  case 0:
    one.vanish();
    break;
  case 1:
    one.crash(any_.pick(400));
    break;
  default: // the old connection is still there
    ++takeovers_;
  }
  one.come(some_unit());
}

void story::a_reader_stumbles(reader& one) {
  if (!one.is_here())
    return one.come(some_unit());
  switch (any_.pick(8)) {
  case 0:
  case 1:
    return one.vanish();
  case 2:
    return one.crash(any_.pick(100));
  case 3:
    ++takeovers_;
    return one.come(some_unit());
  case 4:
    return one.come_anew(some_unit());
  case 5:
    return one.take_at_most(any_.pick(2'000));
  default:
    return one.take_at_most(SIZE_MAX);
  }
}

void story::a_reader_changes_its_mind(reader& one) {
  const auto which = any_.pick(one.wishes());
  if (any_.one_in(2))
    one.give_up(which);
  else
    one.want(which);
}

void story::a_member_does_something() {
  const auto number = any_.pick(members_.size());
  auto& one = *members_[number];
  const bool stays = number % members_per_group == 0; // a group without members ends
  if (!one.is_here())
    return one.come(some_unit());
  switch (any_.pick(6)) {
  case 0:
    return one.vanish();
  case 1:
    return one.crash(any_.pick(100));
  case 2:
    ++takeovers_;
    return one.come(some_unit());
  case 3:
    return stays ? one.vanish() : one.give_up(0);
  case 4:
    return one.take_at_most(any_.one_in(2) ? any_.pick(2'000) : SIZE_MAX);
  default:
    return one.want(0);
  }
}

void story::mortals_act() {
  mend_disk();
  house_.play();
  for (const auto& one : mortals_)
    if (any_.one_in(2))
      one->act(any_, units_);
}

/// Units run now and then, a part of their way, in any order; time passes.
void story::units_move() {
  for (auto steps = any_.pick(12); steps > 0; --steps) {
    const auto mails = any_.one_in(2) ? 1 + any_.pick(3) : 300;
    any_.pick_of(house_.node().units())->step_once(mails);
    if (crashes_now())
      crash();
  }
  if (any_.one_in(3))
    any_.pick_of(house_.node().units())->step();
  const auto time = any_.one_in(2) ? 0ms : 50ms * static_cast<int>(any_.pick(8));
  if (time > 0ms)
    for (const auto& unit : house_.node().units())
      unit->advance(time);
}

void story::listen() {
  for (const auto& one : readers_)
    one->listen();
  for (const auto& one : members_)
    one->listen();
  for (const auto& one : writers_)
    one->listen();
  for (const auto& one : mortals_)
    one->listen();
}

// -- what befalls the node --------------------------------------------------------------

void story::disk_acts() {
  if (!disk_is_bad_)
    return;
  if (disk_.fails && any_.one_in(rounds_without_disk)) {
    disk_.fails = false;
  } else if (!disk_.fails && any_.one_in(rounds_with_disk)) {
    disk_.fails = true;
    ++disk_failures_;
  }
}

/// The KEEPER has everything in the store.
void story::mend_disk() {
  disk_.fails = false;
  if (house_.company().store_is_stuck)
    house_.play_for(2s);
}

bool story::crashes_now() {
  return can_crash() && any_.one_in(moves_between_crashes);
}

/// Some clients have read what the node has written, to others it is lost.
void story::crash() {
  ++crashes_;
  disk_.is_gone = true;
  const auto all_lose_it = [this](const auto& all) {
    for (const auto& one : all) {
      if (any_.one_in(2))
        one->listen();
      one->lose_node();
    }
  };
  all_lose_it(writers_);
  all_lose_it(readers_);
  all_lose_it(members_);
  all_lose_it(mortals_);
  noise_.crash();
  for (const auto which : {&actors::counters::bytes_sent, &actors::counters::errors,
         &actors::counters::dropped_queue_full, &actors::counters::subtree_splits,
         &actors::counters::subtree_merges})
    (counted_.*which).add(sum(which) - (counted_.*which).value());
  history_.crashed();
  house_.end();
  disk_.is_gone = disk_.fails = false;
  house_.begin(std::make_unique<store_on_disk>(disk_));
}

/// Those who have lost their node, in any order.
void story::some_come_back() {
  if (fate_ == fate::lives)
    return;
  const auto some = [this](const auto& all) {
    for (const auto& one : all)
      if (!one->is_here() && any_.one_in(slowness_of_return))
        one->come(some_unit());
  };
  some(writers_);
  some(readers_);
  some(members_);
}

std::string story::some_topic(std::size_t number) {
  const auto area = any_.one_in(4) ? any_.pick(areas) : hot_area_ % areas;
  return "area" + std::to_string(area) + "/room" + std::to_string(number % rooms) + '/' +
         std::to_string(number % 2);
}

// -- the end --------------------------------------------------------------------------

template <class Client>
void story::come_if_away(const std::vector<std::unique_ptr<Client>>& all) {
  for (const auto& one : all)
    if (!one->is_here())
      one->come(some_unit());
}

/// Everybody is back and takes all; then nobody has anything left to say.
void story::come_to_rest() {
  mend_disk();
  for (const auto& all : {&readers_, &members_}) {
    for (const auto& one : *all) {
      one->take_at_most(SIZE_MAX);
    }
    come_if_away(*all);
  }
  auto longest = actors::duration{1s};
  for (const auto& one : mortals_)
    longest = std::max(longest, one->longest_delay() + 1s);
  house_.play_for(longest);
  for (const auto& one : mortals_)
    one->finish();
  play_until_quiet([this] {
    come_if_away(readers_);
    come_if_away(members_);
    come_if_away(writers_);
    listen();
  });
  complain_unless(all_are_served(), "a CONNECT was not answered");
  complain_unless(all_is_acknowledged(), "a publication was never acknowledged");
  complain_unless(all_is_released(), "a PUBREL never came"); // MQTT5-4.4.0-1
  complain_unless(
    disk_is_bad_ || sum(&actors::counters::errors) == 0, "the node has found a protocol error");
  complain_unless(sum(&actors::counters::dropped_queue_full) == 0, "a queue was full");
}

/// Until the node has nothing more to say for some time: new messages may wait for
/// many answers to old ones.
void story::play_until_quiet(const std::function<void()>& listen) {
  for (std::uint64_t before = UINT64_MAX, quiet = 0; quiet < quiet_rounds;) {
    house_.play();
    listen();
    const auto said = sum(&actors::counters::bytes_sent);
    quiet = before == said ? quiet + 1 : 0;
    before = said;
  }
}

bool story::all_are_served() const {
  const auto is_served = [](const auto& one) { return one->is_served(); };
  return std::ranges::all_of(readers_, is_served) && std::ranges::all_of(members_, is_served);
}

bool story::all_is_acknowledged() const {
  return std::ranges::all_of(writers_, [](const auto& one) { return one->is_done(); });
}

bool story::all_is_released() const {
  const auto is_done = [](const auto& one) { return one->is_done(); };
  return std::ranges::all_of(readers_, is_done) && std::ranges::all_of(members_, is_done);
}

/// The last value of each topic is what a new subscriber gets.
void story::ask_what_is_retained() {
  reader late{house_, history_, "late", {}, {{retained + "/#", qos::exactly_once}}};
  late.come(some_unit());
  play_until_quiet([&late] { late.listen(); });
  for (std::size_t number = 0; number < writers; ++number) {
    const auto topic = retained + '/' + std::to_string(number);
    const auto quality = number % 2 == 0 ? qos::at_least_once : qos::exactly_once;
    const auto last = writers_[number]->last_retained(topic, quality);
    const auto found = late.last_retained().find(topic);
    const auto text = found == late.last_retained().end() ? std::string{} : found->second;
    const auto wanted =
      last == 0 ? std::string{} : numbered({writers_[number]->name(), topic, quality}, last);
    complain_unless(text == wanted || writers_[number]->is_uncertain(topic),
      topic + ": retained is '" + text + "', not '" + wanted + "'");
  }
}

void story::complain_unless(bool condition, const std::string& otherwise) {
  if (!condition)
    complaints_.push_back(otherwise);
}

std::uint64_t story::sum(one_counter which) const {
  auto all = (counted_.*which).value();
  for (const auto* house : house_.company().houses)
    all += (house->counts.*which).value();
  return all;
}

} // namespace callboard::testing
