#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::persistence {

/// Goes through the pages of a file of LMDB (format 1, of this machine) without
/// LMDB, which trusts what it reads: a wrong offset in a page would take the
/// process down. So a file is walked through before LMDB opens it, and what can
/// still be read is brought over from one that LMDB had better not see. Nobody
/// may write the file meanwhile.
class page_walk {
public:
  struct outcome {
    /// Pages that were read, and those that could not be.
    std::size_t pages = 0;
    std::size_t damaged = 0;

    /// Pages of the file that are for use, or were at some time.
    std::size_t file_pages = 0;

    /// Of the first of those: what is wrong with it.
    std::string fault;
  };

  /// Told of each row of a named table.
  using visit =
    std::function<void(std::string_view table, std::string_view key, std::string_view value)>;

  /// Nothing is wrong with a file that is not there or empty. `rows` may be empty.
  static outcome through(const std::string& file, const visit& rows = {});
};

} // namespace callboard::persistence
