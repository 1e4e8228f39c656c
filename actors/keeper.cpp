#include "actors/keeper.hpp"

#include "actors/promise.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <utility>
#include <variant>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

/// How long a store that has failed is left alone.
constexpr auto time_between_tries = 1s;

/// How long a commit waits for others who hold the same promise.
constexpr auto time_for_others = 2ms;

/// For how long nothing must have come before it is cleared up.
constexpr auto time_to_rest = 500ms;

/// Sessions that are told in one turn what waits for them.
constexpr std::size_t answers_at_once = 8;

/// Rows that are folded in one turn: then whoever waits has theirs.
constexpr std::size_t fold_at_once = 500;

bool is_whole(const promise_ptr& one) {
  return one->is_whole.load(std::memory_order_acquire);
}

/// How many deliveries have left the queue from its front.
std::size_t taken_from_queue(const persistence::session_changes& changes) {
  return static_cast<std::size_t>(std::ranges::count_if(changes.operations, [](const auto& one) {
    return std::holds_alternative<protocol::delivery_passed>(one) ||
           std::holds_alternative<protocol::delivery_sent>(one);
  }));
}

template <class List>
void move_behind(List& to, List& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

behavior keeper::make_behavior() {
  return reads<journal, read_queue, work_on>(*this);
}

void keeper::on(const journal& mail) {
  if (!asked_.empty())
    move_places(mail.changes);
  move_behind(waiting_.sessions, mail.changes.sessions);
  move_behind(waiting_.retained, mail.changes.retained);
  move_behind(waiting_.shares, mail.changes.shares);
  slips_.insert(slips_.end(), mail.slips.begin(), mail.slips.end());
  promises_.insert(promises_.end(), mail.promises.begin(), mail.promises.end());
}

void keeper::on(const read_queue& mail) {
  askers_.push_back(mail.from.session);
  asked_.insert_or_assign(mail.from.session, mail);
}

void keeper::on(const work_on&) {
  next_ = {};
  resting_ = waiting_.empty();
  has_waited_ = !resting_;
}

void keeper::flush() {
  if (failures_ > 0 && next_.serial != 0)
    return; // what comes meanwhile waits too
  std::ranges::sort(promises_, {}, &promise_ptr::get);
  if (waiting_.empty()) {
    slips_.clear();
    promises_.clear();
  } else if (has_waited_ || !awaits_more()) {
    commit();
  } else if (!std::exchange(awaits_others_, true)) {
    work_on_at(now() + time_for_others);
  }
  if (waiting_.empty())
    answer_some();
  if (resting_)
    fold();
}

/// What a session has taken from its queue since it asked lies in front of the place that
/// it asked for no more when it is answered.
void keeper::move_places(const persistence::batch& changes) {
  for (const auto& one : changes.sessions)
    if (const auto found = asked_.find(one.session); found != asked_.end()) {
      auto& skipped = found->second.from.skipped;
      skipped -= std::min(skipped, taken_from_queue(one));
    }
}

/// What has been committed can be read. Not too much at once: others want to commit.
void keeper::answer_some() {
  if (now() < answers_from_ && !askers_.empty())
    return work_on_at(answers_from_);
  for (auto left = answers_at_once; left > 0 && !askers_.empty(); --left) {
    const auto first = asked_.find(askers_.front());
    auto found = store_->load_waiting(first->second.from, first->second.portion);
    if (!found) {
      node_.note({.what = event::kind::store_failed, .reason = found.error().text, .number = 1});
      answers_from_ = now() + time_between_tries;
      return work_on_at(answers_from_);
    }
    tell(first->second.session, queue_read{*std::move(found)});
    asked_.erase(first);
    askers_.pop_front();
  }
  if (!askers_.empty())
    work_on_at(now());
}

/// Whether somebody else holds a promise of QoS 2 too, and will say what follows.
bool keeper::awaits_more() const {
  return std::ranges::any_of(promises_, [this](const promise_ptr& one) {
    return !is_whole(one) || (!one->received.empty() && !has_all_of(one));
  });
}

/// Whether nobody but the KEEPER holds it. They are in order.
bool keeper::has_all_of(const promise_ptr& one) const {
  const auto mine = std::ranges::equal_range(promises_, one.get(), {}, &promise_ptr::get);
  return one.use_count() == std::ranges::ssize(mine);
}

/// What all who take part have said is known from this commit on.
void keeper::let_know() {
  for (const auto& one : promises_) {
    if (!is_whole(one) || one->received.empty() || !has_all_of(one))
      continue;
    std::ranges::move(std::exchange(one->received, {}), std::back_inserter(waiting_.sessions));
    one->is_known = true;
  }
}

/// The last chance: what waits is not acknowledged, but may well be wanted.
void keeper::leave() {
  cancel(next_);
  if (!waiting_.empty())
    if (const auto failed = store_->commit(waiting_, how_commits_last(node_.rules)))
      node_.note(
        {.what = event::kind::store_failed, .reason = failed->text, .number = failures_ + 1});
  slips_.clear();
  promises_.clear();
  store_.reset();
}

void keeper::commit() {
  resting_ = has_waited_ = awaits_others_ = false;
  let_know();
  store_->set_clock({now(), home().time_of_day()});
  if (const auto failed = store_->commit(waiting_, how_commits_last(node_.rules)))
    return fail(*failed);
  waiting_ = {};
  slips_.clear();
  promises_.clear();
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
