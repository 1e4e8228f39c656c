#pragma once

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// LMDB with owners for what it hands out. What fails throws a lmdb_failure,
// which the store catches: it does not leave persistence/.

namespace callboard::persistence {

/// A call of LMDB has failed.
struct lmdb_failure {
  /// An errno, or one of LMDB's codes.
  int code = 0;
};

/// Throws unless the code is a success.
inline void demand(int code) {
  if (code != MDB_SUCCESS)
    throw lmdb_failure{code};
}

inline MDB_val to_lmdb(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())}; // NOLINT: LMDB only reads them
}

inline std::string_view from_lmdb(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

/// A file of LMDB, open. Grows by itself.
class environment {
public:
  struct terms {
    /// Commits return when the disk has them. Without it a power cut may damage
    /// the file.
    bool synced = true;

    /// Bytes that the file may never grow beyond; 0: as the disk allows.
    std::size_t limit = 0;

    /// Somebody else may write it meanwhile.
    bool only_reads = false;
  };

  environment(const std::string& file, const terms& how);
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;
  ~environment() { mdb_env_close(env_); }

  /// Makes room for a transaction that failed for want of it (MDB_MAP_FULL).
  /// False: there is no more to be had. Not while there is a transaction.
  bool grow();

  /// Lets go of what was held for readers whose process has died. Whether there
  /// were any.
  bool forget_dead_readers();

  /// Whoever writes has made the file larger (MDB_MAP_RESIZED). Not while there is
  /// a transaction.
  void follow_growth() { demand(mdb_env_set_mapsize(env_, 0)); }

  /// Returns when the disk has all that was committed.
  void sync() { demand(mdb_env_sync(env_, 1)); }

  /// Sees to it that the disk has what is read here, after a sync that failed in
  /// this process or in another one: the disk could still have the beginning that
  /// LMDB has taken back, and what that refers to is overwritten next. For
  /// before the first transaction.
  void settle();

  /// Pages from the file's beginning to the last that was ever used.
  std::size_t pages() const;

  /// Those of them that nothing is in.
  std::size_t free_pages();

  std::size_t page_size() const;

  MDB_env* get() const { return env_; }

private:
  MDB_env* env_ = nullptr;
  std::size_t limit_;
};

/// A transaction; what is not committed never was.
class transaction {
public:
  enum class kind : std::uint8_t { reads, writes };

  transaction(environment& in, kind which) {
    demand(mdb_txn_begin(in.get(), nullptr, which == kind::reads ? MDB_RDONLY : 0U, &txn_));
  }
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction() {
    if (txn_ != nullptr)
      mdb_txn_abort(txn_);
  }

  void commit() { demand(mdb_txn_commit(std::exchange(txn_, nullptr))); }

  /// A table by name, made if need be (when the transaction writes).
  MDB_dbi open(const char* table, unsigned flags) {
    MDB_dbi opened = 0;
    demand(mdb_dbi_open(txn_, table, flags, &opened));
    return opened;
  }

  /// Empty if there is no such table.
  std::optional<MDB_dbi> open_if_there(const char* table) {
    MDB_dbi opened = 0;
    if (absent(mdb_dbi_open(txn_, table, 0, &opened)))
      return std::nullopt;
    return opened;
  }

  /// What lies under a key; until the next change of the transaction.
  std::optional<std::string_view> get(MDB_dbi table, std::string_view key) const {
    auto wanted = to_lmdb(key);
    MDB_val found;
    if (absent(mdb_get(txn_, table, &wanted, &found)))
      return std::nullopt;
    return from_lmdb(found);
  }

  void put(MDB_dbi table, std::string_view key, std::string_view value, unsigned flags = 0) {
    auto at = to_lmdb(key);
    auto what = to_lmdb(value);
    demand(mdb_put(txn_, table, &at, &what, flags));
  }

  /// Whether there was something.
  bool erase(MDB_dbi table, std::string_view key) {
    auto at = to_lmdb(key);
    return !absent(mdb_del(txn_, table, &at, nullptr));
  }

  std::size_t rows(MDB_dbi table) const {
    MDB_stat stat;
    demand(mdb_stat(txn_, table, &stat));
    return stat.ms_entries;
  }

  /// Of the file, that a table takes.
  std::size_t pages(MDB_dbi table) const {
    MDB_stat stat;
    demand(mdb_stat(txn_, table, &stat));
    return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
  }

  MDB_txn* get() const { return txn_; }

private:
  static bool absent(int code) {
    if (code != MDB_NOTFOUND)
      demand(code);
    return code == MDB_NOTFOUND;
  }

  MDB_txn* txn_ = nullptr;
};

/// A row of a table, until the next change of the transaction.
struct table_row {
  std::string_view key;
  std::string_view value;
};

/// Goes through a table, by key, ascending.
class cursor {
public:
  cursor(const transaction& in, MDB_dbi table) {
    demand(mdb_cursor_open(in.get(), table, &cursor_));
  }
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;
  ~cursor() { mdb_cursor_close(cursor_); }

  std::optional<table_row> first() { return go(MDB_FIRST, {}); }
  std::optional<table_row> last() { return go(MDB_LAST, {}); }
  std::optional<table_row> next() { return go(MDB_NEXT, {}); }

  /// The first row at this key or behind it.
  std::optional<table_row> seek(std::string_view key) { return go(MDB_SET_RANGE, key); }

  /// The row at this key, or else the last one in front of it.
  std::optional<table_row> seek_back(std::string_view key) {
    const auto found = seek(key);
    if (!found)
      return last();
    return found->key == key ? found : go(MDB_PREV, {});
  }

  /// Removes the row where it stands; next() gives the one behind.
  void erase() { demand(mdb_cursor_del(cursor_, 0)); }

private:
  std::optional<table_row> go(MDB_cursor_op where, std::string_view to) {
    auto key = to_lmdb(to);
    MDB_val value;
    const auto code = mdb_cursor_get(cursor_, &key, &value, where);
    if (code == MDB_NOTFOUND)
      return std::nullopt;
    demand(code);
    return table_row{from_lmdb(key), from_lmdb(value)};
  }

  MDB_cursor* cursor_ = nullptr;
};

} // namespace callboard::persistence
