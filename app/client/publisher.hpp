#pragma once

#include "app/client/call.hpp"
#include "app/client/console.hpp"
#include "app/client/payload_source.hpp"
#include "app/client/pub_arguments.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callboard::app::client {

/// Publishes what `callboard pub` was asked for, and waits until the broker has
/// all of it. One for each command.
class publisher final : public console {
public:
  /// `asked` outlives it.
  explicit publisher(const pub_arguments& asked);

  /// Does it all. Returns the exit code.
  int run();

  void published(const protocol::acknowledgement& answer) override;

private:
  std::optional<failure> publish_all(const std::optional<std::string>& payload);
  std::optional<failure> publish_repeatedly(std::string_view payload);
  std::optional<failure> publish_lines();
  std::optional<failure> publish(std::string_view payload);
  std::optional<failure> finish();
  bool has_room();

  const pub_arguments& asked_;
  clock::time_point deadline_;
  std::string properties_; // encoded
  call call_;

  /// The broker's first refusal of a message.
  std::optional<failure> refused_;
};

} // namespace callboard::app::client
