#pragma once

#include "app/client/call.hpp"
#include "app/client/console.hpp"
#include "app/client/sub_arguments.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace callboard::app::client {

/// Subscribes as `callboard sub` was asked to, and prints what comes to stdout.
/// One for each command.
class subscriber final : public console {
public:
  /// `asked` outlives it.
  explicit subscriber(const sub_arguments& asked);

  /// Does it all. Returns the exit code.
  int run();

  bool message(const protocol::publication& message) override;
  void subscribed(const protocol::suback& answer) override;
  void unsubscribed(const protocol::suback& answer) override;

private:
  std::optional<failure> talk();
  std::optional<failure> ask();
  void finish_exchanges();
  bool enough() const { return ended_ || (asked_.count() != 0 && printed_ >= asked_.count()); }

  const sub_arguments& asked_;
  const std::string format_;
  const protocol::version version_;
  clock::time_point deadline_;
  call call_;

  int answers_awaited_ = 0;
  std::size_t refusals_ = 0;
  std::optional<failure> refused_; // the first
  std::uint64_t printed_ = 0;
  bool ended_ = false; // by what came, see --retained-only
};

} // namespace callboard::app::client
