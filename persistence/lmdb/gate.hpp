#pragma once

#include <cstdint>
#include <string>

namespace callboard::persistence {

/// Held for the moment in which a store's file is opened by LMDB, or another file
/// is put in its place: LMDB keeps a second file beside it, which tells who reads
/// what, and whoever opens them must get both of the same store. Waits for its
/// turn; throws lmdb_failure.
class gate {
public:
  enum class purpose : std::uint8_t { opens, replaces };

  /// `file` is the store's; the gate lies beside it as store.gate.
  gate(const std::string& file, purpose what);
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate();

private:
  int file_;
};

/// The file that LMDB keeps beside the store's. It goes when another store comes,
/// or readers of the old one would stand in the way of the new one.
inline std::string readers_file(const std::string& file) {
  return file + "-lock";
}

} // namespace callboard::persistence
