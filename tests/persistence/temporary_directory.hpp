#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace callboard::persistence {

/// A directory of a test's own, gone with it.
class temporary_directory {
public:
  temporary_directory()
      : path_{(std::filesystem::temp_directory_path() / "callboard-store-XXXXXX").string()} {
    if (::mkdtemp(path_.data()) == nullptr)
      std::abort();
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace callboard::persistence
