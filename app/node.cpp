#include "app/node.hpp"

#include "actors/node.hpp"
#include "app/choices.hpp"
#include "app/event_log.hpp"
#include "app/exit_code.hpp"
#include "app/open_files.hpp"
#include "app/open_store.hpp"
#include "app/version.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <malloc.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <random>
#include <utility>

namespace callboard::app {

namespace {

/// Without these, glibc gives the blocks that reads go to back to the kernel and
/// faults them in again.
void keep_freed_memory() {
  constexpr int keep = 64 << 20;
  constexpr int map_above = 32 << 20;
  ::mallopt(M_TRIM_THRESHOLD, keep);
  ::mallopt(M_MMAP_THRESHOLD, map_above);
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t all;
  sigemptyset(&all);
  for (const auto each : signals)
    sigaddset(&all, each);
  return all;
}

std::uint64_t seed_from_system() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

using steady_clock = std::chrono::steady_clock;

/// What asks a whole process group, as timeout(1) and a terminal do, may ask twice
/// at once: that is one request.
constexpr std::chrono::milliseconds same_request{200};

/// When the node was asked to stop.
std::atomic<steady_clock::rep> asked_at;

void end_at_once(int which) {
  const steady_clock::time_point first{steady_clock::duration{asked_at.load()}};
  if (steady_clock::now() - first < same_request)
    return;
  std::signal(which, SIG_DFL);
  std::raise(which); // takes effect when this handler returns
}

/// Waits for SIGTERM or SIGINT; from then on a second one ends the process at
/// once, which is safe. Each SIGUSR1 before brings a report.
void wait_for_end(const sigset_t& signals, const actors::node& node) {
  int which = 0;
  while (::sigwait(&signals, &which) == 0 && which == SIGUSR1)
    spdlog::info("report: {}", node.report());
  asked_at = steady_clock::now().time_since_epoch().count();
  spdlog::info("stopping: signal {}", which);
  std::signal(SIGTERM, end_at_once);
  std::signal(SIGINT, end_at_once);
  const auto last = set_of({SIGTERM, SIGINT});
  ::pthread_sigmask(SIG_UNBLOCK, &last, nullptr);
}

/// The first lines of the log: what an operator looks for when something is wrong.
void say_what_runs(
  const actors::settings& settings, const actors::node& node, const open_files& files) {
  spdlog::info("callboard {}: node {} with {} unit(s), {}", version, settings.name,
    actors::units_for(settings),
    settings.keeps() ? fmt::format("data in {}, durability {}", settings.data,
                         to_word(settings.store_durability()))
                     : "in memory only");
  for (const auto& address : node.addresses())
    spdlog::info("listening on {}", address);
  spdlog::info("at most {} open files, {} at start", files.now, files.at_start);
}

} // namespace

int run_node(const actors::settings& settings) {
  const auto begin = steady_clock::now();
  keep_freed_memory();
  // Blocked before any thread starts, so that only this one gets them.
  const auto signals = set_of({SIGTERM, SIGINT, SIGUSR1});
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto files = raise_open_files();
  auto store = open_store(settings);
  if (!store)
    return exit_code::unreachable;
  actors::node node{
    settings, seed_from_system(), fmt::format("callboard version {}", version), std::move(*store)};
  node.watch(log_event, settings.log_level);
  const auto faults = node.listen();
  for (const auto& fault : faults)
    spdlog::error("{}, or choose another address with --mqtt HOST:PORT", fault);
  if (!faults.empty())
    return exit_code::unreachable;
  node.start(begin);
  for (const auto& address : node.addresses())
    std::printf("listening mqtt %s\n", address.c_str());
  std::fflush(stdout);
  say_what_runs(settings, node, files);
  wait_for_end(signals, node);
  node.stop();
  spdlog::info("stopped: {}", node.report());
  return exit_code::done;
}

} // namespace callboard::app
