#pragma once

#include "app/client/dialogue.hpp"
#include "app/client/failure.hpp"

#include <string>
#include <string_view>

namespace callboard::app::client {

/// What a person sees on stderr: errors, unless told to be quiet, and every
/// packet, if told to debug.
class console : public listener {
public:
  console(bool quiet, bool debug) : quiet_{quiet}, debug_{debug} {}

  void packet_seen(direction which, const std::string& packet) override;

  void say_error(std::string_view text) const;

  /// Says it, unless it is only that somebody pressed Ctrl-C, and returns the
  /// exit code.
  int report(const failure& wrong) const;

private:
  bool quiet_;
  bool debug_;
};

} // namespace callboard::app::client
