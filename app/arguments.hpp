#pragma once

#include <string>
#include <vector>

namespace callboard::app {

/// What stands behind the verb on the command line.
using arguments = std::vector<std::string>;

} // namespace callboard::app
