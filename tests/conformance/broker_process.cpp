#include "tests/conformance/broker_process.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace callboard::conformance {

namespace {

constexpr std::chrono::seconds time_to_start{30};
constexpr std::chrono::seconds time_to_stop{15};
constexpr std::string_view listening = "listening mqtt 127.0.0.1:";

/// The program under test; empty if nobody said.
std::string program() {
  for (const char* name : {"CALLBOARD_BINARY", "CALLBOARD"})
    if (const char* path = std::getenv(name)) // NOLINT(concurrency-mt-unsafe): one thread
      return path;
#ifdef CALLBOARD_BINARY
  return CALLBOARD_BINARY;
#else
  return {};
#endif
}

std::vector<std::string> command_line(const std::vector<std::string>& settings) {
  std::vector<std::string> words{program(), "node", "--ephemeral", "--mqtt", "127.0.0.1:0"};
  const auto set = [&words](const std::string& setting) {
    words.emplace_back("--set");
    words.push_back(setting);
  };
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  if (const char* units = std::getenv("CALLBOARD_TEST_UNITS"))
    set(std::string{"units="} + units);
  for (const auto& setting : settings)
    set(setting);
  return words;
}

/// In the child: becomes the node, which does not outlive the test.
[[noreturn]] void become(std::vector<char*> words, int output, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execv(words.front(), words.data());
  _exit(127);
}

/// A file in memory from its start.
std::string content_of(int file) {
  std::string result(static_cast<std::size_t>(std::max<off_t>(lseek(file, 0, SEEK_END), 0)), '\0');
  const auto got = pread(file, result.data(), result.size(), 0);
  result.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return result;
}

bool has_sanitizer_report(const std::string& text) {
  constexpr std::array signs{"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
    "WARNING: ThreadSanitizer", ": runtime error: "};
  return std::any_of(signs.begin(), signs.end(),
    [&text](const char* sign) { return text.find(sign) != std::string::npos; });
}

} // namespace

broker_process::broker_process(const std::vector<std::string>& settings)
    : output_{memfd_create("output", MFD_CLOEXEC)}, errors_{memfd_create("errors", MFD_CLOEXEC)} {
  if (access(program().c_str(), X_OK) != 0)
    throw std::runtime_error{"no program to test: set CALLBOARD_BINARY (is \"" + program() + "\")"};
  launch(settings);
  try {
    read_port();
  } catch (...) {
    stop();
    throw;
  }
}

broker_process::~broker_process() {
  if (running()) {
    kill(pid_, SIGKILL);
    wait_for_exit(steady_time::max());
  }
  close(output_);
  close(errors_);
}

void broker_process::launch(const std::vector<std::string>& settings) {
  auto words = command_line(settings);
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0)
    throw std::runtime_error{"fork failed"};
  if (pid_ == 0)
    become(pointers, output_, errors_);
}

void broker_process::read_port() {
  const auto deadline = std::chrono::steady_clock::now() + time_to_start;
  while (std::chrono::steady_clock::now() < deadline) {
    const bool alive = running();
    const auto text = content_of(output_);
    const auto line = text.find(listening);
    if (line != std::string::npos && text.find('\n', line) != std::string::npos) {
      mqtt_.port = static_cast<std::uint16_t>(std::stoi(text.substr(line + listening.size())));
      return;
    }
    if (!alive)
      break;
    std::this_thread::sleep_for(milliseconds{2});
  }
  throw std::runtime_error{"the node does not listen:\n" + content_of(output_) + error_output()};
}

void broker_process::terminate() {
  if (running())
    kill(pid_, SIGTERM);
}

std::string broker_process::stop() {
  terminate();
  if (wait_for_exit(std::chrono::steady_clock::now() + time_to_stop))
    return verdict();
  kill(pid_, SIGKILL);
  wait_for_exit(steady_time::max());
  return "the node did not stop on SIGTERM and was killed";
}

bool broker_process::running() {
  if (pid_ <= 0 || status_)
    return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_)
    status_ = status;
  return !status_;
}

std::string broker_process::error_output() const {
  return content_of(errors_);
}

std::size_t broker_process::resident_kibibytes() const {
  std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:"))
      return std::stoul(line.substr(6));
  return 0;
}

bool broker_process::wait_for_exit(steady_time deadline) {
  while (running()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
    std::this_thread::sleep_for(milliseconds{2});
  }
  return true;
}

std::string broker_process::verdict() const {
  const int status = status_.value_or(0);
  if (WIFSIGNALED(status))
    return "the node was ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) != 0)
    return "the node ended with exit code " + std::to_string(WEXITSTATUS(status));
  return has_sanitizer_report(error_output()) ? "a sanitizer has a report" : "";
}

} // namespace callboard::conformance
