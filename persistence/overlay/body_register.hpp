#pragma once

#include "protocol/message.hpp"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

namespace callboard::persistence {

/// A message that deliveries outside the tables refer to.
struct stored_body {
  protocol::message_ptr message;

  /// What it is called in the table of bodies; 0: it was not there yet. It may be
  /// gone again by now.
  std::uint64_t number = 0;
};

/// Knows each message that deliveries outside the tables refer to, so that many
/// deliveries of one message become one row. Outlives what it hands out.
class body_register {
public:
  /// Not for a null message.
  std::shared_ptr<stored_body> of(const protocol::message_ptr& message) {
    auto& known = all_[message.get()];
    if (auto body = known.lock())
      return body;
    std::shared_ptr<stored_body> body{new stored_body{message}, forget{this}};
    known = body;
    return body;
  }

private:
  struct forget {
    body_register* in;
    void operator()(stored_body* body) const {
      in->all_.erase(body->message.get());
      delete body; // NOLINT: a shared_ptr's deleter
    }
  };

  std::unordered_map<const protocol::message*, std::weak_ptr<stored_body>> all_;
};

} // namespace callboard::persistence
