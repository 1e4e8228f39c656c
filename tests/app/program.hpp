#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace callboard::app {

/// The program that ctest names, empty if none.
inline std::string program_path() {
  for (const char* name : {"CALLBOARD_BINARY", "CALLBOARD"})
    if (const char* path = std::getenv(name)) // NOLINT(concurrency-mt-unsafe): one thread
      return path;
  return {};
}

/// What a program said and ended with.
struct ending {
  int code = -1;
  std::string output;
  std::string errors;
};

/// One run of `callboard`, killed if it is still there at the end.
class program {
public:
  explicit program(const std::vector<std::string>& arguments, std::string_view input = {})
      : input_{file_with(input)}, output_{file_with({})}, errors_{file_with({})}, pid_{fork()} {
    if (pid_ == 0)
      become(arguments);
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program() {
    if (!ended_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    for (const auto file : {input_, output_, errors_})
      close(file);
  }

  pid_t pid() const { return pid_; }

  /// Whether it has not ended yet.
  bool running() { return !poll(); }

  void signal(int number) const { kill(pid_, number); }

  std::string output() const { return content_of(output_); }
  std::string errors() const { return content_of(errors_); }

  /// Waits until one of the outputs has this text. False if the program ends
  /// without saying it.
  bool says(std::string_view text) {
    while (!has_said(text) && !poll())
      std::this_thread::sleep_for(pause);
    return has_said(text);
  }

  /// Waits for the end; code 128 and more is a signal's.
  ending end() {
    while (!poll())
      std::this_thread::sleep_for(pause);
    const auto code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return {code, output(), errors()};
  }

private:
  static constexpr std::chrono::milliseconds pause{2};

  static int file_with(std::string_view content) {
    const auto file = memfd_create("callboard-test", MFD_CLOEXEC);
    if (pwrite(file, content.data(), content.size(), 0) != static_cast<ssize_t>(content.size()))
      std::abort();
    return file;
  }

  static std::string content_of(int file) {
    std::string content(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
    const auto count = pread(file, content.data(), content.size(), 0);
    content.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return content;
  }

  [[noreturn]] void become(std::vector<std::string> words) const {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // NOLINT(*-vararg)
    words.insert(words.begin(), program_path());
    std::vector<char*> pointers;
    for (auto& word : words)
      pointers.push_back(word.data());
    pointers.push_back(nullptr);
    dup2(input_, STDIN_FILENO);
    dup2(output_, STDOUT_FILENO);
    dup2(errors_, STDERR_FILENO);
    execv(pointers.front(), pointers.data());
    _exit(126);
  }

  bool has_said(std::string_view text) const {
    return (output() + errors()).find(text) != std::string::npos;
  }

  bool poll() {
    ended_ = ended_ || waitpid(pid_, &status_, WNOHANG) == pid_;
    return ended_;
  }

  int input_;
  int output_;
  int errors_;
  bool ended_ = false;
  int status_ = 0;
  pid_t pid_;
};

/// Runs the program to its end.
inline ending run_program(const std::vector<std::string>& arguments, std::string_view input = {}) {
  return program{arguments, input}.end();
}

/// A node of its own on a port that the system chooses.
class running_node {
public:
  explicit running_node(std::vector<std::string> flags = {}) : program_{with(std::move(flags))} {
    constexpr std::string_view before = "listening mqtt 127.0.0.1:";
    if (program_.says(before) && program_.says("\n"))
      port_ = program_.output().substr(before.size());
    port_.resize(std::min(port_.find('\n'), port_.size()));
  }

  /// Empty if the node does not run.
  const std::string& port() const { return port_; }

  program& process() { return program_; }

private:
  static std::vector<std::string> with(std::vector<std::string> flags) {
    std::vector<std::string> all{"node", "--ephemeral", "--mqtt", "127.0.0.1:0"};
    all.insert(all.end(), flags.begin(), flags.end());
    return all;
  }

  program program_;
  std::string port_;
};

} // namespace callboard::app
