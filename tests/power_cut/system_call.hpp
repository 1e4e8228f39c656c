#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/// The kernel's calls, past the C library's functions, which this program has
/// replaced.
namespace callboard::persistence::system_call {

inline int open(const char* path, int flags, mode_t mode) {
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

inline int close(int opened) {
  return static_cast<int>(::syscall(SYS_close, opened));
}

inline ssize_t write(int opened, const void* bytes, size_t size) {
  return ::syscall(SYS_write, opened, bytes, size);
}

inline ssize_t writev(int opened, const iovec* parts, int count) {
  return ::syscall(SYS_writev, opened, parts, count);
}

inline ssize_t pwrite(int opened, const void* bytes, size_t size, off_t at) {
  return ::syscall(SYS_pwrite64, opened, bytes, size, at);
}

inline int fsync(int opened) {
  return static_cast<int>(::syscall(SYS_fsync, opened));
}

inline int fdatasync(int opened) {
  return static_cast<int>(::syscall(SYS_fdatasync, opened));
}

inline int rename(const char* from, const char* to) {
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

inline int unlink(const char* path) {
  return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

} // namespace callboard::persistence::system_call
