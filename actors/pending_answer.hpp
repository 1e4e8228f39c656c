#pragma once

#include "protocol/packets/subscribe.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::actors {

/// The SUBACK or UNSUBACK to one packet of a client. Owned by its SESSION, until all
/// SUBTREEs have done what was asked for.
class pending_answer {
public:
  enum class kind : std::uint8_t { suback, unsuback };

  pending_answer(kind what, protocol::packet_id packet_id) : kind_{what} {
    packet_.packet_id = packet_id;
  }

  /// What became of the next of the packet's filters. The phrase is empty where the client
  /// got what it asked for; it hears the first one that is not.
  void add(std::string_view filter, const protocol::error& outcome);

  /// How many filters it has the answer for.
  std::size_t size() const { return packet_.codes.size(); }

  /// Encoded, for a client that takes packets of so many bytes (0: of any size).
  std::string encoded(
    protocol::version version, bool wants_reason, std::uint32_t maximum_packet_size) &&;

private:
  kind kind_;
  protocol::suback packet_;
};

} // namespace callboard::actors
