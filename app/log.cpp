#include "app/log.hpp"

#include <memory>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace callboard::app {

spdlog::level::level_enum spdlog_level(actors::log_level level) {
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

void start_log(actors::log_level level) {
  const auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  const auto log = std::make_shared<spdlog::logger>("callboard", sink);
  log->set_formatter(std::make_unique<spdlog::pattern_formatter>(
    "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  log->set_level(spdlog_level(level));
  log->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(log);
}

} // namespace callboard::app
