#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callboard::app {

/// Breaks a text of single-spaced words into lines that begin with `margin` and
/// are at most `width` bytes long, where words allow. Each ends in a newline.
std::string wrap(std::string_view text, std::string_view margin, std::size_t width = 80);

} // namespace callboard::app
