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
  folding_ = false;
  next_try_ = {};
}

void keeper::flush() {
  if (next_try_.serial != 0)
    return; // what comes meanwhile waits too
  if (!waiting_.empty())
    commit();
  else
    slips_.clear();
  if (failures_ == 0)
    fold();
}

/// The last chance: what waits is not acknowledged, but may well be wanted.
void keeper::leave() {
  cancel(next_try_);
  if (!waiting_.empty())
    store_->commit(waiting_, durability_of(node_.rules));
  slips_.clear();
  store_.reset();
}

void keeper::commit() {
  store_->set_clock({now(), home().time_of_day()});
  if (const auto failed = store_->commit(waiting_, durability_of(node_.rules)))
    return fail(*failed);
  waiting_ = {};
  slips_.clear();
  if (failures_ > 0)
    recover();
}

/// Clears up in the store, a little at a time, while nobody waits for it.
void keeper::fold() {
  if (folding_)
    return;
  const auto more = store_->fold(fold_at_once);
  if (!more)
    return fail(more.error());
  if (*more) {
    folding_ = true;
    put_into_mailbox(caf::actor_cast<caf::actor>(this), work_on{});
  }
}

void keeper::fail(const persistence::store_error& why) {
  ++failures_;
  node_.store_is_stuck = true;
  node_.note({.what = event::kind::store_failed, .reason = why.text, .number = failures_});
  next_try_ = remind(now() + time_between_tries, work_on{});
}

void keeper::recover() {
  node_.note({.what = event::kind::store_recovered, .number = failures_});
  failures_ = 0;
  node_.store_is_stuck = false;
}

} // namespace callboard::actors
