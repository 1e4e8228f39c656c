#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <sys/uio.h>
#include <variant>
#include <vector>

namespace callboard::persistence {

// -- what is recorded -------------------------------------------------------------

/// Which file: they are counted in the order in which they were made.
using file_number = std::size_t;

struct bytes_written {
  file_number file = 0;
  std::uint64_t at = 0;
  std::string bytes;
};

/// The disk has what was written to these bytes, or the caller was told that it
/// has not.
struct range_synced {
  file_number file = 0;
  std::uint64_t at = 0;
  std::uint64_t size = 0;
  bool failed = false;
};

struct file_synced {
  file_number file = 0;
  bool failed = false;
};

struct name_given {
  std::string name;
  file_number file = 0;
};

struct name_changed {
  std::string from;
  std::string to;
};

struct name_removed {
  std::string name;
};

struct names_synced {};

/// Marks of the test's own: how far it has come with its commits.
struct commit_begun {};
struct commit_lasts {};

using file_event = std::variant<bytes_written, range_synced, file_synced, name_given, name_changed,
  name_removed, names_synced, commit_begun, commit_lasts>;

// -- the layer --------------------------------------------------------------------

/// What goes wrong, and when.
struct fault {
  enum class kind : std::uint8_t {
    none,
    refused_write, // nothing is written, and the call fails
    short_write,   // half is written, and the call says so
    failed_sync,   // nobody knows what the disk has, and the call fails
    failed_disk,   // as a failed sync, and then writes fail, too
    slow_sync,     // all goes well, after a while
  };

  kind what = kind::none;
  int code = 0;

  /// How many calls of its kind it lets pass, and how many it then meets.
  std::size_t passed = 0;
  std::size_t met = 1;

  std::chrono::milliseconds delay{0};
};

/// Stands between the process and the files of one directory while it lives: what
/// the process writes, syncs and renames there is recorded, and fails when it
/// shall. Locks are not recorded. Syncs of whatever file take no time, as nothing
/// reaches the disk that the page cache has not. One thread, one layer at a time;
/// interposed_calls.cpp sends it the calls.
class file_layer {
public:
  explicit file_layer(std::string directory);
  file_layer(const file_layer&) = delete;
  file_layer& operator=(const file_layer&) = delete;
  ~file_layer();

  /// The one that there is, or null.
  static file_layer* present();

  const std::vector<file_event>& record() const { return record_; }
  template <class Event>
  void mark(Event what) {
    record_.emplace_back(what);
  }

  /// From now on; before it, nothing does.
  void fail(const fault& how);

  /// Nothing fails any more.
  void lift() { fault_.what = fault::kind::none; }

  /// How often the last fault has met a call, and whether it will again.
  bool over() const { return fault_.what == fault::kind::none || met_ == fault_.met; }
  std::size_t met() const { return met_; }

  // What the calls of these names do, also to files that are not recorded.
  int open(const char* path, int flags, mode_t mode);
  ssize_t write(int opened, const iovec* parts, int count);
  ssize_t write_at(int opened, std::string_view bytes, off_t at);
  int sync(int opened);
  int close(int opened);
  int rename(const char* from, const char* to);
  int unlink(const char* path);

private:
  struct open_file {
    file_number number = 0;
    bool synced = false; // each write of it (O_DSYNC)
    bool directory = false;
  };

  const open_file* find(int opened) const;
  std::string name_of(std::string_view path) const;
  bool meets(fault::kind what);
  bool refuse_sync();
  ssize_t written(const open_file& file, std::string_view bytes, ssize_t count, off_t at);

  std::string directory_;
  std::vector<file_event> record_;
  std::map<int, open_file> open_;
  std::map<std::string, file_number> names_;
  file_number next_ = 0;
  fault fault_;
  std::size_t passed_ = 0;
  std::size_t met_ = 0;
};

} // namespace callboard::persistence
