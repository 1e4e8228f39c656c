#pragma once

#include <string_view>

namespace callboard::protocol {

/// Whether MQTT accepts these bytes as a UTF-8 string: well-formed, without
/// surrogates and overlong forms (MQTT5-1.5.4-1, MQTT311-1.5.3-1), nothing above
/// U+10FFFF, no U+0000 (MQTT5-1.5.4-2, MQTT311-1.5.3-2).
///
/// Control characters and non-characters pass (E18): the standard lets a
/// receiver refuse them, and published topics that hold them do no harm here.
/// U+FEFF is a character like others (E19). The length is not looked at.
bool valid_utf8(std::string_view text);

} // namespace callboard::protocol
