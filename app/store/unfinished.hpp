#pragma once

#include <string>

namespace callboard::app::store {

/// A file that is being written, or a directory with one file, store.mdb. It is
/// removed unless finish() was called, also if SIGINT, SIGTERM or SIGHUP ends the
/// process. One at a time.
class unfinished {
public:
  explicit unfinished(std::string path);
  unfinished(const unfinished&) = delete;
  unfinished& operator=(const unfinished&) = delete;
  ~unfinished();

  const std::string& path() const { return path_; }

  /// It is whole, and has another name now.
  void finish();

private:
  std::string path_;
};

/// A name beside this one that nobody else uses meanwhile.
std::string name_beside(const std::string& path);

} // namespace callboard::app::store
