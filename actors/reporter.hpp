#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "actors/system_topics.hpp"
#include "actors/trouble.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

/// How many there are of what, and what the units of a node have counted, as one line:
/// `name=number`.
std::string report_of(const company& node);

/// The REPORTER. Spawned by the node; reads what the units count; tells the node's
/// watcher of trouble, and the SUBTREE of $SYS how the node is; hears SESSIONs that
/// listen there; dies with the node.
///
/// As long as nobody listens nothing is published, and nothing of it is retained
/// that could be out of date.
class reporter final : public actor {
public:
  using handle = reporter_role;

  reporter(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "REPORTER"; }

  void on(const report_wanted& mail);
  void on(const trouble_seen& mail);
  void on(const system_watched& mail);
  void on(const system_left& mail);
  void on(const publish_system& mail);

protected:
  behavior make_behavior() override;

private:
  bool tell_troubles();
  void send(std::vector<system_value> values);

  house& place_;

  /// How much of each trouble has been told.
  std::array<std::uint64_t, all_troubles.size()> told_{};

  /// Who listens below $SYS, by session and filter; what is retained there, by
  /// topic; and when it will be said anew.
  std::set<std::pair<std::uint64_t, std::string>> listeners_;
  std::map<std::string, std::string> published_;
  reminder clock_;
  time_point begun_;
};

} // namespace callboard::actors
