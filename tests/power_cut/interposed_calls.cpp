#include "tests/power_cut/file_layer.hpp"
#include "tests/power_cut/system_call.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <fcntl.h>
#include <string_view>

// A program's own functions come before those of shared libraries of the same name,
// for liblmdb, too: whatever it and the store write goes through these, and through
// the layer if there is one.

using callboard::persistence::file_layer;
namespace system_call = callboard::persistence::system_call;

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->open(path, flags, mode) : system_call::open(path, flags, mode);
}

int close(int opened) {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->close(opened) : system_call::close(opened);
}

ssize_t write(int opened, const void* bytes, size_t size) {
  auto* layer = file_layer::present();
  if (layer == nullptr)
    return system_call::write(opened, bytes, size);
  const iovec part{const_cast<void*>(bytes), size}; // NOLINT: it is only read
  return layer->write(opened, &part, 1);
}

ssize_t writev(int opened, const iovec* parts, int count) {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->write(opened, parts, count)
                          : system_call::writev(opened, parts, count);
}

ssize_t pwrite(int opened, const void* bytes, size_t size, off_t at) {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->write_at(opened, {static_cast<const char*>(bytes), size}, at)
                          : system_call::pwrite(opened, bytes, size, at);
}

int fsync(int opened) {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->sync(opened) : system_call::fsync(opened);
}

int fdatasync(int opened) {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->sync(opened) : system_call::fdatasync(opened);
}

int rename(const char* from, const char* to) noexcept {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->rename(from, to) : system_call::rename(from, to);
}

int unlink(const char* path) noexcept {
  auto* layer = file_layer::present();
  return layer != nullptr ? layer->unlink(path) : system_call::unlink(path);
}

/// Of a file: what the C++ library removes one with.
int remove(const char* path) noexcept {
  const int failed = unlink(path);
  if (failed == 0 || (errno != EISDIR && errno != EPERM))
    return failed;
  return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}

} // extern "C"
