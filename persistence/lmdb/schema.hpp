#pragma once

#include "persistence/lmdb/archive.hpp"
#include "persistence/lmdb/environment.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace callboard::persistence {

/// The version of the tables and what stands in them, as this program writes it.
/// It grows with each change that an older program could not read; the way there
/// from each older version stands in schema.cpp.
inline constexpr std::uint64_t schema_version = 3;

/// What opening the tables came to.
enum class schema_outcome : std::uint8_t {
  ready,   // they are as this program knows them
  newer,   // a newer program wrote them: keep away
  foreign, // they are not a store's, or damaged
};

/// Finds or makes the tables and the archive's numbers, and brings an older
/// version up to this one.
schema_outcome open_schema(transaction& in, archive& of);

} // namespace callboard::persistence
