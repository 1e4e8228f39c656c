#include "actors/subtree.hpp"

#include "actors/promise.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/topics/topic_filter.hpp"
#include "protocol/topics/topic_order.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using protocol::qos;
using protocol::reason_code;

/// How many answers of the filter trees are remembered, and for how long topics.
constexpr std::size_t audience_places = 2048;
constexpr std::size_t longest_remembered = 256; // bytes

/// How long a subtree that was split off must be cold before it may merge.
constexpr auto cold_period = 10s;

} // namespace

subtree::subtree(caf::actor_config& config, unit& home, house& place, std::string prefix,
  retained_store_role store)
    : actor{config, home}, place_{place}, prefix_{std::move(prefix)}, store_{std::move(store)},
      express_{place} {}

subtree::~subtree() = default;

behavior subtree::make_behavior() {
  // Not in the constructor, which runs on the BROKER's unit.
  subscribers_ = protocol::filter_tree<subscribed_session>{home().random()()};
  groups_ = protocol::filter_tree<subscribed_group>{home().random()()};
  if (!prefix_.empty())
    measurement_ = remind(now() + cold_period, measure{});
  return reads<publish, subscribe_to, unsubscribe_from, lend, replayed, continue_replay, split,
    adopt, absorb, give_back, expect_subscriptions, restored, forget_session, fence, measure>(
    *this);
}

void subtree::on(const publish& mail) {
  if (expects_subscriptions_)
    early_.push_back(mail);
  else if (was_given_back())
    tell(parent_, mail);
  else if (branches_.empty())
    route_here(mail);
  else
    route_apart(mail);
}

void subtree::on(const subscribe_to& mail) {
  if (must_wait(mail.filter))
    return put_off(mail);
  slips_.push_back(mail.slip);
  wake(mail.who); // before a branch sends it something younger
  tell_branches(mail.filter, [&](const subtree_role& child) { tell(child, mail); });
  const auto inside = [&](const branch& other) {
    return protocol::may_match_below(mail.filter, other.prefix) &&
           !protocol::spans(mail.filter, other.prefix);
  };
  if (std::ranges::any_of(branches_, inside))
    return;
  ++version_;
  if (mail.group) {
    groups_.insert(mail.filter, mail.group_who);
    return;
  }
  let_go(mail.who.key());
  subscribers_.insert(mail.filter, mail.who);
}

void subtree::on(const unsubscribe_from& mail) {
  if (must_wait(mail.filter))
    return put_off(mail);
  slips_.push_back(mail.slip);
  tell_branches(mail.filter, [&](const subtree_role& child) { tell(child, mail); });
  ++version_;
  if (mail.is_group) {
    groups_.erase(mail.filter, mail.key);
    member_groups_.erase(mail.key);
  } else {
    let_go(mail.key);
    subscribers_.erase(mail.filter, mail.key);
  }
}

void subtree::on(const lend& mail) {
  if (must_wait(mail.filter))
    return put_off(mail);
  slips_.push_back(mail.slip);
  tell_branches(mail.filter, [&](const subtree_role& child) { tell(child, mail); });
  auto* who = subscribers_.find(mail.filter, mail.key);
  if (who == nullptr)
    return;
  let_go(mail.key);
  ++version_;
  who->sink = mail.sink;
  who->connected = static_cast<bool>(mail.sink);
  who->version = mail.version;
}

void subtree::on(const replayed& mail) {
  // None: topics have changed hands, and it was asked for again.
  if (const auto asked = open_replays_.extract(mail.number))
    deliver_replayed(asked.mapped(), mail);
  while (!retained_lately_.empty() &&
         (open_replays_.empty() || retained_lately_.front().first <= mail.as_of))
    retained_lately_.pop_front();
}

void subtree::on(const continue_replay& mail) {
  const auto& progress = mail.progress;
  if (must_wait(progress.filter))
    return put_off(mail);
  if (const auto* other = branch_of(progress))
    return tell(other->child, mail);
  open_replays_.emplace(++last_replay_, mail);
  send_kept();
  tell(store_,
    replay{self(), last_replay_, progress.filter, progress.cursor, std::string{end_of(progress)}});
}

void subtree::on(const split& mail) {
  send_collected(); // what was routed here must not be overtaken by what the child routes
  adopt handed{self(), {}, {}};
  subscribers_.for_each([&](std::string_view filter, const subscribed_session& who) {
    if (protocol::may_match_below(filter, mail.prefix))
      handed.subscriptions.emplace_back(filter, who);
  });
  groups_.for_each([&](std::string_view filter, const subscribed_group& who) {
    if (protocol::may_match_below(filter, mail.prefix))
      handed.groups.emplace_back(filter, who);
  });
  for (const auto& [filter, who] : handed.subscriptions)
    if (!protocol::spans(filter, mail.prefix))
      subscribers_.erase(filter, who.key());
  for (const auto& [filter, who] : handed.groups)
    if (!protocol::spans(filter, mail.prefix))
      groups_.erase(filter, who.key());
  ++version_;
  tell(mail.child, std::move(handed));
  tell(store_, hand_over_retained{mail.prefix, mail.child_store});
  branches_.push_back({mail.prefix, mail.child, false});
  for (const auto& [number, asked] : std::exchange(open_replays_, {}))
    on(asked);
  place_.counts.subtree_splits.add();
  tell(place_.company.broker, split_done{self(), mail.child, mail.prefix});
}

void subtree::on(const adopt& mail) {
  for (const auto& [filter, who] : mail.subscriptions)
    subscribers_.insert(filter, who);
  for (const auto& [filter, who] : mail.groups)
    groups_.insert(filter, who);
  ++version_;
  for (const auto& [key, mails] : mail.held)
    hold(key, mails);
  const auto gone = std::ranges::find(branches_, mail.from, &branch::child);
  if (gone == branches_.end()) // from the parent, after a split
    return;
  tell(place_.company.broker, merge_done{self(), gone->child, gone->prefix});
  branches_.erase(gone);
  for (const auto& read : std::exchange(put_off_, {}))
    read();
}

void subtree::on(const absorb& mail) {
  std::ranges::find(branches_, mail.child, &branch::child)->returns = true;
  tell(store_, expect_retained{});
  tell(mail.child, give_back{self(), store_});
}

void subtree::on(const give_back& mail) {
  send_collected();
  adopt returned{self(), {}, {}};
  subscribers_.for_each([&](std::string_view filter, const subscribed_session& who) {
    returned.subscriptions.emplace_back(filter, who);
  });
  groups_.for_each([&](std::string_view filter, const subscribed_group& who) {
    returned.groups.emplace_back(filter, who);
  });
  for (const auto& [key, one] : correspondents_)
    if (!one->held.empty())
      returned.held.emplace_back(key, std::move(one->held));
  tell(mail.parent, std::move(returned));
  for (const auto& [number, asked] : std::exchange(open_replays_, {}))
    tell(mail.parent, asked);
  tell(store_, hand_over_retained{prefix_, mail.parent_store});
  parent_ = mail.parent;
  subscribers_ = protocol::filter_tree<subscribed_session>{};
  groups_ = protocol::filter_tree<subscribed_group>{};
  audiences_.clear();
  correspondents_.clear();
  member_groups_.clear();
  cancel(measurement_);
  place_.counts.subtree_merges.add();
}

void subtree::on(const expect_subscriptions&) {
  expects_subscriptions_ = true;
}

void subtree::on(const restored&) {
  expects_subscriptions_ = false;
  for (const auto& mail : std::exchange(early_, {}))
    on(mail);
}

void subtree::on(const forget_session& mail) {
  for (const auto& other : branches_)
    tell(other.child, mail);
  std::vector<std::string> filters;
  subscribers_.for_each([&](std::string_view filter, const subscribed_session& who) {
    if (who.key() == mail.key)
      filters.emplace_back(filter);
  });
  for (const auto& filter : filters)
    subscribers_.erase(filter, mail.key);
  ++version_;
  if (const auto found = correspondents_.find(mail.key); found != correspondents_.end()) {
    std::erase(owed_, found->second.get());
    correspondents_.erase(found);
  }
}

void subtree::on(const fence& mail) {
  slips_.push_back(mail.passed);
  if (was_given_back())
    return tell(parent_, mail);
  for (const auto& other : branches_)
    tell(other.child, mail);
}

void subtree::on(const measure&) {
  measurement_ = remind(now() + cold_period, measure{});
  const auto count = meter_.total() - std::exchange(measured_, meter_.total());
  const auto rate = count / static_cast<std::uint64_t>(cold_period.count());
  if (branches_.empty() && rate < place_.rules.subtree_merge_rate)
    tell(place_.company.broker, cold{self()});
}

void subtree::flush() {
  send_collected();
  for (auto& [to, mail] : done_)
    tell(to, std::move(mail));
  done_.clear();
  slips_.clear();
}

void subtree::leave() {
  audiences_.clear();
  correspondents_.clear();
  member_groups_.clear();
  subscribers_ = protocol::filter_tree<subscribed_session>{};
  groups_ = protocol::filter_tree<subscribed_group>{};
  branches_.clear();
  put_off_.clear();
  early_.clear();
  open_replays_.clear();
  parent_ = {};
  store_ = {};
}

// -- publications ------------------------------------------------------------------

void subtree::route_here(const publish& mail) {
  batches_.push_back(mail.batch);
  has_promised_ = false;
  received_here_.clear();
  const auto& packets = mail.batch->packets;
  const auto count = mail.which.empty() ? packets.size() : mail.which.size();
  std::vector<reason_code> codes;
  std::vector<std::size_t> transient; // which tickets
  std::size_t ticket = 0;
  audience* found = nullptr;
  std::string_view topic;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = mail.which.empty() ? static_cast<std::uint32_t>(i) : mail.which[i];
    const auto& publication = std::get<protocol::publication>(packets[index]);
    if (found == nullptr || publication.topic != topic) { // runs of one topic are common
      topic = publication.topic;
      found = &audience_of(topic);
    }
    route(mail, publication, index, *found);
    if (publication.qos == qos::at_most_once)
      continue;
    if (found->transient)
      transient.push_back(ticket);
    else
      note_received(*mail.batch, publication);
    if (found->empty() && codes.empty())
      codes.assign(mail.tickets.size(), reason_code::success);
    if (found->empty() && ticket < codes.size())
      codes[ticket] = reason_code::no_matching_subscribers;
    ++ticket;
  }
  send_to_groups(mail);
  if (has_promised_)
    std::ranges::move(received_here_, std::back_inserter(received_));
  if (!mail.tickets.empty())
    acknowledge(mail, codes, transient);
  note_load(mail);
}

/// What does not last waits for nothing that does. `transient` says at which places
/// those tickets are.
void subtree::acknowledge(const publish& mail, const std::vector<reason_code>& codes,
  const std::vector<std::size_t>& transient) {
  auto& to = has_promised_ ? promised_ : done_;
  if (transient.empty()) {
    to.emplace_back(mail.reply_to, routed{std::move(mail.tickets), codes});
    return;
  }
  routed lasting;
  routed passing{{}, {}, protocol::reception::passing};
  auto next = transient.begin();
  for (std::size_t i = 0; i < mail.tickets.size(); ++i) {
    const bool passes = next != transient.end() && *next == i;
    next += passes ? 1 : 0;
    auto& part = passes ? passing : lasting;
    part.tickets.push_back(mail.tickets[i]);
    if (!codes.empty())
      part.codes.push_back(codes[i]);
  }
  done_.emplace_back(mail.reply_to, std::move(passing));
  if (!lasting.tickets.empty())
    to.emplace_back(mail.reply_to, std::move(lasting));
}

/// While parts of the topics are with others, and somebody does not know it yet.
void subtree::route_apart(const publish& mail) {
  std::vector<publish> parts(branches_.size() + 1); // the last one is ours
  const auto& packets = mail.batch->packets;
  const auto count = mail.which.empty() ? packets.size() : mail.which.size();
  std::size_t ticket = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = mail.which.empty() ? static_cast<std::uint32_t>(i) : mail.which[i];
    const auto& publication = std::get<protocol::publication>(packets[index]);
    const auto* to = branch_of(publication.topic);
    auto& part =
      parts[to == nullptr ? branches_.size() : static_cast<std::size_t>(to - branches_.data())];
    part.which.push_back(index);
    if (publication.qos != qos::at_most_once && ticket < mail.tickets.size())
      part.tickets.push_back(mail.tickets[ticket++]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto& part = parts[i];
    if (part.which.empty())
      continue;
    part.batch = mail.batch;
    part.publisher = mail.publisher;
    part.reply_to = mail.reply_to;
    if (i < branches_.size())
      tell(branches_[i].child, std::move(part));
    else
      route_here(part);
  }
}

void subtree::route(const publish& mail, const protocol::publication& publication,
  std::uint32_t index, audience& found) {
  if (found.is_one_express() && goes_as_it_came(publication, *mail.batch, found.express.front()))
    return express_.add_as_it_came(publication, *mail.batch, found.express.front());
  outbound_publication what{publication, *mail.batch, mail.publisher, now()};
  for (const auto& group : found.express)
    express_.add(what, group);
  for (const auto& reader : found.readers)
    serve(reader, what, mail.publisher, found.transient);
  for (auto* group : found.groups) {
    if (group->pending.empty())
      owed_groups_.push_back(group);
    group->pending.push_back(index);
    group->is_promised |= place_.company.keeps() && !found.transient;
  }
  if (publication.retain)
    keep(what, found.transient);
}

audience& subtree::audience_of(std::string_view topic) {
  if (topic.size() > longest_remembered) {
    find_audience(topic, other_);
    return other_;
  }
  if (audiences_.empty())
    audiences_.resize(audience_places);
  auto& place = audiences_[std::hash<std::string_view>{}(topic) % audience_places];
  if (place.who.version != version_ || place.topic != topic) {
    place.topic = topic;
    find_audience(topic, place.who);
  }
  return place.who;
}

void subtree::find_audience(std::string_view topic, audience& found) {
  found.clear();
  found.version = version_;
  found.transient = place_.company.is_transient(topic);
  std::vector<const subscribed_session*> all;
  std::size_t filters = 0;
  subscribers_.match_filters(topic, [&](std::span<const subscribed_session> of_filter) {
    ++filters;
    for (const auto& who : of_filter)
      all.push_back(&who);
  });
  if (filters > 1) // then a client may be there more than once
    std::ranges::stable_sort(all, {}, [](const auto* who) { return who->key(); });
  const auto by = [this](const subscribed_session& who) -> correspondent& {
    return correspondent_of(who);
  };
  for (auto at = all.begin(); at != all.end();) {
    const auto key = (*at)->key();
    const auto end =
      std::find_if(at, all.end(), [&](const auto* who) { return who->key() != key; });
    found.add({at, end}, by);
    at = end;
  }
  groups_.match(topic, [&](const subscribed_group& who) {
    auto& group = member_groups_[who.key()];
    if (!group)
      group = std::make_unique<member_group>(member_group{who.group, {}, false});
    found.groups.push_back(group.get());
  });
}

void subtree::serve(const audience::reader& reader, outbound_publication& what,
  protocol::client_number publisher, bool transient) {
  const bool own = reader.client == publisher;
  if (own && !reader.hears_itself)
    return;
  const auto maximum = own ? reader.own_maximum_qos : reader.maximum_qos;
  protocol::delivery delivery;
  delivery.qos = std::min(what.publication().qos, maximum);
  const bool sleeps = !reader.to->session;
  if (sleeps && delivery.qos == qos::at_most_once && !place_.rules.queue_qos0)
    return place_.counts.dropped_client_away.add(); // it would not be woken for more
  delivery.message = what.message();
  delivery.identifiers = own ? reader.own_identifiers : reader.identifiers;
  delivery.retain = what.publication().retain && reader.retain_as_published;
  delivery.lasting = !transient;
  if (reader.to->lasting && delivery.lasting && delivery.qos != qos::at_most_once)
    reader.to->is_promised = has_promised_ = true;
  if (reader.to->pending.empty()) {
    owed_.push_back(reader.to);
    reader.to->pending.reserve(reader.to->guess);
  }
  reader.to->pending.push_back(std::move(delivery));
}

void subtree::keep(outbound_publication& what, bool transient) {
  kept_.messages.push_back(what.message());
  kept_.number = ++last_retain_;
  const bool lasts = place_.company.keeps() && !transient;
  kept_lasts_ |= lasts;
  has_promised_ |= lasts;
  if (!open_replays_.empty())
    retained_lately_.emplace_back(last_retain_, what.publication().topic);
}

/// Before anything else goes to the store.
void subtree::send_kept() {
  if (kept_.messages.empty())
    return;
  if (std::exchange(kept_lasts_, false))
    kept_.promise = promise();
  tell(store_, std::exchange(kept_, {}));
}

void subtree::send_to_groups(const publish& mail) {
  for (auto* group : owed_groups_) {
    const bool lasts = std::exchange(group->is_promised, false);
    has_promised_ |= lasts;
    tell(group->group, distribute{mail.batch, std::exchange(group->pending, {}), mail.publisher,
                         lasts ? promise() : nullptr});
  }
  owed_groups_.clear();
}

void subtree::send_pending(correspondent& to) {
  if (to.pending.empty())
    return;
  to.guess = to.pending.size();
  if (!credit_)
    credit_ = std::make_shared<std::vector<batch_ptr>>();
  auto held = std::exchange(to.is_promised, false) ? promise() : nullptr;
  if (held && !to.session)
    held->calls_sleeper = true;
  deliver mail{std::exchange(to.pending, {}), {}, credit_, std::move(held)};
  if (to.session)
    return tell(to.session, std::move(mail));
  if (to.held.empty())
    tell(place_.company.registry, call_session{to.number});
  to.held.push_back(std::move(mail));
}

void subtree::send_collected() {
  send_kept();
  express_.send_all();
  for (auto* to : owed_)
    send_pending(*to);
  owed_.clear();
  if (promise_)
    promise_->batches = batches_;
  if (credit_)
    *std::exchange(credit_, {}) = std::exchange(batches_, {});
  batches_.clear();
  if (!promise_)
    return;
  promise_->acknowledgements = std::exchange(promised_, {});
  promise_->received = std::exchange(received_, {});
  promise_->is_whole.store(true, std::memory_order_release);
  promise_.reset();
}

/// For this turn's mail to those who make things last.
const promise_ptr& subtree::promise() {
  if (!promise_)
    promise_ = std::make_shared<actors::promise>();
  return promise_;
}

/// Of a session that lasts, at QoS 2.
void subtree::note_received(const packet_batch& batch, const protocol::publication& publication) {
  if (!batch.author || publication.qos != qos::exactly_once)
    return;
  if (received_here_.empty())
    received_here_.push_back({batch.author->client_id, batch.author->number, {}});
  received_here_.front().operations.emplace_back(
    protocol::publication_received{publication.packet_id});
}

correspondent& subtree::correspondent_of(const subscribed_session& who) {
  auto& found = correspondents_[who.key()];
  if (!found)
    found =
      std::make_unique<correspondent>(correspondent{who.session, who.key(), {}, 0, who.lasting});
  return *found;
}

/// A session that was asleep subscribes by itself: what waits for it goes first.
void subtree::wake(const subscribed_session& who) {
  const auto found = correspondents_.find(who.key());
  if (found == correspondents_.end() || found->second->session)
    return;
  auto& one = *found->second;
  one.session = who.session;
  for (auto& mail : std::exchange(one.held, {}))
    tell(who.session, std::move(mail));
}

/// What a branch has kept for a session that sleeps is kept here now.
void subtree::hold(std::uint64_t key, const std::vector<deliver>& mails) {
  auto& one = correspondents_[key];
  if (!one)
    one = std::make_unique<correspondent>(correspondent{{}, key, {}, 0, true});
  if (!one->session)
    one->held.insert(one->held.end(), mails.begin(), mails.end());
  else
    for (const auto& mail : mails)
      tell(one->session, mail);
}

/// Forgets a session until it is found again: a list of those who have left
/// would keep their memory.
void subtree::let_go(std::uint64_t key) {
  const auto found = correspondents_.find(key);
  if (found == correspondents_.end())
    return;
  send_pending(*found->second);
  std::erase(owed_, found->second.get());
  if (found->second->held.empty())
    correspondents_.erase(found);
}

// -- subscriptions ------------------------------------------------------------------

template <class Send>
void subtree::tell_branches(std::string_view filter, Send send) const {
  for (const auto& other : branches_)
    if (protocol::may_match_below(filter, other.prefix))
      send(other.child);
}

/// Whose turn it is in a replay: the branch that has the filter for itself, or the
/// topics at the place that the replay has come to. Null: ours.
const subtree::branch* subtree::branch_of(const replay_progress& progress) const {
  const auto found = std::ranges::find_if(branches_, [&](const branch& other) {
    return protocol::may_match_below(progress.filter, other.prefix) &&
           (progress.cursor.stands_below(other.prefix) ||
             !protocol::spans(progress.filter, other.prefix));
  });
  return found == branches_.end() ? nullptr : &*found;
}

/// Where our part of a replay ends: at the first branch that it comes to. Empty:
/// with our last topic.
std::string_view subtree::end_of(const replay_progress& progress) const {
  std::string_view end;
  for (const auto& other : branches_)
    if (protocol::may_match_below(progress.filter, other.prefix) &&
        !progress.cursor.is_behind(other.prefix) &&
        (end.empty() || protocol::compare_topics(other.prefix, end) < 0))
      end = other.prefix;
  return end;
}

/// What the store has found goes to the subscriber, and the session hears how far
/// this was.
void subtree::deliver_replayed(const continue_replay& asked, const replayed& found) {
  auto progress = asked.progress;
  progress.cursor = found.cursor;
  if (progress.cursor.done() && protocol::spans(progress.filter, prefix_))
    progress.cursor = {prefix_, protocol::retained_cursor::place::past}; // with the parent
  deliver mail;
  if (const auto* who = subscribers_.find(progress.filter, asked.key)) {
    for (const auto& message : found.messages) {
      if (is_outdated(message, found.as_of) ||
          (who->options.no_local && message->head().publisher == who->client))
        continue;
      if (who->takes_express())
        send_retained(*who, message);
      else
        mail.deliveries.push_back(as_retained(*who, message));
    }
    if (!mail.deliveries.empty())
      send_pending(correspondent_of(*who)); // what was published before goes first
  }
  mail.replayed = std::make_shared<const replay_progress>(std::move(progress));
  tell(asked.reply_to, std::move(mail));
}

protocol::delivery subtree::as_retained(
  const subscribed_session& who, const protocol::message_ptr& message) const {
  protocol::delivery delivery;
  delivery.message = message;
  delivery.identifiers = who.identifier;
  delivery.qos = std::min(message->head().qos, who.options.maximum_qos);
  delivery.retain = true;
  delivery.lasting = !place_.company.is_transient(message->topic());
  return delivery;
}

void subtree::send_retained(const subscribed_session& who, const protocol::message_ptr& message) {
  const protocol::subscription_identifiers identifiers{who.identifier};
  auto packet = encode_shared(place_, who.version,
    {.retain = true,
      .message_expiry_interval = protocol::remaining_interval(*message, now()),
      .subscription_identifiers = identifiers.all(),
      .topic = message->topic(),
      .properties = message->properties(),
      .payload = message->payload()});
  const auto size = static_cast<std::uint32_t>(packet.bytes.size());
  express_.add(who.unit, {std::move(packet), 1, size}, sink_list{who.sink});
}

/// Whether a younger message of the topic has passed since the store looked.
bool subtree::is_outdated(const protocol::message_ptr& message, std::uint64_t as_of) const {
  return std::ranges::any_of(retained_lately_,
    [&](const auto& passed) { return passed.first > as_of && passed.second == message->topic(); });
}

// -- how the topics are divided --------------------------------------------------------

void subtree::note_load(const publish& mail) {
  const auto& rules = place_.rules;
  const auto& packets = mail.batch->packets;
  const auto count = mail.which.empty() ? packets.size() : mail.which.size();
  const auto& one =
    std::get<protocol::publication>(packets[mail.which.empty() ? 0 : mail.which[0]]);
  // With one unit there is nobody to share the work with.
  if (rules.subtree_split_rate == 0 || place_.company.houses.size() < 2 ||
      one.topic.starts_with('$') || place_.company.found.under_way)
    return;
  const auto reading = meter_.note(count, one.topic, prefix_, now());
  if (!reading || reading->per_second < rules.subtree_split_rate || reading->hottest.empty())
    return;
  if (branch_of(reading->hottest) == nullptr)
    tell(place_.company.broker, hot{self(), reading->hottest});
}

const subtree::branch* subtree::branch_of(std::string_view topic) const {
  const auto found = std::ranges::find_if(
    branches_, [&](const branch& other) { return protocol::is_below(topic, other.prefix); });
  return found == branches_.end() ? nullptr : &*found;
}

/// Whether subscriptions to the filter are on the way back: what is said of them
/// now is younger than what will come.
bool subtree::must_wait(std::string_view filter) const {
  return std::ranges::any_of(branches_, [&](const branch& other) {
    return other.returns && protocol::may_match_below(filter, other.prefix);
  });
}

template <class Mail>
void subtree::put_off(const Mail& mail) {
  put_off_.emplace_back([this, mail] { on(mail); });
}

subtree_role subtree::self() {
  return subtree_role{caf::actor_cast<caf::actor>(this)};
}

} // namespace callboard::actors
