#pragma once

#include "actors/settings.hpp"

#include <string>

namespace callboard::app {

/// A configuration file that gives these settings, each with its sentence and
/// range. That of the defaults is the sample.
std::string configuration_file_of(const actors::settings& settings);

/// Every key with its default, range and sentence, for a terminal.
std::string settings_help();

/// The same as docs/configuration.md.
std::string configuration_reference();

} // namespace callboard::app
