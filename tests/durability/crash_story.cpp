#include "tests/durability/crash_story.hpp"

#include "tests/conformance/wire_client.hpp"
#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

namespace callboard::durability {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t publishers = 6;
constexpr std::size_t subscribers = 10;
constexpr std::size_t members = 3;
constexpr std::size_t mortals = 6;

constexpr std::uint64_t rounds_between_late_subscribers = 10;
constexpr std::size_t most_late_subscribers = 10;
constexpr std::uint64_t rounds_between_reports = 50;

constexpr std::size_t longest_round = 400; // milliseconds
constexpr std::size_t longest_pause = 30;
constexpr auto longest_turn = 2ms;

constexpr auto quiet = 500ms;

const std::string group = "$share/g/common/#";
const std::vector<std::string> common{"common/0", "common/1"};

steady_time now() {
  return std::chrono::steady_clock::now();
}

std::string text_of(const testing::fault& one) {
  std::ostringstream out;
  out << one;
  return out.str();
}

template <class Clients>
bool are_done(const Clients& all) {
  return std::ranges::all_of(all, [](const auto& one) { return one->is_done(); });
}

} // namespace

crash_story::crash_story(std::uint64_t seed, std::vector<std::string> flags)
    : any_{seed}, node_{std::move(flags)} {
  world_.broker = node_.mqtt();
  cast_subscribers();
  cast_group();
  cast_mortals();
  cast_publishers();
}

// -- the cast -------------------------------------------------------------------------

lasting_client::habits crash_story::some_habits(const std::string& id) {
  lasting_client::habits ways{.id = id, .seed = any_.pick(SIZE_MAX)};
  if (any_.one_in(3))
    ways.version = protocol_version::v3_1_1;
  if (any_.one_in(2))
    ways.receive_maximum = static_cast<std::uint16_t>(1 + any_.pick(10));
  return ways;
}

void crash_story::cast_publishers() {
  for (std::size_t i = 0; i < publishers; ++i) {
    const auto id = "p" + std::to_string(i);
    std::vector<outlet> outlets;
    for (const unsigned qos : {1U, 2U}) {
      for (const auto& topic : common)
        outlets.push_back({topic, qos});
      const auto level = '/' + std::to_string(qos);
      outlets.push_back({"own/" + id + level, qos});
      outlets.push_back({"state/" + id + level, qos, true});
    }
    publishers_.push_back(std::make_unique<publisher>(world_, some_habits(id), outlets));
    clients_.push_back(publishers_.back().get());
  }
}

void crash_story::cast_subscribers() {
  for (std::size_t i = 0; i < subscribers; ++i) {
    const auto of_one = "own/p" + std::to_string(any_.pick(publishers));
    std::vector<wish> wishes{{any_.pick_of<std::string>({"common/#", "+/1", "own/+/+", "own/#"})},
      {of_one + "/1"}, {of_one + "/2"}, {any_.pick_of<std::string>({"state/+/1", "state/#"})}};
    for (auto& one : wishes)
      one.qos = any_.one_in(3) ? 1 : 2;
    if (i < 2) // somebody to hear the wills
      wishes.front() = {"will/#", 1};
    subscribers_.push_back(
      std::make_unique<subscriber>(world_, some_habits("s" + std::to_string(i)), wishes));
    clients_.push_back(subscribers_.back().get());
  }
}

void crash_story::cast_group() {
  world_.history.is_shared(group);
  const auto filter = group.substr(group.find("common"));
  world_.new_groups[group] = {filter, world_.history.subscribes(group, filter)};
  for (std::size_t i = 0; i < members; ++i) {
    subscribers_.push_back(std::make_unique<subscriber>(
      world_, some_habits("m" + std::to_string(i)), std::vector<wish>{{group, 2}}, group));
    clients_.push_back(subscribers_.back().get());
  }
}

void crash_story::cast_mortals() {
  for (std::size_t i = 0; i < mortals; ++i) {
    auto ways = some_habits("w" + std::to_string(i));
    mortal::last_wish wish{.delay = 0, .retain = i % 2 == 1};
    if (i % 3 != 0) {
      ways.version = protocol_version::v5;
      wish.delay = i % 3 == 1 ? 1 : 1000;
    }
    mortals_.push_back(std::make_unique<mortal>(world_, ways, wish));
    clients_.push_back(mortals_.back().get());
  }
}

/// It gets what is retained by now, and must not miss that either.
void crash_story::cast_late_subscriber() {
  const auto id = "late" + std::to_string(late_++);
  const std::vector<wish> wishes{{"state/+/1", 1}, {"state/+/2", 2}, {"will/#", 1}};
  subscribers_.push_back(std::make_unique<subscriber>(world_, some_habits(id), wishes));
  clients_.push_back(subscribers_.back().get());
}

// -- the action -----------------------------------------------------------------------

void crash_story::play(const plan& how) {
  start_node();
  for (std::uint64_t number = 1; number <= how.rounds; ++number) {
    if (number % rounds_between_late_subscribers == 0 && late_ < most_late_subscribers)
      cast_late_subscriber();
    round(how.kills);
    if (number % rounds_between_reports == 0)
      std::cout << number << " rounds, " << history().messages() << " messages, "
                << world_.complaints.size() << " complaints" << std::endl;
  }
  come_to_rest(how.time_to_rest);
  if (node_.running())
    ask_what_is_retained();
}

void crash_story::round(bool kills) {
  const auto begin = now();
  some_are_away(begin);
  act_until(begin + milliseconds{static_cast<int>(any_.pick(longest_round + 1))});
  if (kills)
    end_node();
}

/// Once or more often, and starts another one.
void crash_story::end_node() {
  kill_node();
  std::this_thread::sleep_for(milliseconds{static_cast<int>(any_.pick(longest_pause + 1))});
  while (any_.one_in(4)) { // again while it starts
    node_.launch();
    std::this_thread::sleep_for(milliseconds{static_cast<int>(any_.pick(2 * longest_pause))});
    kill_node();
  }
  start_node();
}

/// For a moment, or for the whole round and longer.
void crash_story::some_are_away(steady_time begin) {
  const auto some_time = [&] { return milliseconds{static_cast<int>(any_.pick(longest_round))}; };
  const auto send_away = [&](lasting_client& one) {
    one.come();
    if (any_.one_in(5))
      one.be_away(begin, begin + 2 * some_time());
    else if (any_.one_in(4))
      one.be_away(begin + some_time(), begin + some_time());
  };
  for (const auto& one : publishers_)
    send_away(*one);
  for (const auto& one : subscribers_)
    send_away(*one);
}

void crash_story::act_until(steady_time end) {
  while (now() < end)
    turn();
}

void crash_story::turn() {
  std::vector<pollfd> wanted;
  wanted.reserve(clients_.size());
  for (const auto* one : clients_)
    wanted.push_back(one->wanted());
  poll(wanted.data(), wanted.size(), static_cast<int>(longest_turn.count()));
  const auto time = now();
  for (auto* one : clients_)
    one->turn(time);
}

/// What it has sent before is still heard.
void crash_story::kill_node() {
  if (!node_.running())
    world_.complaints.push_back("the node ended by itself:\n" + node_.said());
  node_.kill();
  ++kills_;
  world_.node_lives = false;
  while (std::ranges::any_of(clients_, &lasting_client::is_connected))
    turn();
  for (const auto& one : mortals_)
    one->node_was_killed();
}

void crash_story::start_node() {
  node_.start();
  if (world_.life++ != 0)
    world_.history.broker_began_again();
  world_.node_lives = true;
}

// -- the end --------------------------------------------------------------------------

/// Until nothing is missing any more, or nothing has come for long. One who takes one
/// message at a time has far to go: that is not the same as being stuck.
void crash_story::come_to_rest(std::chrono::milliseconds time) {
  for (auto* one : clients_)
    one->come();
  for (const auto& one : publishers_)
    one->rest();
  for (const auto& one : subscribers_)
    one->rest();
  for (const auto& one : mortals_)
    one->rest();
  const auto begin = now();
  do
    act_until(now() + quiet / 2);
  while (now() < std::max(begin, last_heard()) + time &&
         (!is_quiet(now()) || !history().faults().empty()));
  for (const auto& one : mortals_) {
    one->settle();
    if (!one->is_done())
      world_.complaints.push_back(one->id() + ": its will has not come");
  }
  if (!are_done(publishers_))
    world_.complaints.push_back("publishers have no answers");
  for (const auto& one : subscribers_)
    if (!one->is_done())
      world_.complaints.push_back(one->id() + ' ' + one->what_is_owed());
  if (node_.said().find("has to leave") != std::string::npos)
    world_.complaints.push_back("an actor ended by itself:\n" + node_.said());
  if (!node_.running())
    world_.complaints.push_back("the node ended by itself:\n" + node_.said());
}

bool crash_story::is_quiet(steady_time time) const {
  return are_done(publishers_) && are_done(subscribers_) && are_done(mortals_) &&
         last_heard() + quiet <= time;
}

steady_time crash_story::last_heard() const {
  return (*std::ranges::max_element(clients_, {}, &lasting_client::last_heard))->last_heard();
}

/// On each of these topics one publisher retains, and all of it was acknowledged.
void crash_story::ask_what_is_retained() {
  std::map<std::string, std::uint32_t> found;
  conformance::wire_client visitor{world_.broker};
  visitor.connect({.client_id = "visitor"});
  visitor.subscribe("state/#");
  while (const auto message = visitor.receive_within(quiet))
    if (const auto read = testing::read_numbered(message->topic, message->payload))
      found[message->topic] = read->number;
  for (const auto& one : publishers_)
    for (const auto& [topic, number] : one->last_retained()) {
      const auto& is = found[topic];
      if (is != number)
        world_.complaints.push_back(
          topic + " retains message " + std::to_string(is) + ", not " + std::to_string(number));
    }
}

std::vector<std::string> crash_story::faults() const {
  auto all = world_.complaints;
  std::set<std::string> shown;
  for (const auto& one : history().faults()) {
    all.push_back(text_of(one));
    if (shown.insert(one.subscriber).second)
      all.back() += '\n' + history().subscriptions_of(one.subscriber);
  }
  return all;
}

} // namespace callboard::durability
