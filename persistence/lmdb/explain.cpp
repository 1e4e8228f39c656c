#include "persistence/lmdb/explain.hpp"

#include <fmt/format.h>
#include <lmdb.h>

#include <cerrno>
#include <string>

namespace callboard::persistence {

namespace {

std::string_view advice(int code) {
  switch (code) {
  case ENOSPC:
  case EDQUOT:
    return "The disk is full: make room; the node goes on by itself";
  case MDB_MAP_FULL:
    return "The store has reached its limit: raise the limit, or let clients fetch or drop what "
           "waits for them; the node goes on by itself";
  case EIO:
    return "The disk does not do its work: look into the system's log and replace it";
  case EACCES:
  case EPERM:
  case EROFS:
    return "Whoever runs the node must be allowed to write there";
  case ENOMEM:
    return "There is too little memory or address space: look at the process's limits";
  case MDB_READERS_FULL:
    return "Too many programs read the file: end the ones that copy it";
  default:
    return tells_of_damage(code)
             ? "The file is damaged: start the node again, which sets it aside, "
               "or bring a backup back"
             : "Start the node again; if that does not help, report it";
  }
}

} // namespace

store_error explain(std::string_view operation, int code, std::string_view file) {
  return {operation, code,
    fmt::format("{} failed in {}: {}. {}", operation, file, mdb_strerror(code), advice(code))};
}

bool tells_of_damage(int code) {
  switch (code) {
  case MDB_INVALID:
  case MDB_CORRUPTED:
  case MDB_PAGE_NOTFOUND:
  case MDB_INCOMPATIBLE:
  case MDB_VERSION_MISMATCH:
  case MDB_CURSOR_FULL:
  case MDB_PAGE_FULL:
  case MDB_BAD_VALSIZE:
  case MDB_MAP_RESIZED: // by nobody, as nobody else may write
    return true;
  default:
    return false;
  }
}

} // namespace callboard::persistence
