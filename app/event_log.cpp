#include "app/event_log.hpp"

#include "app/log.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace callboard::app {

std::string describe(const actors::event& what) {
  return fmt::format("{} ({} since the last warning)", what.reason, what.number);
}

void log_event(const actors::event& what) {
  spdlog::log(spdlog_level(level_of(what.what)), describe(what));
}

} // namespace callboard::app
