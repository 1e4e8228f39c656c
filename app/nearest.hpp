#pragma once

#include <string_view>
#include <vector>

namespace callboard::app {

/// The candidate that `word` was most likely meant to be, for "did you mean":
/// fewest single-letter edits, at most a third of the word. Empty if none is
/// near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace callboard::app
