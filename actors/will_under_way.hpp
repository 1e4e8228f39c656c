#pragma once

#include "actors/mail.hpp"
#include "protocol/session/inbound_window.hpp"
#include "protocol/session/operation.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace callboard::actors {

/// A will of QoS 1 or 2 that a SESSION has published and whose routing it waits for. Owned
/// by the SESSION.
///
/// Until all who get the will have it, the store must not forget it: a crash would leave
/// nobody with it. What would have the store forget is held back until then. What else the
/// session says is not: whoever published it may wait for a word of this session's own.
class will_under_way {
public:
  /// The will's; no publication of the client has this one.
  static constexpr protocol::ticket ticket = UINT64_MAX;

  /// What has waited until the will was out.
  struct held_back {
    std::vector<protocol::operation> log;

    /// The session was told to leave.
    bool is_dismissed = false;
  };

  /// A will is being routed; another one may be already.
  void begin() { ++count_; }

  /// Whether none is under way.
  bool empty() const { return count_ == 0; }

  /// Takes out of what the session says to the store now what would have that forget the
  /// will: all of it if these are the session's last words.
  void hold_back(std::vector<protocol::operation>& log, bool is_last, protocol::time_point now);

  /// The session may leave, as soon as the will is out.
  void dismiss() { is_dismissed_ = true; }

  /// All who get a will have it. Nothing is returned as long as another one is under way;
  /// `is_followed`: the store knows of a younger will by now.
  std::optional<held_back> is_out(bool is_followed);

private:
  std::size_t count_ = 0;

  /// What the store has not been told: that there is no will any more, or all that it
  /// would forget the session by.
  bool is_cleared_ = false;
  std::vector<protocol::operation> last_log_;
  bool is_dismissed_ = false;
};

/// The will as its client would have published it.
publish publication_of(const protocol::will_ptr& will);

} // namespace callboard::actors
