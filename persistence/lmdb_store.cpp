#include "persistence/lmdb_store.hpp"

#include "persistence/file_care.hpp"
#include "persistence/lmdb/explain.hpp"
#include "persistence/lmdb/gate.hpp"
#include "persistence/lmdb/page_walk.hpp"
#include "persistence/lmdb/pieces.hpp"
#include "persistence/lmdb/rescue.hpp"
#include "persistence/lmdb/table_reader.hpp"
#include "persistence/lmdb/table_writer.hpp"
#include "persistence/overlay/name_merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <system_error>
#include <utility>
#include <variant>

namespace callboard::persistence {

namespace {

/// Rows that a commit folds at least, when it folds at all.
constexpr std::size_t least_chore = 256;

/// Rows that an operation can become when it is folded: a delivery, its body and
/// its session's head.
constexpr std::size_t rows_per_operation = 3;

/// Limit of a file whose content has this limit: to take something away, LMDB
/// needs pages, too.
std::size_t with_reserve(std::size_t limit) {
  constexpr std::size_t least = std::size_t{4} << 20;
  return limit == 0 ? 0 : limit + limit / 8 + least;
}

/// Whether it makes the store larger for long.
bool brings_something(const batch& changes) {
  const auto brings = [](const protocol::operation& one) {
    return std::holds_alternative<protocol::delivery_enqueued>(one) ||
           std::holds_alternative<protocol::delivery_in_flight>(one) ||
           std::holds_alternative<protocol::subscription_put>(one) ||
           std::holds_alternative<protocol::will_set>(one);
  };
  const auto has_message = [](const auto& one) { return !!one.message; };
  return std::ranges::any_of(changes.retained, has_message) ||
         std::ranges::any_of(changes.shares, has_message) ||
         std::ranges::any_of(changes.sessions,
           [&](const auto& one) { return std::ranges::any_of(one.operations, brings); });
}

store_error is_newer(std::string_view file) {
  return {"open store", EPROTO,
    fmt::format("{} was written by a newer version of Callboard than this one. Start that version, "
                "or give this one another directory",
      file)};
}

std::size_t operations_in(const batch& changes) {
  auto count = changes.retained.size() + changes.shares.size();
  for (const auto& one : changes.sessions)
    count += one.operations.size();
  return count;
}

/// Of the messages that it brings.
std::size_t bytes_in(const batch& changes) {
  std::size_t bytes = 0;
  const auto add = [&](const auto& one) { bytes += one.message ? one.message->size() : 0; };
  std::ranges::for_each(changes.retained, add);
  std::ranges::for_each(changes.shares, add);
  for (const auto& session : changes.sessions)
    for (const auto& one : session.operations)
      if (const auto* queued = std::get_if<protocol::delivery_enqueued>(&one))
        add(queued->what);
      else if (const auto* sent = std::get_if<protocol::delivery_in_flight>(&one))
        add(sent->what);
  return bytes;
}

std::uint64_t highest_in(const batch& changes) {
  std::uint64_t highest = 0;
  for (const auto& one : changes.sessions)
    highest = std::max(highest, one.session);
  return highest;
}

} // namespace

// -- opening --------------------------------------------------------------------

lmdb_store::lmdb_store(lmdb_options options, std::unique_ptr<directory_lock> lock)
    : options_{std::move(options)}, lock_{std::move(lock)} {
  archive_.clock = options_.clock;
}

auto lmdb_store::open(lmdb_options options)
  -> protocol::expected<std::unique_ptr<lmdb_store>, store_error> {
  std::error_code not_made;
  std::filesystem::create_directories(options.directory, not_made);
  if (not_made)
    return explain("open store", not_made.value(), options.directory);
  auto lock = directory_lock::take(options.directory + "/store.lock");
  if (!lock)
    return lock.error();
  std::unique_ptr<lmdb_store> made{new lmdb_store{std::move(options), *std::move(lock)}};
  auto failed = made->examine_file();
  if (!failed)
    failed = made->begin();
  if (failed)
    return *std::move(failed);
  return made;
}

/// LMDB trusts its file; a damaged one could take the process down.
store_result lmdb_store::examine_file() {
  const auto found = page_walk::through(file());
  const auto why = fmt::format("{} places in it are damaged; {}", found.damaged, found.fault);
  if (found.damaged == 0 || set_aside(why, rescue::tried))
    return std::nullopt;
  return store_error{"open store", EACCES,
    fmt::format("{} is damaged and cannot be renamed: {}. Move it elsewhere, and see to it that "
                "whoever runs the node may write there",
      file(), why)};
}

/// A damaged store is set aside and what can be read brought over; if that is
/// damaged, too, nothing is.
store_result lmdb_store::begin() {
  for (const auto next : {rescue::tried, rescue::given_up, rescue::failed}) {
    auto outcome = schema_outcome::ready;
    auto failed = attempt("open store", [&] {
      open_environment();
      outcome = open_tables();
      if (outcome == schema_outcome::ready)
        replay();
    });
    if (outcome == schema_outcome::newer)
      return is_newer(file());
    const bool damaged =
      failed ? tells_of_damage(failed->code) : outcome == schema_outcome::foreign;
    const auto why = failed ? failed->text : "its tables are not those of a store";
    if (!damaged || next == rescue::failed || !set_aside(why, next))
      return failed;
  }
  return std::nullopt;
}

void lmdb_store::open_environment() {
  environment_.reset();
  const environment::terms how{
    options_.safe_from == durability::disk, with_reserve(options_.limit)};
  std::error_code failed;
  const bool made = std::filesystem::exists(file(), failed);
  demand(failed.value());
  if (!made || is_aside_)
    make_file(how);
  {
    const gate held{file(), gate::purpose::opens};
    environment_ = std::make_unique<environment>(file(), how);
  }
  if (how.synced) {
    demand(sync_path(options_.directory));
    environment_->settle();
  }
}

/// A new file gets its name when it is whole, with what could be brought over: half of
/// one would be taken for a damaged one, and nobody would bring over the rest.
void lmdb_store::make_file(const environment::terms& how) {
  const auto unnamed = options_.directory + "/store.new";
  std::error_code failed;
  std::filesystem::remove(unnamed, failed);
  demand(failed.value());
  {
    environment made{unnamed, how};
    transaction in{made, transaction::kind::writes};
    open_schema(in, archive_);
    in.commit();
    if (!aside_.empty())
      rescue_rows(std::exchange(aside_, {}), made);
  }
  std::filesystem::remove(unnamed + "-lock", failed);
  const gate held{file(), gate::purpose::replaces};
  std::filesystem::remove(readers_file(file()), failed);
  std::filesystem::rename(unnamed, file(), failed);
  demand(failed.value());
  is_aside_ = false;
}

/// Whether that made a difference.
bool lmdb_store::set_aside(std::string_view why, rescue next) {
  environment_.reset();
  overlay_.clear();
  const auto aside = set_file_aside(file());
  if (aside.empty())
    return false;
  is_aside_ = true;
  const bool tried = next == rescue::tried;
  report_.losses.push_back(fmt::format("The store's file was set aside as {}: {}. {}", aside, why,
    tried ? "What can be read was brought over, the rest is lost" : "What it held is lost"));
  aside_ = tried ? aside : std::string{};
  return true;
}

template <class Work>
void lmdb_store::with_room(Work work) {
  for (;;) {
    try {
      return work();
    } catch (const lmdb_failure& failure) {
      if (failure.code != MDB_MAP_FULL || !environment_->grow())
        throw;
    }
  }
}

schema_outcome lmdb_store::open_tables() {
  auto outcome = schema_outcome::ready;
  with_room([&] {
    transaction in{*environment_, transaction::kind::writes};
    outcome = open_schema(in, archive_);
    if (outcome != schema_outcome::ready)
      return;
    erase_undone(in);
    dropped_ = cursor{in, archive_.where.dropped}.first().has_value();
    in.commit();
  });
  return outcome;
}

void lmdb_store::replay() {
  {
    const transaction in{*environment_, transaction::kind::reads};
    const table_reader tables{in, archive_};
    auto& numbers = archive_.numbers;
    const auto last = journal_.replay(in, [&](const batch& changes, std::uint64_t sequence) {
      numbers.highest_session = std::max(numbers.highest_session, highest_in(changes));
      overlay_.apply(changes, {}, message_census{changes}, sequence, tables);
    });
    numbers.sequence = std::max(numbers.sequence, last);
  }
  report_.replayed = journal_.records();
  if (archive_.damaged.empty())
    return;
  report_.losses.push_back(
    fmt::format("{} records of the store could not be read; they are in its table `damaged` now",
      archive_.damaged.size()));
  const auto damaged = archive_.numbers.damaged;
  with_room([&] {
    archive_.numbers.damaged = damaged; // as before the last try
    transaction in{*environment_, transaction::kind::writes};
    table_writer to{in, archive_};
    to.set_damaged_aside();
    to.put_numbers();
    in.commit();
  });
  archive_.forget_damaged();
}

/// What went straight into the tables lies behind all that those sessions had before.
void lmdb_store::erase_undone(transaction& in) {
  if (undone_ == 0)
    return;
  erase_pieces(in, archive_.where.journal, undone_);
  const table_reader tables{in, archive_};
  table_writer to{in, archive_};
  for (const auto& [client_id, before] : heads_before_) {
    const auto now = tables.head(client_id);
    if (!now || now->folded != undone_)
      continue;
    to.erase_deliveries(now->rows, before.next, now->next, [](auto, auto) { return false; });
    to.put_head(client_id, before);
  }
}

store_result lmdb_store::recover() {
  if (!broken_)
    return std::nullopt;
  overlay_.clear();
  auto failed = begin();
  if (!failed) {
    broken_ = false;
    undone_ = 0;
  }
  return failed;
}

/// LMDB tells of an environment that it gave up only to whoever wants something.
bool lmdb_store::usable() {
  try {
    const transaction probe{*environment_, transaction::kind::reads};
    return true;
  } catch (const lmdb_failure&) {
    return false;
  }
}

// -- writing --------------------------------------------------------------------

template <class Work>
store_result lmdb_store::attempt(std::string_view operation, Work work) {
  try {
    work();
    return std::nullopt;
  } catch (const lmdb_failure& failure) {
    return explain(operation, failure.code, file());
  }
}

template <class Work>
store_result lmdb_store::write(std::string_view operation, Work work) {
  for (;;) {
    const auto damaged = archive_.numbers.damaged;
    auto failed = attempt(operation, [&] {
      transaction in{*environment_, transaction::kind::writes};
      work(in);
      in.commit();
    });
    if (failed)
      archive_.numbers.damaged = damaged;
    if (failed && failed->code == MDB_MAP_FULL && environment_->grow())
      continue;
    broken_ = failed && !usable();
    return failed;
  }
}

store_result lmdb_store::commit(
  const batch& changes, durability how, const std::function<void()>& lasts) {
  if (changes.empty()) {
    lasts();
    return std::nullopt;
  }
  if (auto failed = recover())
    return failed;
  const message_census census{changes};
  if (auto failed = check_room(changes))
    return failed;
  auto failed = write_batch(changes, census);
  if (!failed)
    failed = sync(how);
  if (failed) {
    if (broken_)
      remember_undone();
    return failed;
  }
  lasts();
  apply(changes, census);
  return std::nullopt;
}

void lmdb_store::remember_undone() {
  undone_ = archive_.numbers.sequence + 1;
  heads_before_.clear();
  for (const auto& one : straight_)
    heads_before_.push_back({std::string{one.client_id}, *one.head});
}

/// Those of them that the store has. A session that has just begun, or whose head cannot be
/// read, takes the usual way.
std::vector<growing_queue> lmdb_store::find_straight(const batch& changes) {
  auto growing = find_growing_queues(changes);
  if (growing.empty())
    return growing;
  const auto failed = attempt("commit", [&] {
    const transaction in{*environment_, transaction::kind::reads};
    const table_reader tables{in, archive_};
    std::erase_if(growing, [&](growing_queue& one) {
      const auto* known = overlay_.find(one.client_id);
      one.head = known != nullptr ? known->head() : tables.head(one.client_id);
      return !one.head || !one.head->begun || one.head->session != one.session;
    });
  });
  return failed ? std::vector<growing_queue>{} : growing;
}

store_result lmdb_store::check_room(const batch& changes) {
  if (options_.limit == 0 || !brings_something(changes))
    return std::nullopt;
  bool full = false;
  auto failed = attempt("commit", [&] {
    const auto page = environment_->page_size();
    const auto pages = environment_->pages() + bytes_in(changes) / page + 1;
    full =
      pages * page > options_.limit && (pages - environment_->free_pages()) * page > options_.limit;
  });
  if (!failed && full)
    failed = explain("commit", MDB_MAP_FULL, file());
  return failed;
}

/// Chores that fail, as tables may be damaged, do not keep the batch from being written:
/// then all of it goes into the journal.
store_result lmdb_store::write_batch(const batch& changes, const message_census& census) {
  const auto sequence = archive_.numbers.sequence + 1;
  straight_ = find_straight(changes);
  auto besides = chores_of(changes);
  chores_done done;
  const auto work = [&](transaction& in) {
    done = work_off(in, besides);
    fold_straight(in, changes, census);
    journal_.write(in, sequence);
  };
  const auto write_all = [&] {
    not_in_journal_ = without(straight_, changes);
    journal_.encode(changes, not_in_journal_, census, sequence);
    return write("commit", work);
  };
  auto failed = write_all();
  folding_fault_ = failed;
  if (failed && !broken_ && !(besides.none() && straight_.empty())) {
    besides = {};
    straight_.clear();
    failed = write_all();
  }
  if (failed)
    return failed;
  journal_.written(sequence);
  worked_off(besides, done);
  return std::nullopt;
}

/// The chores have seen to it that the tables have these sessions as they are.
void lmdb_store::fold_straight(
  transaction& in, const batch& changes, const message_census& census) {
  if (straight_.empty())
    return;
  const auto sequence = archive_.numbers.sequence + 1;
  std::optional<message_census> of_some;
  if (!journal_.passes_over())
    of_some.emplace(changes, not_in_journal_);
  table_writer to{in, archive_};
  queue_growth growth{changes, of_some ? *of_some : census, to};
  for (auto& one : straight_) {
    if (overlay_.find(one.client_id) != nullptr)
      one.head = head_in_tables(in, one.client_id);
    growth.write(one, sequence);
  }
  auto numbers = archive_.numbers;
  numbers.sequence = sequence;
  to.put_numbers(numbers);
}

session_head lmdb_store::head_in_tables(const transaction& in, std::string_view client_id) {
  auto head = table_reader{in, archive_}.head(client_id);
  if (!head)
    throw lmdb_failure{MDB_CORRUPTED};
  return *std::move(head);
}

store_result lmdb_store::sync(durability how) {
  if (how == durability::os || options_.safe_from == durability::disk)
    return std::nullopt; // the commit was synced
  auto failed = attempt("sync", [this] { environment_->sync(); });
  broken_ = broken_ || failed;
  return failed;
}

void lmdb_store::apply(const batch& changes, const message_census& census) {
  auto& numbers = archive_.numbers;
  const auto sequence = ++numbers.sequence;
  numbers.highest_session = std::max(numbers.highest_session, highest_in(changes));
  const auto failed = attempt("apply", [&] {
    const transaction in{*environment_, transaction::kind::reads};
    overlay_.apply(changes, not_in_journal_, census, sequence, table_reader{in, archive_});
  });
  if (failed) // the journal has it all the same: make the overlay anew
    broken_ = true;
}

lmdb_store::chores lmdb_store::chores_of(const batch& changes) {
  const bool full = journal_.bytes() > options_.journal_bytes;
  const auto rows = least_chore + rows_per_operation * operations_in(changes);
  chores some{overlay_.choose(rows, full), 0};
  for (const auto& one : straight_)
    if (overlay_.find(one.client_id) != nullptr)
      some.fold.push_back(overlay_.ticket_of(one.client_id));
  std::ranges::sort(some.fold);
  some.fold.erase(std::unique(some.fold.begin(), some.fold.end()), some.fold.end());
  if (full || dropped_ || !some.fold.empty())
    some.rows = rows;
  return some;
}

auto lmdb_store::work_off(transaction& in, const chores& some) -> chores_done {
  if (some.none())
    return {};
  table_writer to{in, archive_};
  to.set_damaged_aside();
  overlay_.fold(some.fold, archive_.numbers.sequence, to);
  to.collect(some.rows);
  to.put_numbers();
  return {journal_.trim(in, overlay_.oldest(), some.rows),
    cursor{in, archive_.where.dropped}.first().has_value()};
}

void lmdb_store::worked_off(const chores& some, const chores_done& done) {
  if (some.none())
    return;
  archive_.forget_damaged();
  journal_.trimmed(done.trimmed);
  overlay_.forget(some.fold);
  dropped_ = done.dropped;
}

protocol::expected<bool, store_error> lmdb_store::fold(std::size_t limit) {
  if (auto failed = recover())
    return *std::move(failed);
  const chores some{overlay_.choose(limit, true), std::max(limit, std::size_t{1})};
  chores_done done;
  if (auto failed = write("fold", [&](transaction& in) { done = work_off(in, some); }))
    return *std::move(failed);
  worked_off(some, done);
  return !overlay_.empty() || journal_.records() > 0 || dropped_;
}

// -- reading --------------------------------------------------------------------

auto lmdb_store::load_session(std::string_view client_id, const protocol::queue_portion& portion)
  -> protocol::expected<std::optional<std::vector<protocol::operation>>, store_error> {
  std::optional<std::vector<protocol::operation>> loaded;
  auto failed = read_session(
    client_id, [&](const session_overlay& session, const table_reader& tables,
                 session_losses& lost) { loaded = session.snapshot(tables, portion, lost); });
  if (failed)
    return *std::move(failed);
  return loaded;
}

protocol::expected<std::uint64_t, store_error> lmdb_store::find_session(
  std::string_view client_id) {
  std::uint64_t number = 0;
  auto failed =
    read_session(client_id, [&](const session_overlay& session, const table_reader& /*tables*/,
                              session_losses& /*lost*/) { number = session.head().session; });
  if (failed)
    return *std::move(failed);
  return number;
}

auto lmdb_store::load_waiting(const waiting_place& from, const protocol::queue_portion& portion)
  -> protocol::expected<waiting_part, store_error> {
  waiting_part found;
  auto failed = read_session(from.client_id,
    [&](const session_overlay& session, const table_reader& tables, session_losses& lost) {
      if (session.head().session != from.session)
        return;
      found.deliveries = session.waiting(tables, from.skipped, portion, lost);
      found.lost = lost.of_queue();
    });
  if (failed)
    return *std::move(failed);
  return found;
}

/// Reads, if there is the session, and sees to what is lost.
template <class Read>
store_result lmdb_store::read_session(std::string_view client_id, Read read) {
  if (auto failed = recover())
    return failed;
  session_losses lost;
  auto failed = attempt("load session", [&] {
    const transaction in{*environment_, transaction::kind::reads};
    const table_reader tables{in, archive_};
    const auto* session = overlay_.find(client_id);
    std::optional<session_overlay> clean;
    if (session == nullptr)
      session = &clean.emplace(overlay_.bodies(), tables.head(client_id));
    if (session->begun())
      read(*session, tables, lost);
  });
  if (!failed && lost.any())
    failed = repair(client_id, lost);
  if (!failed && lost.any())
    tell_damage({client_id, lost.waiting.count + lost.unreadable.size(), lost.subscriptions});
  return failed;
}

/// Whoever has loaded the session knows nothing of what is lost, so the store must
/// not either, whatever happens next.
store_result lmdb_store::repair(std::string_view client_id, const session_losses& lost) {
  if (overlay_.find(client_id) == nullptr) {
    auto failed = attempt("load session", [&] {
      const transaction in{*environment_, transaction::kind::reads};
      overlay_.add(
        client_id, archive_.numbers.sequence + 1, table_reader{in, archive_}.head(client_id));
    });
    if (failed)
      return failed;
  }
  overlay_.find(client_id)->give_up(lost);
  const chores some{{overlay_.ticket_of(client_id)}, 1};
  chores_done done;
  auto failed = write("load session", [&](transaction& in) { done = work_off(in, some); });
  if (!failed)
    worked_off(some, done);
  return failed;
}

store_result lmdb_store::list_sessions(
  std::string_view behind, const std::function<bool(const session_outline&)>& tell) {
  if (auto failed = recover())
    return failed;
  return attempt("list sessions", [&] {
    const transaction in{*environment_, transaction::kind::reads};
    const table_reader tables{in, archive_};
    const auto tell_one = [&](std::string_view client_id, const session_overlay& one) {
      const auto& head = one.head();
      const auto ends_at =
        head.attached ? protocol::never : protocol::after(head.detached_at, head.expiry);
      return !one.begun() || tell({.client_id = client_id,
                               .session = head.session,
                               .attached = head.attached,
                               .expiry = head.expiry,
                               .ends_at = ends_at,
                               .has_will = !!head.will,
                               .will_at = head.will_at,
                               .waiting = head.waiting,
                               .subscriptions = one.subscriptions(tables)});
    };
    const auto changed = overlay_.sessions_from(behind);
    name_merge<session_head, std::function<bool(std::string_view, session_head)>,
      std::function<bool(std::string_view)>>
      merge{behind, changed,
        [&](std::string_view client_id, session_head head) {
          return tell_one(client_id, session_overlay{overlay_.bodies(), std::move(head)});
        },
        [&](std::string_view client_id) { return tell_one(client_id, *overlay_.find(client_id)); }};
    tables.each_session(behind, [&](std::string_view key, session_row row) {
      return merge.row(key, std::move(row.client_id), std::move(row.head));
    });
    merge.end();
  });
}

store_result lmdb_store::load_retained(
  std::string_view behind, const std::function<bool(const protocol::message_ptr&)>& tell) {
  if (auto failed = recover())
    return failed;
  return attempt("load retained", [&] {
    const transaction in{*environment_, transaction::kind::reads};
    const auto changed = overlay_.retained_from(behind);
    name_merge<protocol::message_ptr,
      std::function<bool(std::string_view, const protocol::message_ptr&)>,
      std::function<bool(std::string_view)>>
      merge{behind, changed,
        [&](std::string_view, const protocol::message_ptr& message) { return tell(message); },
        [&](std::string_view topic) {
          const auto message = *overlay_.find_retained(topic);
          return !message || tell(message);
        }};
    table_reader{in, archive_}.each_retained(
      behind, [&](std::string_view key, std::string topic, protocol::message_ptr message) {
        return merge.row(key, std::move(topic), std::move(message));
      });
    merge.end();
  });
}

store_result lmdb_store::load_shares(const std::function<void(const share_change&)>& tell) {
  if (auto failed = recover())
    return failed;
  std::map<std::pair<std::string, std::uint64_t>, protocol::message_ptr> all;
  const auto take = [&](share_change one) {
    all.insert_or_assign({std::move(one.group), one.token}, std::move(one.message));
  };
  auto failed = attempt("load shares", [&] {
    const transaction in{*environment_, transaction::kind::reads};
    table_reader{in, archive_}.each_share(take);
  });
  overlay_.each_share(take);
  for (const auto& [key, message] : all)
    if (message)
      tell({key.first, key.second, message});
  return failed;
}

store_result lmdb_store::back_up(const std::string& to) {
  if (auto failed = recover())
    return failed;
  try {
    demand(mdb_env_copy2(environment_->get(), to.c_str(), MDB_CP_COMPACT));
    return std::nullopt;
  } catch (const lmdb_failure& failure) {
    return explain("back up", failure.code, to);
  }
}

// -- figures --------------------------------------------------------------------

protocol::expected<store_figures, store_error> lmdb_store::figures() {
  if (auto failed = recover())
    return *std::move(failed);
  store_figures all;
  if (auto failed = attempt("count", [&] {
        const transaction in{*environment_, transaction::kind::reads};
        const auto& where = archive_.where;
        all = {journal_.records(), in.rows(where.sessions), in.rows(where.subscriptions),
          in.rows(where.deliveries), in.rows(where.bodies), in.rows(where.retained),
          in.rows(where.damaged), where.pages(in), environment_->pages()};
      }))
    return *std::move(failed);
  return all;
}

} // namespace callboard::persistence
