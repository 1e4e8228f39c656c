#include "tests/durability/durable_node.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

namespace callboard::durability {

namespace {

constexpr std::chrono::seconds time_to_refuse{10};

std::string new_directory() {
  auto path = (std::filesystem::temp_directory_path() / "callboard-durability-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr)
    throw std::runtime_error{"no directory " + path};
  return path;
}

bool is_free(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  std::memcpy(&generic, &address, sizeof generic);
  const bool free = bind(socket, &generic, sizeof generic) == 0;
  close(socket);
  return free;
}

/// One that the system does not choose for others while no node is there: below
/// those that it gives away by itself.
std::uint16_t quiet_port() {
  std::random_device any;
  while (true) {
    const auto port = static_cast<std::uint16_t>(12'000 + any() % 20'000);
    if (is_free(port))
      return port;
  }
}

} // namespace

durable_node::durable_node(std::vector<std::string> flags)
    : flags_{std::move(flags)}, directory_{new_directory()}, mqtt_{.port = quiet_port()} {}

durable_node::~durable_node() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::vector<std::string> durable_node::command_line(const std::string& port) const {
  std::vector<std::string> words{"node", "--data", directory_, "--mqtt", "127.0.0.1:" + port};
  words.insert(words.end(), flags_.begin(), flags_.end());
  return words;
}

void durable_node::launch() {
  process_.emplace(command_line(std::to_string(mqtt_.port)));
}

void durable_node::await_listening() {
  if (!process_->says("listening mqtt 127.0.0.1:"))
    throw std::runtime_error{"the node does not listen:\n" + said()};
}

void durable_node::start() {
  launch();
  await_listening();
}

void durable_node::kill() {
  process_->signal(SIGKILL);
  process_->end();
}

std::string durable_node::stop() {
  process_->signal(SIGTERM);
  const auto end = process_->end();
  if (end.code == 0)
    return {};
  return "the node ended with " + std::to_string(end.code) + ":\n" + end.errors;
}

bool durable_node::running() {
  return process_->running();
}

std::string durable_node::said() const {
  return process_->output() + process_->errors();
}

app::ending durable_node::start_another() const {
  return start_in_vain(command_line("0"));
}

app::ending start_in_vain(const std::vector<std::string>& arguments) {
  app::program process{arguments};
  const auto deadline = std::chrono::steady_clock::now() + time_to_refuse;
  while (process.running() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  if (process.running())
    process.signal(SIGKILL);
  return process.end();
}

} // namespace callboard::durability
