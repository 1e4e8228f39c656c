#include "app/client/console.hpp"

#include "app/client/interruption.hpp"

#include <iostream>

namespace callboard::app::client {

void console::packet_seen(direction which, const std::string& packet) {
  if (debug_)
    std::cerr << (which == direction::sent ? "sent " : "received ") << packet << '\n';
}

void console::say_error(std::string_view text) const {
  if (!quiet_)
    std::cerr << "error: " << text << '\n';
}

int console::report(const failure& wrong) const {
  if (interruption::signal() == 0)
    say_error(wrong.text);
  return wrong.code;
}

} // namespace callboard::app::client
