#include "app/node.hpp"

#include "actors/node.hpp"
#include "app/exit_code.hpp"

#include <spdlog/spdlog.h>

#include <malloc.h>
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <random>

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

sigset_t stop_signals() {
  sigset_t all;
  sigemptyset(&all);
  sigaddset(&all, SIGTERM);
  sigaddset(&all, SIGINT);
  return all;
}

std::uint64_t seed_from_system() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

/// Waits for SIGTERM or SIGINT; from then on a second one ends the process at
/// once, which is safe.
void wait_for_signal(const sigset_t& signals) {
  int which = 0;
  ::sigwait(&signals, &which);
  spdlog::info("stopping: signal {}", which);
  std::signal(which, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

} // namespace

int run_node(const actors::settings& settings) {
  keep_freed_memory();
  // Blocked before any thread starts, so that only this one gets them.
  const auto signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  actors::node node{settings, seed_from_system()};
  const auto faults = node.listen();
  for (const auto& fault : faults)
    spdlog::error("{}: free the address or choose another one with --mqtt HOST:PORT", fault);
  if (!faults.empty())
    return exit_code::unreachable;
  node.start();
  for (const auto& address : node.addresses())
    std::printf("listening mqtt %s\n", address.c_str());
  std::fflush(stdout);
  spdlog::info("node {} serves with {} unit(s)", settings.name, actors::units_for(settings));
  wait_for_signal(signals);
  node.stop();
  spdlog::info("stopped: {}", node.report());
  return exit_code::done;
}

} // namespace callboard::app
