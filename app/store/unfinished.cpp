#include "app/store/unfinished.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace callboard::app::store {

namespace {

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};

// What the handler may look at: texts that stay where they are.
std::array<char, 4'096> path_now{};    // NOLINT(*-avoid-non-const-global-variables)
std::array<char, 4'096> content_now{}; // NOLINT(*-avoid-non-const-global-variables)

/// Only what a handler may call.
void remove_and_end(int signal) {
  unlink(content_now.data());
  if (unlink(path_now.data()) != 0)
    rmdir(path_now.data());
  _exit(128 + signal);
}

void note(std::array<char, 4'096>& where, const std::string& path) {
  const auto fits = path.size() < where.size();
  where[path.copy(where.data(), fits ? path.size() : 0)] = '\0';
}

void on_signals(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler; // NOLINT(*-union-access): the system's own form
  for (const auto signal : signals)
    sigaction(signal, &action, nullptr);
}

} // namespace

unfinished::unfinished(std::string path) : path_{std::move(path)} {
  note(path_now, path_);
  note(content_now, path_ + "/store.mdb");
  on_signals(remove_and_end);
}

unfinished::~unfinished() {
  on_signals(SIG_DFL);
  std::error_code ignored;
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

void unfinished::finish() {
  on_signals(SIG_DFL);
  path_.clear();
}

std::string name_beside(const std::string& path) {
  return fmt::format("{}.unfinished-{}", path, getpid());
}

} // namespace callboard::app::store
