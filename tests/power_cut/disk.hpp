#pragma once

#include "tests/power_cut/file_layer.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace callboard::persistence {

/// A disk with a page cache before it. It is told what happened to its files, and
/// can be left at any moment as a power cut could leave it.
///
/// What was synced is there. Of each page that was not, there is what it was when it
/// was synced last, or what it was after any write since, or a mixture by sectors;
/// pages do not wait for each other. A file that grew may not have grown, or be
/// there without its content: zeros, or what others left. Names come in the order in
/// which they were given. When a sync fails, nobody ever learns what the disk has of
/// what it was to write: it stays open until that page is written and synced again.
class disk {
public:
  void apply(const file_event& what);

  /// How much a power cut spares of what was not synced.
  enum class cut : std::uint8_t { nothing, everything, pages, sectors };

  /// Writes the files into the directory as the power cut leaves them.
  void leave(const std::string& directory, cut how, std::mt19937& chance) const;

private:
  struct page {
    /// The disk has one of these; the last is what the page cache has. Empty:
    /// nothing was ever written there.
    std::vector<std::string> versions{std::string{}};
    bool dirty = false;
  };

  struct file {
    std::map<std::uint64_t, page> pages;
    std::vector<std::uint64_t> sizes{0}; // as the versions
  };

  using names = std::map<std::string, file_number>;

  void happened(const bytes_written& what);
  void happened(const range_synced& what);
  void happened(const file_synced& what);
  void happened(const name_given& what) { pending_.emplace_back(what); }
  void happened(const name_changed& what) { pending_.emplace_back(what); }
  void happened(const name_removed& what) { pending_.emplace_back(what); }
  void happened(const names_synced& what);
  void happened(const commit_begun&) {}
  void happened(const commit_lasts&) {}

  static void settle(page& one, bool failed);
  static void rename(names& in, const file_event& what);
  static std::string content(const file& of, cut how, std::mt19937& chance);
  static std::string content(const page& of, cut how, std::mt19937& chance);

  std::vector<file> files_;
  names names_;
  std::vector<file_event> pending_; // names that are not synced
};

} // namespace callboard::persistence
