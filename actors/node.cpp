#include "actors/node.hpp"

#include "actors/acceptor.hpp"
#include "actors/broker.hpp"
#include "actors/express.hpp"
#include "actors/gatekeeper.hpp"
#include "actors/keeper.hpp"
#include "actors/registry.hpp"
#include "actors/reporter.hpp"
#include "actors/retained_store.hpp"
#include "actors/subtree.hpp"
#include "network/tcp_listener.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

/// How long actors may take for each step on the way out.
constexpr auto patience = 1s;
constexpr auto glance = 1ms;

/// So many mails, each with what a session did in a turn, become one commit of the
/// KEEPER at most.
constexpr std::size_t most_in_one_commit = 20'000;

} // namespace

struct node::listeners {
  std::vector<std::shared_ptr<network::tcp_listener>> all;
};

std::uint32_t units_for(const settings& rules) {
  if (rules.units != 0)
    return rules.units;
  return std::max(std::thread::hardware_concurrency(), 2U) - 1;
}

node::node(const settings& rules, std::uint64_t seed, std::string software,
  std::unique_ptr<persistence::store> store)
    : rules_{rules}, system_{config_}, company_{rules, store != nullptr}, store_{std::move(store)},
      listeners_{std::make_unique<listeners>()} {
  company_.software = std::move(software);
  system_.await_actors_before_shutdown(false);
  open_houses(seed);
  cast_roles();
}

node::~node() {
  stop();
  if (started_)
    return;
  dismiss_all(); // actors must not outlive their units, also where those never ran
}

void node::watch(watcher who, log_level up_to) {
  company_.watched_by = std::move(who);
  company_.watched_up_to = up_to;
}

std::vector<std::string> node::listen() {
  std::vector<std::string> faults;
  for (const auto& end : rules_.mqtt) {
    auto [found, fault] = network::listen_on(units_.front()->io(), end.host, end.port);
    if (!fault.empty())
      faults.push_back(std::move(fault));
    std::move(found.begin(), found.end(), std::back_inserter(listeners_->all));
  }
  return faults;
}

std::vector<std::string> node::addresses() const {
  std::vector<std::string> all;
  for (const auto& listener : listeners_->all)
    all.push_back(listener->address());
  return all;
}

void node::start(std::chrono::steady_clock::time_point since) {
  auto& first = *houses_.front();
  for (const auto& listener : listeners_->all) {
    acceptors_.push_back(spawn<acceptor>(first.home, first, listener));
    tell(acceptors_.back(), open_curtain{});
  }
  bring_back({.since = std::chrono::steady_clock::now(), .then = [] {}});
  started_ = true;
  running_ = true;
  const auto time = std::chrono::steady_clock::now() - since;
  company_.found.ports_open_ms =
    static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  for (const auto& each : units_)
    each->run();
}

void node::restore(std::function<void()> then, const recovery_pace& pace) {
  bring_back({.pace = pace, .since = units_.front()->now(), .then = std::move(then)});
}

/// Before anybody can have come: what comes then waits for what it may concern.
void node::bring_back(restore_all order) {
  auto homes = std::make_shared<retained_homes>();
  homes->stores = std::exchange(retained_stores_, {}); // they live as long as their SUBTREEs
  homes->topics = houses_.front()->routes.shared();
  if (!store_)
    return order.then();
  company_.found.under_way = true;
  for (const auto& [subtree, store] : homes->stores) {
    tell(subtree, expect_subscriptions{});
    tell(store, expect_retained{});
  }
  order.homes = std::move(homes);
  order.highest_session = store_->highest_session();
  company_.keeper = spawn<keeper>(*units_.back(), company_, std::move(store_));
  tell(company_.registry, std::move(order));
}

void node::stop() {
  if (!std::exchange(running_, false))
    return;
  for (const auto& each : acceptors_)
    tell(each, stop_listening{});
  for (const auto& each : company_.expresses)
    tell(each, curtain{});
  tell(company_.registry, curtain{});
  wait_for(
    [this] { return company_.connections_open.load() == 0; }, 1ms * rules_.stop_timeout + patience);
  dismiss_all();
  for (const auto& each : units_)
    each->stop();
}

void node::dismiss_all() {
  dismiss(company_.gatekeeper);
  dismiss(company_.registry); // SESSIONs and SHARE GROUPs with it
  wait_for(
    [this] {
      return company_.sum(&counters::sessions_created) == company_.sum(&counters::sessions_ended);
    },
    patience);
  dismiss(company_.broker);
  for (const auto& each : subtrees_)
    dismiss(each);
  for (const auto& each : company_.expresses)
    dismiss(each);
  dismiss(company_.reporter);
  wait_for([this] { return system_.registry().running() <= 1; }, patience);
  dismiss(company_.keeper);
  wait_for([this] { return system_.registry().running() == 0; }, patience);
}

std::string node::report() const {
  return report_of(company_);
}

void node::open_houses(std::uint64_t seed) {
  const auto count = units_for(rules_);
  for (std::uint32_t number = 0; number < count; ++number) {
    units_.push_back(std::make_unique<unit>(system_, seed + number));
    houses_.push_back(
      std::make_unique<house>(*units_.back(), static_cast<std::uint16_t>(number), company_));
    company_.houses.push_back(houses_.back().get());
  }
  if (!store_)
    return;
  units_.push_back(std::make_unique<unit>(system_, seed + count));
  units_.back()->set_mails_per_turn(most_in_one_commit);
}

void node::cast_roles() {
  auto& first = *houses_.front();
  company_.registry = spawn<registry>(first.home, first);
  company_.gatekeeper = spawn<gatekeeper>(first.home, first);
  company_.broker = spawn<broker>(first.home, first);
  company_.reporter = spawn<reporter>(first.home, first);
  for (const auto& each : houses_)
    company_.expresses.push_back(spawn<express>(each->home, *each));
  const auto topics = first_directory();
  for (const auto& each : houses_)
    each->routes.begin(topics);
}

/// One SUBTREE on each unit, and one for topics that begin with `$`.
directory_ptr node::first_directory() {
  const auto make = [this](house& home) {
    const auto store = spawn<retained_store>(home.home, home);
    subtrees_.push_back(spawn<subtree>(home.home, home, "", store));
    retained_stores_.emplace(subtrees_.back(), store);
    return subtrees_.back();
  };
  std::vector<subtree_role> base;
  for (const auto& each : houses_)
    base.push_back(make(*each));
  return std::make_shared<const directory>(std::move(base), make(*houses_.front()));
}

/// Looks again and again: nobody is in a hurry here.
void node::wait_for(const std::function<bool()>& condition, duration longest) const {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!condition() && std::chrono::steady_clock::now() < end) {
    if (started_)
      std::this_thread::sleep_for(glance);
    else
      for (const auto& each : units_)
        each->step();
  }
}

} // namespace callboard::actors
