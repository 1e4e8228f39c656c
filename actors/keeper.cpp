#include "actors/keeper.hpp"

#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

/// How long a store that has failed is left alone.
constexpr auto time_between_tries = 1s;

/// For how long nothing must have come before it is cleared up.
constexpr auto time_to_rest = 500ms;

/// Rows that are folded in one turn: then whoever waits has theirs.
constexpr std::size_t fold_at_once = 500;

persistence::durability durability_of(const settings& rules) {
  return rules.durability == durability::disk ? persistence::durability::disk
                                              : persistence::durability::os;
}

template <class List>
void move_behind(List& to, List& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

behavior keeper::make_behavior() {
  return reads<journal, work_on>(*this);
}

void keeper::on(const journal& mail) {
  move_behind(waiting_.sessions, mail.changes.sessions);
  move_behind(waiting_.retained, mail.changes.retained);
  move_behind(waiting_.shares, mail.changes.shares);
  slips_.insert(slips_.end(), mail.slips.begin(), mail.slips.end());
}

void keeper::on(const work_on&) {
  next_ = {};
  resting_ = waiting_.empty();
}

void keeper::flush() {
  if (failures_ > 0 && next_.serial != 0)
    return; // what comes meanwhile waits too
  if (!waiting_.empty())
    commit();
  else
    slips_.clear();
  if (resting_)
    fold();
}

/// The last chance: what waits is not acknowledged, but may well be wanted.
void keeper::leave() {
  cancel(next_);
  if (!waiting_.empty())
    store_->commit(waiting_, durability_of(node_.rules));
  slips_.clear();
  store_.reset();
}

void keeper::commit() {
  resting_ = false;
  store_->set_clock({now(), home().time_of_day()});
  if (const auto failed = store_->commit(waiting_, durability_of(node_.rules)))
    return fail(*failed);
  waiting_ = {};
  slips_.clear();
  node_.commits.fetch_add(1, std::memory_order_relaxed);
  if (failures_ > 0)
    recover();
  work_on_at(now() + time_to_rest);
}

/// Clears up in the store, a little at a time. Not while there is much to do: most
/// of what is under way then is over before it has to be put in its place.
void keeper::fold() {
  resting_ = false;
  const auto more = store_->fold(fold_at_once);
  if (!more)
    node_.note({.what = event::kind::store_failed, .reason = more.error().text, .number = 1});
  else if (*more)
    work_on_at(now());
}

void keeper::fail(const persistence::store_error& why) {
  ++failures_;
  node_.store_is_stuck = true;
  node_.note({.what = event::kind::store_failed, .reason = why.text, .number = failures_});
  work_on_at(now() + time_between_tries);
}

void keeper::work_on_at(time_point at) {
  cancel(next_);
  next_ = remind(at, work_on{});
}

void keeper::recover() {
  node_.note({.what = event::kind::store_recovered, .number = failures_});
  failures_ = 0;
  node_.store_is_stuck = false;
}

} // namespace callboard::actors
