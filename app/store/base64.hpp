#pragma once

#include <string>
#include <string_view>

namespace callboard::app::store {

/// RFC 4648, section 4.
std::string base64(std::string_view bytes);

} // namespace callboard::app::store
