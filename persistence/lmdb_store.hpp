#pragma once

#include "persistence/directory_lock.hpp"
#include "persistence/lmdb/archive.hpp"
#include "persistence/lmdb/environment.hpp"
#include "persistence/lmdb/journal.hpp"
#include "persistence/lmdb/schema.hpp"
#include "persistence/overlay/growing_queues.hpp"
#include "persistence/overlay/store_overlay.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::persistence {

/// How a store on disk is opened.
struct lmdb_options {
  /// Made if it is not there.
  std::string directory;

  /// What all commits are safe from. With `os` a power cut may damage the whole
  /// file, even what was committed to `disk` before: LMDB writes pages in place
  /// that the last synced state still refers to. So a store of which anything
  /// shall survive a power cut is opened with `disk`, and then syncs each commit.
  durability safe_from = durability::disk;

  /// Bytes that the content may take, free pages of the file not counted; 0: as
  /// the disk allows. Beyond it, batches that bring something are refused. What
  /// takes something away goes on, for which the file may be an eighth and 4 MiB
  /// larger.
  std::size_t limit = 0;

  /// Bytes of the journal from which on commits fold; at most about these are
  /// read at the next start.
  std::size_t journal_bytes = std::size_t{16} << 20;

  clock_reading clock;
};

/// What was found when a store was opened.
struct opening_report {
  /// Records of the journal that were read.
  std::size_t replayed = 0;

  /// What is lost, in a sentence each, for the log. Empty: nothing is.
  std::vector<std::string> losses;
};

/// What a store's file holds.
struct store_figures {
  std::size_t journal = 0; // records
  std::size_t sessions = 0;
  std::size_t subscriptions = 0;
  std::size_t deliveries = 0;
  std::size_t bodies = 0; // and more for each page that one takes
  std::size_t retained = 0;
  std::size_t damaged = 0;
  std::size_t used_pages = 0;
  std::size_t file_pages = 0; // used or free
};

/// A store in a file of LMDB. A commit appends one record to the journal and
/// changes the overlay, which is the journal's content by what it is about; later
/// commits, and fold(), write the overlay into tables and let the journal's
/// beginning go. See persistence/README.md.
class lmdb_store final : public store {
public:
  static protocol::expected<std::unique_ptr<lmdb_store>, store_error> open(lmdb_options options);

  /// Longer, if the file had to be opened again since.
  const opening_report& report() const { return report_; }

  // -- a store ------------------------------------------------------------------

  using store::commit;
  store_result commit(
    const batch& changes, durability how, const std::function<void()>& lasts) override;

  protocol::expected<std::optional<std::vector<protocol::operation>>, store_error> load_session(
    std::string_view client_id, const protocol::queue_portion& portion) override;

  protocol::expected<std::uint64_t, store_error> find_session(std::string_view client_id) override;

  protocol::expected<waiting_part, store_error> load_waiting(
    const waiting_place& from, const protocol::queue_portion& portion) override;

  store_result list_sessions(
    std::string_view behind, const std::function<bool(const session_outline&)>& tell) override;

  store_result load_retained(std::string_view behind,
    const std::function<bool(const protocol::message_ptr&)>& tell) override;

  store_result load_shares(const std::function<void(const share_change&)>& tell) override;

  std::uint64_t highest_session() const override { return archive_.numbers.highest_session; }

  protocol::expected<bool, store_error> fold(std::size_t limit) override;

  void set_clock(const clock_reading& now) override { archive_.clock = now; }

  /// Writes what the store has now into a new file, compact, that can take the
  /// place of store.mdb. Takes as long as it takes to read and write all of it.
  store_result back_up(const std::string& to);

  /// Why folding last failed, if it did, and commits only append to the journal.
  const store_result& folding_fault() const { return folding_fault_; }

  // -- figures ------------------------------------------------------------------

  std::size_t journal_bytes() const { return journal_.bytes(); }

  /// Records that could not be read, since the store was made.
  std::uint64_t damaged_records() const {
    return archive_.numbers.damaged + archive_.damaged.size() + archive_.missing;
  }

  /// What is in the file.
  protocol::expected<store_figures, store_error> figures();

private:
  /// Work that a commit, or fold(), does besides.
  struct chores {
    std::vector<store_overlay::ticket> fold;
    std::size_t rows = 0; // of the journal or dropped, at most

    bool none() const { return fold.empty() && rows == 0; }
  };

  /// What became of chores, if the transaction gets into the file.
  struct chores_done {
    std::size_t trimmed = 0; // records of the journal
    bool dropped = false;    // whether there still are rows to collect
  };

  /// Whether what a damaged file holds is brought over.
  enum class rescue : std::uint8_t { tried, given_up, failed };

  explicit lmdb_store(lmdb_options options, std::unique_ptr<directory_lock> lock);

  std::string file() const { return options_.directory + "/store.mdb"; }

  // Opening; most of it throws lmdb_failure.
  store_result begin();
  store_result examine_file();
  void open_environment();
  void make_file(const environment::terms& how);
  bool set_aside(std::string_view why, rescue next);
  schema_outcome open_tables();
  void erase_undone(transaction& in);
  void replay();

  /// Runs work, which may throw lmdb_failure.
  template <class Work>
  store_result attempt(std::string_view operation, Work work);

  /// Runs work, which may throw lmdb_failure, again as long as there was too little room
  /// and can be more. A copy of a file has none beyond what is in it.
  template <class Work>
  void with_room(Work work);

  /// Runs work in a transaction, again with more room if there was too little.
  template <class Work>
  store_result write(std::string_view operation, Work work);

  /// After a failure that LMDB does not go on from: opens the file again.
  store_result recover();
  bool usable();

  store_result write_batch(const batch& changes, const message_census& census);
  std::vector<growing_queue> find_straight(const batch& changes);
  void fold_straight(transaction& in, const batch& changes, const message_census& census);
  session_head head_in_tables(const transaction& in, std::string_view client_id);
  void remember_undone();
  store_result sync(durability how);
  store_result check_room(const batch& changes);
  void apply(const batch& changes, const message_census& census);
  chores chores_of(const batch& changes);
  chores_done work_off(transaction& in, const chores& some);
  void worked_off(const chores& some, const chores_done& done);

  template <class Read>
  store_result read_session(std::string_view client_id, Read read);
  store_result repair(std::string_view client_id, const session_losses& lost);

  lmdb_options options_;
  std::unique_ptr<directory_lock> lock_;
  std::unique_ptr<environment> environment_;
  archive archive_;
  journal journal_{archive_};
  store_overlay overlay_;
  opening_report report_;
  bool is_aside_ = false; // the file, which still stands in its place
  std::string aside_;     // it, if it is to be brought over
  store_result folding_fault_;
  bool dropped_ = false; // there are rows to collect

  /// Of the commit that is under way: the queues that grow straight into the tables, and
  /// what the journal has none of.
  std::vector<growing_queue> straight_;
  left_out not_in_journal_;

  /// LMDB does not go on; what this commit, which failed, has left is to be erased (0:
  /// none).
  bool broken_ = false;
  std::uint64_t undone_ = 0;

  /// Of the sessions whose queues that commit let grow straight into the tables.
  std::vector<session_row> heads_before_;
};

} // namespace callboard::persistence
