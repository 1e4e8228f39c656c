#include "app/client/interruption.hpp"

#include <array>
#include <pthread.h>

namespace callboard::app::client {

namespace {

constexpr std::array signals{SIGINT, SIGTERM};

volatile std::sig_atomic_t last_signal = 0; // NOLINT(*-avoid-non-const-global-variables)

void remember(int signal) {
  last_signal = signal;
}

void on_signal(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler; // NOLINT(*-union-access): the system's own form
  sigaction(signal, &action, nullptr);
}

} // namespace

interruption::interruption() {
  last_signal = 0;
  sigset_t blocked{};
  sigemptyset(&blocked);
  for (const auto signal : signals) {
    sigaddset(&blocked, signal);
    on_signal(signal, remember);
  }
  pthread_sigmask(SIG_BLOCK, &blocked, &before_);
}

interruption::~interruption() {
  for (const auto signal : signals)
    on_signal(signal, SIG_DFL);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int interruption::signal() {
  sigset_t pending{};
  sigpending(&pending);
  for (const auto signal : signals)
    if (sigismember(&pending, signal) == 1)
      return signal;
  return last_signal;
}

} // namespace callboard::app::client
