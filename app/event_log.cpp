#include "app/event_log.hpp"

#include "app/client/reason_text.hpp"
#include "app/log.hpp"
#include "app/option_value.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace callboard::app {

namespace {

using actors::event;

std::string_view name_of(protocol::version version) {
  switch (version) {
  case protocol::version::mqtt_3_1:
    return "MQTT 3.1";
  case protocol::version::mqtt_3_1_1:
    return "MQTT 3.1.1";
  case protocol::version::mqtt_5_0:
    break;
  }
  return "MQTT 5.0";
}

std::string describe_arrival(const event& what) {
  return fmt::format("client {} connected from {}: {}, clean start {}, keep alive {} s",
    quoted(what.name), what.peer, name_of(what.version), what.clean_start ? 1 : 0, what.keep_alive);
}

/// The code's name and the phrase, without what is not there.
std::string describe_reason(const event& what) {
  const auto code = client::name_of(what.code);
  return what.reason.empty() ? std::string{code} : fmt::format("{}: {}", code, what.reason);
}

std::string describe_refusal(const event& what) {
  const auto who = what.name.empty() ? "somebody" : "client " + quoted(what.name);
  return fmt::format("{} from {} refused: {}", who, what.peer, describe_reason(what));
}

} // namespace

std::string describe(const event& what) {
  const auto name = quoted(what.name);
  switch (what.what) {
  case event::kind::client_connected:
    return describe_arrival(what);
  case event::kind::client_left:
    return fmt::format("client {} left: {}", name,
      what.code == protocol::reason_code::success ? "normal disconnection"
                                                  : client::name_of(what.code));
  case event::kind::client_lost:
    return fmt::format("client {} lost: its connection broke", name);
  case event::kind::client_sent_away:
    return fmt::format("client {} sent away: {}", name, describe_reason(what));
  case event::kind::client_refused:
    return describe_refusal(what);
  case event::kind::subtree_split:
    return fmt::format("topics below {} are split off: they are busy", name);
  case event::kind::subtree_merged:
    return fmt::format("topics below {} are merged again: they are quiet", name);
  case event::kind::store_restored:
    return std::string{what.reason};
  case event::kind::store_unread:
    return fmt::format(
      "a part of what the store has cannot be read, and is not there: {}", what.reason);
  case event::kind::session_unread:
    return fmt::format("the session of client {} cannot be read from the store, and sleeps on{}{}",
      name, what.reason.empty() ? "" : ": ", what.reason);
  case event::kind::session_lost:
    return fmt::format("the session of client {} is lost: the store has it no more", name);
  case event::kind::store_failed:
    return fmt::format("the store failed ({} in a row), and is tried again every second; nothing "
                       "that has to last is acknowledged until it works: {}",
      what.number, what.reason);
  case event::kind::store_recovered:
    return fmt::format("the store works again, after {} failures; nothing is lost", what.number);
  case event::kind::session_damaged:
    return fmt::format("the store is damaged: {} of client {} cannot be read and are lost; see "
                       "'callboard store check'",
      what.reason, name);
  case event::kind::trouble:
    break;
  }
  return fmt::format("{} ({} since the last warning)", what.reason, what.number);
}

void log_event(const event& what) {
  spdlog::log(spdlog_level(level_of(what.what)), describe(what));
}

} // namespace callboard::app
