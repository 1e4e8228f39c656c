#pragma once

#include "protocol/expected.hpp"
#include "protocol/packets/publication.hpp"
#include "protocol/reason_code.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

/// Keeps a topic readable that a publication got through its alias.
using topic_holder = std::shared_ptr<const std::string>;

/// What the other side's topic aliases stand for, MQTT5-3.3.2.3.4. One for each
/// connection, new with each connection (MQTT5-3.3.2-7, E60). A pointer's worth
/// of memory until the first alias comes.
class inbound_aliases {
public:
  /// `maximum` is the Topic Alias Maximum that we announced; 0: no aliases.
  explicit inbound_aliases(std::uint16_t maximum = 0) : maximum_{maximum} {}

  /// Learns the alias of a publication that has a topic too, also anew
  /// (MQTT5-3.3.2-12); gives a topic to one that has an alias only. Does
  /// nothing without an alias.
  ///
  /// A topic given here is not the packet's: it lives in what is returned, which
  /// is empty in all other cases, and is not touched when the alias is learnt
  /// anew. Errors (E59): topic_alias_invalid above the maximum; protocol_error
  /// for an alias that nothing was said about.
  expected<topic_holder, error> resolve(publication& publication);

private:
  using topics = std::vector<topic_holder>;

  void learn(std::size_t alias, std::string_view topic);
  expected<topic_holder, error> look_up(std::size_t alias, publication& publication) const;

  std::uint16_t maximum_;
  std::unique_ptr<topics> topics_; // [alias - 1]
};

} // namespace callboard::protocol
