#pragma once

#include <cstdint>
#include <cstdlib>

namespace callboard::persistence {

/// A number from the environment, or another one.
inline std::uint32_t setting(const char* name, std::uint32_t otherwise) {
  const char* set = std::getenv(name);
  return set == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(set, nullptr, 10));
}

} // namespace callboard::persistence
