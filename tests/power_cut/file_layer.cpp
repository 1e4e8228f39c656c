#include "tests/power_cut/file_layer.hpp"

#include "tests/power_cut/system_call.hpp"

#include <cerrno>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace callboard::persistence {

namespace {

file_layer* the_layer = nullptr;

} // namespace

file_layer::file_layer(std::string directory) : directory_{std::move(directory)} {
  the_layer = this;
}

file_layer::~file_layer() {
  the_layer = nullptr;
}

file_layer* file_layer::present() {
  return the_layer;
}

void file_layer::fail(const fault& how) {
  fault_ = how;
  passed_ = 0;
  met_ = 0;
}

// -- faults -----------------------------------------------------------------------

bool file_layer::meets(fault::kind what) {
  if (fault_.what != what || met_ == fault_.met)
    return false;
  if (passed_ < fault_.passed) {
    ++passed_;
    return false;
  }
  ++met_;
  return true;
}

bool file_layer::refuse_sync() {
  if (meets(fault::kind::slow_sync))
    std::this_thread::sleep_for(fault_.delay);
  return meets(fault::kind::failed_sync) || meets(fault::kind::failed_disk);
}

// -- calls ------------------------------------------------------------------------

const file_layer::open_file* file_layer::find(int opened) const {
  const auto found = open_.find(opened);
  return found == open_.end() ? nullptr : &found->second;
}

/// Empty: it is not recorded.
std::string file_layer::name_of(std::string_view path) const {
  if (!path.starts_with(directory_ + '/') || path.ends_with("lock"))
    return {};
  return std::string{path.substr(directory_.size() + 1)};
}

int file_layer::open(const char* path, int flags, mode_t mode) {
  const int opened = system_call::open(path, flags & ~O_DSYNC, mode);
  if (opened < 0)
    return opened;
  if (path == directory_)
    open_[opened].directory = true;
  const auto name = name_of(path);
  if (name.empty() || (flags & O_ACCMODE) == O_RDONLY)
    return opened;
  const auto [named, made] = names_.try_emplace(name, next_);
  if (made)
    record_.emplace_back(name_given{name, next_++});
  open_[opened] = {named->second, (flags & O_DSYNC) != 0, false};
  return opened;
}

int file_layer::close(int opened) {
  open_.erase(opened);
  return system_call::close(opened);
}

ssize_t file_layer::write(int opened, const iovec* parts, int count) {
  if (find(opened) == nullptr)
    return system_call::writev(opened, parts, count);
  std::string bytes;
  for (const auto* part = parts; part != parts + count; ++part)
    bytes.append(static_cast<const char*>(part->iov_base), part->iov_len);
  const auto at = ::lseek(opened, 0, SEEK_CUR);
  const auto done = write_at(opened, bytes, at);
  if (done > 0)
    ::lseek(opened, at + done, SEEK_SET);
  return done;
}

ssize_t file_layer::write_at(int opened, std::string_view bytes, off_t at) {
  const auto* file = find(opened);
  if (file == nullptr)
    return system_call::pwrite(opened, bytes.data(), bytes.size(), at);
  if (meets(fault::kind::refused_write) || (met_ > 0 && meets(fault::kind::failed_disk))) {
    errno = fault_.code;
    return -1;
  }
  if (meets(fault::kind::short_write))
    bytes = bytes.substr(0, bytes.size() / 2);
  return written(*file, bytes, system_call::pwrite(opened, bytes.data(), bytes.size(), at), at);
}

/// The call has written so much.
ssize_t file_layer::written(
  const open_file& file, std::string_view bytes, ssize_t count, off_t at) {
  if (count < 0)
    return count;
  const auto size = static_cast<std::size_t>(count);
  const auto from = static_cast<std::uint64_t>(at);
  record_.emplace_back(bytes_written{file.number, from, std::string{bytes.substr(0, size)}});
  if (!file.synced)
    return count;
  const bool failed = refuse_sync();
  record_.emplace_back(range_synced{file.number, from, size, failed});
  if (failed)
    errno = fault_.code;
  return failed ? -1 : count;
}

int file_layer::sync(int opened) {
  const auto* file = find(opened);
  if (file == nullptr)
    return 0;
  const bool failed = refuse_sync();
  if (!file->directory)
    record_.emplace_back(file_synced{file->number, failed});
  else if (!failed)
    record_.emplace_back(names_synced{});
  if (failed)
    errno = fault_.code;
  return failed ? -1 : 0;
}

int file_layer::rename(const char* from, const char* to) {
  const auto before = name_of(from);
  const int failed = system_call::rename(from, to);
  if (failed != 0 || before.empty())
    return failed;
  names_.insert_or_assign(name_of(to), names_.at(before));
  names_.erase(before);
  record_.emplace_back(name_changed{before, name_of(to)});
  return 0;
}

int file_layer::unlink(const char* path) {
  const int failed = system_call::unlink(path);
  if (failed == 0 && names_.erase(name_of(path)) != 0)
    record_.emplace_back(name_removed{name_of(path)});
  return failed;
}

} // namespace callboard::persistence
