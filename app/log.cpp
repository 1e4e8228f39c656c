#include "app/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace callboard::app {

namespace {

spdlog::level::level_enum level_of(actors::log_level level) {
  switch (level) {
  case actors::log_level::error:
    return spdlog::level::err;
  case actors::log_level::warning:
    return spdlog::level::warn;
  case actors::log_level::info:
    return spdlog::level::info;
  case actors::log_level::debug:
    break;
  }
  return spdlog::level::debug;
}

} // namespace

log::log(actors::log_level level)
    : logger_{std::make_shared<spdlog::logger>(
        "callboard", std::make_shared<spdlog::sinks::stderr_sink_mt>())} {
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
    "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  logger_->set_level(level_of(level));
  logger_->flush_on(spdlog::level::debug);
}

void log::operator()(actors::log_level level, std::string_view message) const {
  logger_->log(level_of(level), spdlog::string_view_t{message.data(), message.size()});
}

} // namespace callboard::app
