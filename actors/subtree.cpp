#include "actors/subtree.hpp"

#include "protocol/codec/encode.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using protocol::qos;

/// How long a subtree that was split off must be cold before it may merge.
constexpr auto cold_period = 10s;

} // namespace

subtree::subtree(caf::actor_config& config, unit& home, house& place, std::string prefix,
  retained_store_role store)
    : actor{config, home}, place_{place}, prefix_{std::move(prefix)}, store_{std::move(store)},
      audiences_{place, correspondents_}, express_{place} {}

subtree::~subtree() = default;

behavior subtree::make_behavior() {
  // Not in the constructor, which runs on the BROKER's unit.
  audiences_.begin(home().random());
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
  if (branches_.returns(mail.filter))
    return put_off(mail);
  slips_.push_back(mail.slip);
  for (auto& held : correspondents_.wake(mail.who)) // before a branch sends it something younger
    tell(mail.who.session, std::move(held));
  branches_.tell(mail.filter, [&](const subtree_role& child) { tell(child, mail); });
  if (branches_.has_all_of(mail.filter))
    return;
  if (mail.group)
    return audiences_.add(mail.filter, mail.group_who);
  let_go(mail.who.key());
  audiences_.add(mail.filter, mail.who);
}

void subtree::on(const unsubscribe_from& mail) {
  if (branches_.returns(mail.filter))
    return put_off(mail);
  slips_.push_back(mail.slip);
  branches_.tell(mail.filter, [&](const subtree_role& child) { tell(child, mail); });
  if (mail.is_group)
    return audiences_.remove_group(mail.filter, mail.key);
  let_go(mail.key);
  audiences_.remove_session(mail.filter, mail.key);
}

void subtree::on(const lend& mail) {
  if (branches_.returns(mail.filter))
    return put_off(mail);
  slips_.push_back(mail.slip);
  branches_.tell(mail.filter, [&](const subtree_role& child) { tell(child, mail); });
  if (audiences_.connect(mail))
    let_go(mail.key);
}

void subtree::on(const replayed& mail) {
  if (const auto asked = open_replays_.take(mail.number))
    deliver_replayed(*asked, mail);
  open_replays_.forget_until(mail.as_of);
}

void subtree::on(const continue_replay& mail) {
  const auto& progress = mail.progress;
  if (branches_.returns(progress.filter))
    return put_off(mail);
  if (const auto* other = branches_.next_in(progress))
    return tell(other->child, mail);
  const auto number = open_replays_.begin(mail);
  send_kept();
  tell(store_, replay{self(), number, progress.filter, progress.cursor,
                 std::string{branches_.end_of(progress)}});
}

void subtree::on(const split& mail) {
  send_collected(); // what was routed here must not be overtaken by what the child routes
  auto handed = audiences_.split_off(mail.prefix);
  handed.from = self();
  tell(mail.child, std::move(handed));
  tell(store_, hand_over_retained{mail.prefix, mail.child_store});
  branches_.add(mail.prefix, mail.child);
  for (const auto& [number, asked] : open_replays_.take_all())
    on(asked);
  place_.counts.subtree_splits.add();
  tell(place_.company.broker, split_done{self(), mail.child, mail.prefix});
}

void subtree::on(const adopt& mail) {
  audiences_.take(mail);
  for (const auto& held : mail.held)
    if (const auto awake = correspondents_.hold(held))
      for (const auto& one : held.second)
        tell(awake, one);
  const auto gone = branches_.remove(mail.from);
  if (!gone) // from the parent, after a split
    return;
  tell(place_.company.broker, merge_done{self(), gone->child, gone->prefix});
  for (const auto& read : std::exchange(put_off_, {}))
    read();
}

void subtree::on(const absorb& mail) {
  branches_.call_back(mail.child);
  tell(store_, expect_retained{});
  tell(mail.child, give_back{self(), store_});
}

void subtree::on(const give_back& mail) {
  send_collected();
  auto handed = audiences_.all();
  handed.from = self();
  handed.held = correspondents_.take_held();
  tell(mail.parent, std::move(handed));
  for (const auto& [number, asked] : open_replays_.take_all())
    tell(mail.parent, asked);
  tell(store_, hand_over_retained{prefix_, mail.parent_store});
  parent_ = mail.parent;
  audiences_.clear();
  correspondents_.clear();
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
  for (const auto& other : branches_.all())
    tell(other.child, mail);
  audiences_.forget_session(mail.key);
  correspondents_.forget(mail.key);
}

void subtree::on(const fence& mail) {
  slips_.push_back(mail.passed);
  if (was_given_back())
    return tell(parent_, mail);
  for (const auto& other : branches_.all())
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
  dues_.send_done([](const session_role& to, routed mail) { tell(to, std::move(mail)); });
  slips_.clear();
}

void subtree::leave() {
  audiences_.clear();
  correspondents_.clear();
  branches_ = {};
  put_off_.clear();
  early_.clear();
  open_replays_ = {};
  parent_ = {};
  store_ = {};
}

// -- publications ------------------------------------------------------------------

void subtree::route_here(const publish& mail) {
  dues_.begin(mail);
  const auto& packets = mail.batch->packets;
  const auto count = mail.which.empty() ? packets.size() : mail.which.size();
  audience* found = nullptr;
  std::string_view topic;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = mail.which.empty() ? static_cast<std::uint32_t>(i) : mail.which[i];
    const auto& publication = std::get<protocol::publication>(packets[index]);
    if (found == nullptr || publication.topic != topic) { // runs of one topic are common
      topic = publication.topic;
      found = &audiences_.of(topic);
    }
    route(mail, publication, index, *found);
    if (publication.qos != qos::at_most_once)
      dues_.add(mail, publication, *found);
  }
  send_to_groups(mail);
  dues_.end(mail);
  note_load(mail);
}

/// While parts of the topics are with others, and somebody does not know it yet.
void subtree::route_apart(const publish& mail) {
  const auto ours = branches_.divide(
    mail, [this](const subtree_role& child, publish part) { tell(child, std::move(part)); });
  if (!ours.which.empty())
    route_here(ours);
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
  if (reader.to->lasting && delivery.lasting && delivery.qos != qos::at_most_once) {
    reader.to->is_promised = true;
    dues_.note_lasting(true);
  }
  correspondents_.add(*reader.to, std::move(delivery));
}

void subtree::keep(outbound_publication& what, bool transient) {
  kept_.messages.push_back(what.message());
  kept_.number = open_replays_.note_retained(what.publication().topic);
  const bool lasts = place_.company.keeps() && !transient;
  kept_lasts_ |= lasts;
  dues_.note_lasting(lasts);
}

/// Before anything else goes to the store.
void subtree::send_kept() {
  if (kept_.messages.empty())
    return;
  if (std::exchange(kept_lasts_, false))
    kept_.promise = dues_.promise();
  tell(store_, std::exchange(kept_, {}));
}

void subtree::send_to_groups(const publish& mail) {
  for (auto* group : owed_groups_) {
    const bool lasts = std::exchange(group->is_promised, false);
    dues_.note_lasting(lasts);
    tell(group->group, distribute{mail.batch, std::exchange(group->pending, {}), mail.publisher,
                         lasts ? dues_.promise() : nullptr});
  }
  owed_groups_.clear();
}

void subtree::send_pending(correspondent& to) {
  if (to.pending.empty())
    return;
  to.guess = to.pending.size();
  auto lasts = std::exchange(to.is_promised, false) ? dues_.promise() : nullptr;
  if (lasts && !to.session)
    lasts->calls_sleeper = true;
  deliver mail{std::exchange(to.pending, {}), {}, dues_.credit(), std::move(lasts)};
  if (to.session)
    return tell(to.session, std::move(mail));
  if (to.held.empty())
    tell(place_.company.registry, call_session{to.number});
  to.held.push_back(std::move(mail));
}

void subtree::send_collected() {
  send_kept();
  express_.send_all();
  correspondents_.send_all([this](correspondent& to) { send_pending(to); });
  dues_.close();
}

/// Its turn's mail goes in front of what follows from the change of its subscriptions.
void subtree::let_go(std::uint64_t key) {
  if (auto* one = correspondents_.find(key)) {
    send_pending(*one);
    correspondents_.let_go(*one);
  }
}

// -- subscriptions ------------------------------------------------------------------

/// What the store has found goes to the subscriber, and the session hears how far
/// this was.
void subtree::deliver_replayed(const continue_replay& asked, const replayed& found) {
  auto progress = asked.progress;
  progress.cursor = found.cursor;
  if (progress.cursor.done() && protocol::spans(progress.filter, prefix_))
    progress.cursor = {prefix_, protocol::retained_cursor::place::past}; // with the parent
  deliver mail;
  if (const auto* who = audiences_.find(progress.filter, asked.key)) {
    for (const auto& message : found.messages) {
      if (open_replays_.is_outdated(message->topic(), found.as_of) ||
          (who->options.no_local && message->head().publisher == who->client))
        continue;
      if (who->takes_express())
        send_retained(*who, message);
      else
        mail.deliveries.push_back(as_retained(*who, message));
    }
    if (!mail.deliveries.empty())
      send_pending(correspondents_.of(*who)); // what was published before goes first
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
  if (branches_.of(reading->hottest) == nullptr)
    tell(place_.company.broker, hot{self(), reading->hottest});
}

template <class Mail>
void subtree::put_off(const Mail& mail) {
  put_off_.emplace_back([this, mail] { on(mail); });
}

subtree_role subtree::self() {
  return subtree_role{caf::actor_cast<caf::actor>(this)};
}

} // namespace callboard::actors
