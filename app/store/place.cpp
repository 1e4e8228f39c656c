#include "app/store/place.hpp"

#include "app/configuration.hpp"
#include "app/configuration_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace callboard::app::store {

void place::add_to(CLI::App& parser) {
  parser.set_help_flag("-h,--help");
  parser.add_option("--data", data_);
  parser.add_option("--config", config_);
}

std::optional<int> place::settle() {
  const auto file = config_.empty() ? assignments{} : read_configuration(config_);
  assignments flags;
  if (data_)
    flags.push_back({"data", *data_, "--data", {}, true});
  const auto found = configure({file, flags});
  for (const auto& one : found.faults)
    std::cerr << to_string(one) << '\n';
  directory_ = found.settings.data;
  return found.faults.empty() ? std::nullopt : std::optional<int>{exit_code::bad_configuration};
}

std::optional<failure> place::missing() const {
  std::error_code unknown;
  if (std::filesystem::exists(file(), unknown))
    return std::nullopt;
  const auto why = unknown ? ": " + unknown.message() : std::string{};
  return failure{exit_code::failed,
    fmt::format("there is no store in {}{} — name the data directory of the node with --data, or "
                "its configuration file with --config",
      directory_, why)};
}

auto place::take() const
  -> protocol::expected<std::unique_ptr<persistence::directory_lock>, failure> {
  auto lock = persistence::directory_lock::take(directory_ + "/store.lock");
  if (lock)
    return *std::move(lock);
  if (lock.error().code != EBUSY)
    return failure_of(lock.error());
  return failure{exit_code::try_again,
    fmt::format("{} is in use: stop the node there (or wait for another 'callboard store' to end), "
                "then try again",
      directory_)};
}

} // namespace callboard::app::store
