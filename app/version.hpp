#pragma once

#include <string_view>

namespace callboard::app {

/// What `callboard version` says, major.minor.patch. CMake reads it from here.
inline constexpr std::string_view version = "0.1.0";

} // namespace callboard::app
