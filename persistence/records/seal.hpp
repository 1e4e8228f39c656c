#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// What stands in front of each record's content: the version of its format, and
/// a checksum over the key that it lies under and the content.
inline constexpr std::size_t seal_size = 9;

/// The version that is written. Each kind of record may read older ones.
inline constexpr unsigned char record_version = 1;

/// Writes the seal into the first seal_size bytes of the record, which were left
/// free for it.
void seal(std::string_view key, std::string& record);

/// The content of a record; empty if it is not what was sealed under this key.
std::optional<std::string_view> unseal(std::string_view key, std::string_view record);

} // namespace callboard::persistence
