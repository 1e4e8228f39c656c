#include "actors/keeper.hpp"

#include "actors/promise.hpp"
#include "actors/queue_portions.hpp"
#include "actors/store_portions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>
#include <variant>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

/// How long a store that has failed is left alone.
constexpr auto time_between_tries = 1s;

/// How long a commit waits for others who hold the same promise: longer than a unit that lost
/// its core for a while. One whose client just comes holds it until the commit that is waiting.
constexpr auto time_for_others = 20ms;

/// The same if some of them have to be read from the store before they can say anything.
constexpr auto time_for_sleepers = 200ms;

/// For how long nothing must have come before it is cleared up.
constexpr auto time_to_rest = 500ms;

/// Sessions that are told in one turn what waits for them.
constexpr std::size_t answers_at_once = 8;

/// Sessions that are read in one turn for whoever waits for them.
constexpr std::size_t loads_at_once = 100;

/// Rows that are folded in one turn before anything is listed: a list has to put in order
/// what is not folded, each time that it goes on.
constexpr std::size_t fold_before_lists = 5'000;

/// How often in a row a list that cannot be read is tried.
constexpr unsigned most_tries = 3;

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

keeper::keeper(
  caf::actor_config& config, unit& home, company& node, std::unique_ptr<persistence::store> store)
    : actor{config, home}, node_{node}, store_{std::move(store)} {
  store_->watch_damage([this](const persistence::session_damage& found) {
    auto what = fmt::format("{} messages", found.messages);
    if (found.subscriptions != 0)
      what += fmt::format(" and {} subscriptions", found.subscriptions);
    node_.note({.what = event::kind::session_damaged, .name = found.client_id, .reason = what});
  });
}

behavior keeper::make_behavior() {
  return reads<journal, read_queue, find_shares, find_sessions, find_retained, load_session,
    read_more, work_on>(*this);
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

void keeper::on(const find_shares&) {
  wants_shares_ = true;
}

void keeper::on(const find_sessions& mail) {
  lists_.emplace_back([this, mail] { return list_sessions(mail); });
}

void keeper::on(const find_retained& mail) {
  lists_.emplace_back([this, mail] { return list_retained(mail); });
}

void keeper::on(const load_session& mail) {
  wanted_.push_back(mail.client_id);
}

void keeper::on(const read_more&) {
  reads_on_ = false;
}

void keeper::on(const work_on&) {
  next_ = {};
  resting_ = waiting_.empty();
}

void keeper::flush() {
  commit_what_waits();
  if (wants_shares_)
    list_shares();
  if (wants_shares_)
    return;
  load_some();
  list_some();
}

void keeper::commit_what_waits() {
  if (failures_ > 0 && next_.serial != 0)
    return; // what comes meanwhile waits too
  std::ranges::sort(promises_, {}, &promise_ptr::get);
  if (waiting_.empty()) {
    slips_.clear();
    promises_.clear();
  } else if (failures_ > 0 || !awaits_more() || now() >= wait_ends()) {
    commit();
  } else {
    work_on_at(wait_ends());
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

/// For clients that come, and sessions that are called. What is not committed yet cannot
/// concern them: they sleep.
void keeper::load_some() {
  if (wanted_.empty())
    return;
  store_->set_clock({now(), home().time_of_day()});
  const auto kept = queue_of_absent_client(node_.rules.queue_memory_messages).kept;
  for (auto left = loads_at_once; left > 0 && !wanted_.empty(); --left) {
    auto& client_id = wanted_.front();
    auto found = read_session(*store_, client_id, kept);
    if (!found) {
      node_.note(
        {.what = event::kind::session_unread, .name = client_id, .reason = found.error().text});
      tell(node_.registry, session_loaded{std::move(client_id), 0, {}, true});
    } else {
      tell(node_.registry, *std::move(found));
    }
    wanted_.pop_front();
  }
  if (!wanted_.empty())
    read_on();
}

/// One portion of what a start reads: then others have their turn.
void keeper::list_some() {
  if (lists_.empty())
    return;
  if (now() < lists_from_)
    return read_on();
  store_->set_clock({now(), home().time_of_day()});
  if (!is_folded_)
    return fold_for_lists();
  if (lists_.front()())
    lists_.pop_front();
  if (!lists_.empty())
    read_on();
}

void keeper::fold_for_lists() {
  is_folded_ = !fold_some(fold_before_lists); // a list can do without, if it fails
  read_on();
}

/// Members say with which of these they had begun, so groups have to have them first.
void keeper::list_shares() {
  if (now() < lists_from_)
    return read_on();
  store_->set_clock({now(), home().time_of_day()});
  std::map<std::string, restore_share> groups;
  std::uint64_t count = 0;
  const auto failed = store_->load_shares([&](const persistence::share_change& one) {
    ++count;
    groups[one.group].messages.emplace_back(one.token, one.message);
  });
  if (failed && can_try_again(*failed))
    return read_on();
  wants_shares_ = false;
  node_.found.shares = count;
  for (auto& [name, mail] : groups) {
    const auto slash = name.find('/'); // a ShareName has none (MQTT5-4.8.2-1)
    mail.share_name = name.substr(0, slash);
    mail.filter = name.substr(slash + 1);
    tell(node_.registry, std::move(mail));
  }
}

bool keeper::list_sessions(const find_sessions& order) {
  const auto kept = queue_of_absent_client(node_.rules.queue_memory_messages).kept;
  std::vector<std::string> unread;
  auto found = read_sessions(*store_, order.behind, order.pace, kept, order.since, unread);
  if (!found && can_try_again(found.error()))
    return false;
  for (const auto& client_id : unread)
    node_.note({.what = event::kind::session_unread, .name = client_id});
  sessions_found none;
  none.all = true;
  tell(node_.registry, found ? *std::move(found) : std::move(none));
  return true;
}

/// The next portion is read when this one has arrived.
bool keeper::list_retained(const find_retained& order) {
  std::map<retained_store_role, adopt_retained> mails;
  auto next = order;
  std::size_t count = 0;
  const auto failed = store_->load_retained(order.behind, [&](const protocol::message_ptr& one) {
    mails[order.homes->stores.at(order.homes->topics->subtree_of(one->topic()))].messages.push_back(
      one);
    next.behind = one->topic();
    // The settings were others then. The store will not hear of these topics any more.
    if (node_.is_transient(one->topic()))
      waiting_.retained.push_back({std::string{one->topic()}, {}});
    return ++count < order.portion;
  });
  if (failed && can_try_again(*failed))
    return false;
  if (!waiting_.empty())
    read_on();
  next.found += count;
  node_.found.retained = next.found;
  const bool more = !failed && count == order.portion;
  const auto arrived = std::make_shared<const completion>([this_one = node_.keeper, next, more] {
    if (more)
      tell(this_one, next);
  });
  for (auto& [store, mail] : mails) {
    mail.more = true;
    mail.slip = arrived;
    tell(store, std::move(mail));
  }
  if (more)
    return true;
  for (const auto& [subtree, store] : order.homes->stores)
    tell(store, adopt_retained{});
  tell(node_.registry, retained_restored{next.found});
  return true;
}

/// A list that cannot be read again and again ends where it has come to.
bool keeper::can_try_again(const persistence::store_error& why) {
  node_.note({.what = event::kind::store_unread, .reason = why.text});
  if (++list_failures_ >= most_tries) {
    list_failures_ = 0;
    return false;
  }
  lists_from_ = now() + time_between_tries;
  return true;
}

void keeper::read_on() {
  if (std::exchange(reads_on_, true))
    return;
  if (now() < lists_from_ && (wanted_.empty() || wants_shares_))
    remind(lists_from_, read_more{});
  else
    put_into_mailbox(caf::actor_cast<caf::actor>(this), read_more{});
}

/// Whether somebody else holds a promise of QoS 2 too, and will say what follows.
bool keeper::awaits_more() const {
  return std::ranges::any_of(promises_, [this](const promise_ptr& one) {
    return !is_whole(one) || (!one->received.empty() && !has_all_of(one));
  });
}

time_point keeper::wait_ends() {
  if (!waits_since_)
    waits_since_ = now();
  const bool sleeper = std::ranges::any_of(
    promises_, [](const promise_ptr& one) { return is_whole(one) && one->calls_sleeper; });
  return *waits_since_ + (sleeper ? time_for_sleepers : time_for_others);
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
  lists_.clear();
  wanted_.clear();
  store_.reset();
}

void keeper::commit() {
  resting_ = false;
  waits_since_.reset();
  let_know();
  store_->set_clock({now(), home().time_of_day()});
  const auto acknowledge = [this] {
    slips_.clear();
    promises_.clear();
  };
  if (const auto failed = store_->commit(waiting_, how_commits_last(node_.rules), acknowledge))
    return fail(*failed);
  waiting_ = {};
  node_.commits.fetch_add(1, std::memory_order_relaxed);
  if (failures_ > 0)
    recover();
  work_on_at(now() + time_to_rest);
}

/// Clears up in the store, a little at a time. Not while there is much to do: most
/// of what is under way then is over before it has to be put in its place.
void keeper::fold() {
  resting_ = false;
  if (fold_some(fold_at_once))
    work_on_at(now());
}

/// Says whether there is more that can be folded.
bool keeper::fold_some(std::size_t rows) {
  const auto more = store_->fold(rows);
  if (!more)
    node_.note({.what = event::kind::store_failed, .reason = more.error().text, .number = 1});
  return more && *more;
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
