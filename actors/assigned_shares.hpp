#pragma once

#include "actors/mail.hpp"
#include "protocol/session/session_state.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

/// What SHARE GROUPs have assigned to a SESSION and it has not settled: which group is to
/// hear what becomes of a message, and what the store is to hear of it in the session's own
/// commit. Owned by the SESSION.
///
/// Each group gives its messages tokens of its own. In the session these are marked with the
/// subscription that a message came by, which tells the groups apart.
class assigned_shares {
public:
  using report_to = std::function<void(const share_group_role&, share_settled)>;

  /// 0, which is no token, stays so.
  static protocol::share_token marked(
    protocol::subscription_number subscription, protocol::share_token token);

  /// A group assigns these. `mine` is the session's subscription; null if it has ended, which
  /// is so only where the store has none of them.
  void take(const deliver_share& mail, const protocol::subscription* mine);

  /// Some that a group had assigned before the node ended are in flight: that group is
  /// over, and hears nothing of them.
  void take_begun(protocol::subscription_number subscription, std::size_t count);

  /// One begins at QoS 2: what begins with the client ends with it, whatever becomes of the
  /// membership and the session (MQTT5-4.8.2-5). The store takes it from the group in the
  /// commit in which it begins, and before it leaves.
  void begin(protocol::share_token token);

  /// What has become of some: calls tell(group, what) for each group that is to hear of its
  /// own. Where something of the session lasts, what is settled leaves the group in the same
  /// commit: the group's own word of it may be late, and nobody may get it again.
  void report(const std::vector<protocol::share_report>& what, bool lasts, const report_to& tell);

  /// What groups have no more, for the session's next journal.
  std::vector<persistence::share_change> take_changes() { return std::exchange(changes_, {}); }
  bool has_changes() const { return !changes_.empty(); }

  // -- memberships that end ----------------------------------------------------------

  /// Until the group has answered, it may assign what nobody would read if the session
  /// ended meanwhile.
  void leave(const std::string& filter) { leaving_.insert(filter); }

  /// It has.
  void has_left(const std::string& filter);

  /// By shared filter, as often as it was left.
  const std::multiset<std::string>& leaving() const { return leaving_; }

  bool empty() const { return groups_.empty() && changes_.empty() && leaving_.empty(); }

private:
  /// Of one subscription.
  struct assigning_group {
    share_group_role group; // nobody: it ended with the node
    std::size_t count = 0;  // not settled
    std::string name;       // for the store, which knows it if this is not empty
  };

  std::map<std::uint64_t, assigning_group> groups_; // by mark
  std::vector<persistence::share_change> changes_;
  std::multiset<std::string> leaving_;
};

/// All that a group has assigned by this, returned to it: the session has left, and after a
/// restart nobody would know whose it was.
std::vector<protocol::share_report> all_returned(const deliver_share& mail);

/// What a session from the store has begun with at QoS 2, in the order of its subscriptions:
/// for each by which some came, that and what its group is to be told.
std::vector<std::pair<protocol::subscription_number, share_begun>> begun_shares(
  const protocol::session_state& state);

} // namespace callboard::actors
