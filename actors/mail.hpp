#pragma once

#include "actors/cast.hpp"
#include "actors/client_output.hpp"
#include "actors/completion.hpp"
#include "actors/directory.hpp"
#include "actors/packet_batch.hpp"
#include "actors/sink_table.hpp"
#include "actors/subscriber.hpp"
#include "actors/waiting_total.hpp"
#include "network/stream.hpp"
#include "persistence/store.hpp"
#include "protocol/message.hpp"
#include "protocol/packets/connect.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/session/delivery.hpp"
#include "protocol/session/inbound_window.hpp"
#include "protocol/topics/retained_tree.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the actors of one node say to each other, grouped by who understands
/// it. Named by what the sender wants. Never serialized: mail that crosses
/// nodes will have a header of its own.
namespace callboard::actors {

// -- understood by the GATEKEEPER, the REGISTRY and SESSIONs: a client comes ------

/// A client on its way from its CONNECT to its SESSION.
struct newcomer {
  connection_role connection;

  /// Counts the CONNECTs of a node; tells old from new.
  std::uint64_t connection_number = 0;

  sink_id sink;
  std::uint16_t unit = 0;
  std::unique_ptr<protocol::connect> connect;
  std::string peer;

  /// The REGISTRY's number for the client; 0 as long as it was not there.
  protocol::client_number client_number = 0;

  /// The client sent no identifier: ours has to be told (MQTT5-3.1.3-7).
  bool identifier_assigned = false;
};
using newcomer_ptr = std::shared_ptr<newcomer>;

/// May this client connect?
struct admit {
  newcomer_ptr who;
};

/// It may: find its session.
struct enter {
  newcomer_ptr who;
};

/// The client is yours.
struct take_client {
  newcomer_ptr who;
};

// -- understood by CONNECTIONs --------------------------------------------------

/// Your client is welcome, its CONNACK is on the way: give me what it sends.
struct attached {
  session_role session;

  /// Seconds that the client must not be silent for, times 1.5; 0: it may.
  std::uint16_t keep_alive = 0;
};

/// Your client is not welcome: send it this and close.
struct refuse {
  std::string connack;
};

/// Write what waits and close.
struct part {
  /// The client shall have time to read our last word: do not reset the
  /// connection while it still sends.
  bool politely = false;
};

/// The session lives on another unit.
struct move_house {
  newcomer_ptr who;
  std::uint16_t unit = 0;
};

/// Read again.
struct read_on {};

/// The node stops. Understood by three: the REGISTRY has SESSIONs say goodbye to
/// their clients and keep their wills back (E50), the EXPRESSes tell the
/// CONNECTIONs of their units, and these wait for nobody who is silent any more.
struct curtain {};

/// Said by a CONNECTION to itself: look at the deadlines.
struct look_at_clock {};

// -- understood by SESSIONs -----------------------------------------------------

/// What the client sent, in order.
struct received {
  std::uint64_t connection_number = 0;
  batch_ptr batch;
};

/// The client cannot or must not be heard any more.
struct connection_lost {
  std::uint64_t connection_number = 0;

  /// What to tell the client, if it can still be told; success: nothing.
  protocol::error reason{protocol::reason_code::success, {}};
};

/// The socket takes bytes again.
struct output_drained {};

/// All SUBTREEs and SHARE GROUPs concerned have done what was asked in request
/// `number`.
struct request_done {
  std::uint64_t number = 0;
};

/// The share group of this filter will send no more, but what it sent before has
/// been read by now.
struct group_left {
  std::string filter;
};

/// All SUBTREEs concerned know this sink: nothing comes by way of the session any
/// more that is older than what comes by express.
struct output_lent {
  sink_id sink;
};

/// What went by express to this sink before a subscription called for the session
/// has been written there.
struct express_left {
  sink_id sink;
};

/// These publications have reached all that want them.
struct routed {
  std::vector<std::uint64_t> tickets;

  /// A code for each ticket; none: success for all.
  std::vector<protocol::reason_code> codes;

  /// How the store learns of their identifiers.
  protocol::reception stored = protocol::reception::told;
};

/// How far the replay of a filter's retained messages has come.
struct replay_progress {
  std::string filter;
  protocol::retained_cursor cursor;

  /// The session's, another one each time that the filter is subscribed to.
  std::uint64_t number = 0;
};

/// Messages for the client, in this order, now or when it is back.
struct deliver {
  /// The receiver takes them out.
  mutable std::vector<protocol::delivery> deliveries;

  /// The answer to `continue_replay`: how far these have brought it. Null: nobody
  /// asked for them.
  std::shared_ptr<const replay_progress> replayed;

  credit_ptr credit = {};

  /// Whoever is promised that these last waits for it. Null: nobody.
  promise_ptr promise = {};
};

/// The store has what this session's journal `number` said.
struct kept {
  std::uint64_t number = 0;
};

/// What read_queue asked for; no deliveries: the store has no more.
struct queue_read {
  /// The receiver takes them out.
  mutable persistence::waiting_part found;
};

/// You are as you were when the node ended. Tell whom it concerns. If your client was
/// connected then, it has lost its connection.
struct restore {
  std::vector<protocol::operation> state;
  completion_ptr slip; // of those who have to know the subscriptions

  /// When the node began again: then connections were lost, whenever it is seen.
  protocol::time_point since;
};

/// Messages for the client that any member of the group could have got. Their
/// share tokens are the group's.
struct deliver_share {
  share_group_role from;

  /// The member's subscription.
  protocol::subscription_number subscription = 0;
  std::vector<protocol::delivery> deliveries;

  /// The store has some of them, as the group's.
  bool kept = false;
};

/// End: unsubscribe, publish the will, leave.
struct end_session {
  /// What to tell the client.
  protocol::reason_code code = protocol::reason_code::session_taken_over;

  /// Keep the will back: the node stops (E50).
  bool keep_will = false;
};

/// You may leave: no mail will come any more.
struct dismissed {};

/// Said by a SESSION to itself: its expiry or its will's delay is due.
struct deadline_reached {};

// -- understood by the REGISTRY ---------------------------------------------------

/// Where the retained messages go that the store has.
struct retained_homes {
  directory_ptr topics;
  std::map<subtree_role, retained_store_role> stores;
};

/// How much of the store is read in one piece, and between two of them others have
/// their turn.
struct recovery_pace {
  std::size_t sessions = 2'000;
  std::size_t sessions_awake = 200;
  std::size_t retained = 5'000;
};

/// The store has what was when the node ended. Clients may come already.
struct restore_all {
  std::shared_ptr<const retained_homes> homes = {};
  recovery_pace pace = {};

  /// Sessions up to this number are those of before.
  std::uint64_t highest_session = 0;

  /// When the node began.
  protocol::time_point since = {};

  /// When all is there again.
  std::function<void()> then = {};
};

/// A session that the store has.
struct stored_session {
  std::string client_id;
  std::uint64_t number = 0;

  /// It was attached, with so many seconds to live from when it is not.
  bool attached = false;
  std::uint32_t expiry = 0;

  /// When it has something to do without anybody calling: to end, to publish its will.
  protocol::time_point due = protocol::never;
  waiting_amount waiting;
  std::vector<protocol::subscription> subscriptions;

  /// All of it, if it must not sleep.
  std::optional<std::vector<protocol::operation>> state;
};

/// The next ones that the store has, by client id.
struct sessions_found {
  /// The receiver takes them out.
  mutable std::vector<stored_session> sessions;

  /// There are no more.
  bool all = false;
};

/// The answer to `load_session`.
struct session_loaded {
  std::string client_id;
  std::uint64_t number = 0; // 0: the client has none
  std::vector<protocol::operation> state;

  /// It could not be read: ask again later.
  bool failed = false;
};

/// Somebody has something for this session, which is asleep: wake it. Also said by the
/// REGISTRY to itself.
struct call_session {
  std::uint64_t number = 0;
};

/// All subscriptions that the store had are where they belong. Understood by SUBTREEs and
/// SHARE GROUPs too.
struct restored {};

/// The same of retained messages: how many.
struct retained_restored {
  std::uint64_t count = 0;
};

/// Said by the REGISTRY to itself: for some that are asleep the time has come.
struct wake_due {};

/// Said by the REGISTRY to itself: tell the store of some more who have lost their
/// connections.
struct detach_some {};

/// This session is over; there may be another one of the same client already.
struct session_ended {
  std::string client_id;
  session_role session;
};

/// This group is over.
struct group_ended {
  std::string name; // "share name/filter"
  share_group_role group;
};

/// A session takes part in a share group, or changes how.
struct join_group {
  std::string share_name;
  std::string filter;
  subscribed_session member;
  completion_ptr slip;
};

// -- understood by SUBTREEs -------------------------------------------------------

/// Match and fan out these publications of a batch.
struct publish {
  batch_ptr batch;

  /// Which packets of the batch, ascending; none: all, and all are publications.
  std::vector<std::uint32_t> which;

  protocol::client_number publisher = 0;

  /// Who wants to know when it is done; nobody if there are no tickets.
  session_role reply_to;

  /// Of those publications that are to be acknowledged, in order. The receiver
  /// takes them out.
  mutable std::vector<std::uint64_t> tickets;
};

/// Add this subscription, or replace the one that the session has.
struct subscribe_to {
  std::string filter;
  subscribed_session who;

  completion_ptr slip;

  /// It is a share group that subscribes, not `who`.
  bool group = false;
  subscribed_group group_who = {};
};

/// Remove a subscription.
struct unsubscribe_from {
  std::string filter;
  std::uint64_t key = 0;
  bool is_group = false;
  completion_ptr slip;
};

/// The subscriber's client is reachable at this sink, or at none.
struct lend {
  std::string filter;
  std::uint64_t key = 0;
  sink_id sink;
  protocol::version version = protocol::version::mqtt_3_1_1;

  /// Let go of it when all that went by way of the session has been sent there.
  completion_ptr slip = {};
};

/// The store's answer to `replay`: some messages, and where to go on.
struct replayed {
  std::uint64_t number = 0;
  protocol::retained_cursor cursor;
  std::vector<protocol::message_ptr> messages;

  /// The store has heard of every `retain` up to this one.
  std::uint64_t as_of = 0;
};

/// Send the session some more of the retained messages under its filter. It gets
/// one `deliver` for this in any case, from the SUBTREE whose turn it is.
struct continue_replay {
  session_role reply_to;
  std::uint64_t key = 0;
  replay_progress progress;
};

/// Give the topics below the prefix to a new SUBTREE.
struct split {
  std::string prefix;
  subtree_role child;
  retained_store_role child_store;
};

/// These subscriptions are yours now too.
struct adopt {
  subtree_role from;
  std::vector<std::pair<std::string, subscribed_session>> subscriptions;
  std::vector<std::pair<std::string, subscribed_group>> groups;

  /// What waits for sessions that wake up, by session.
  std::vector<std::pair<std::uint64_t, std::vector<deliver>>> held = {};
};

/// Take back what this child has.
struct absorb {
  std::string prefix;
  subtree_role child;
};

/// Give all to your parent, and send on to it what still comes.
struct give_back {
  subtree_role parent;
  retained_store_role parent_store;
};

/// Subscriptions will come from the store (`adopt`): route nothing before `restored`.
struct expect_subscriptions {};

/// This session, which was asleep, is not to be had: nobody gets what waits for it.
struct forget_session {
  std::uint64_t key = 0;
};

/// Let go of the slip when all that came before has been sent on. Understood by
/// EXPRESSes too.
struct fence {
  completion_ptr passed;
};

/// Said by a SUBTREE to itself: see how much there was to do.
struct measure {};

// -- understood by RETAINED STOREs ------------------------------------------------

/// Remember each of these as the last message on its topic (MQTT5-3.3.1-5); an
/// empty payload forgets the topic instead (MQTT5-3.3.1-6, -7).
struct retain {
  std::vector<protocol::message_ptr> messages;

  /// That of the last of them: the SUBTREE counts.
  std::uint64_t number = 0;

  promise_ptr promise = {};
};

/// Find what is remembered under a filter, from the cursor on, and tell the
/// SUBTREE.
struct replay {
  subtree_role reply_to;

  /// Comes back with the answer.
  std::uint64_t number = 0;

  std::string filter;
  protocol::retained_cursor cursor;

  /// Stop before this topic, where another store goes on; empty: do not.
  std::string until;
};

/// Give the topics below the prefix to another store. No `retain` of theirs will
/// come any more: the SUBTREE sends such publications on.
struct hand_over_retained {
  std::string prefix;
  retained_store_role to;
};

/// Retained messages will come from another store: let replays wait for them.
struct expect_retained {};

/// These are yours now, unless you know better already.
struct adopt_retained {
  std::vector<protocol::message_ptr> messages;

  /// From the same store: more will come.
  bool more = false;

  /// Whoever sends them waits for it.
  completion_ptr slip = {};
};

/// Said by a RETAINED STORE to itself: somebody waits for an answer still.
struct answer_on {};

/// Said by a RETAINED STORE to itself: some of its messages have expired.
struct expire {};

// -- understood by SHARE GROUPs ----------------------------------------------------

/// A session does not take part any more. By way of the REGISTRY.
struct leave_group {
  std::string share_name;
  std::string filter;
  std::uint64_t key = 0;
  completion_ptr slip;

  /// It is over, and has given back what it knew of.
  bool session_over = false;
};

/// Publications that matched the group's filter, each for one member.
struct distribute {
  batch_ptr batch;
  std::vector<std::uint32_t> which;
  protocol::client_number publisher = 0;
  promise_ptr promise = {};
};

/// These were begun with their members at QoS 2 before the node ended. By way of the
/// REGISTRY.
struct share_begun {
  std::string share_name;
  std::string filter;
  std::vector<protocol::share_token> tokens;
};

/// What the group had when the node ended, oldest first. By way of the REGISTRY.
struct restore_share {
  std::string share_name;
  std::string filter;
  std::vector<std::pair<protocol::share_token, protocol::message_ptr>> messages;
};

/// What became of deliveries.
struct share_settled {
  std::uint64_t key = 0; // the member's
  std::vector<protocol::share_report> reports;
};

// -- understood by EXPRESSes -------------------------------------------------------

/// Runs of QoS 0 packets, each for many connections of the unit.
struct carry {
  struct load {
    publish_run run;
    sink_list to;
  };
  std::vector<load> loads;
};

/// From now on topics are divided so. What went to `from` may have to go to `to`
/// now: fence it.
struct follow {
  directory_ptr directory;
  subtree_role from;
  subtree_role to;
};

/// All that this unit sent to the old SUBTREE has been sent on.
struct fence_passed {
  std::uint64_t number = 0;
};

// -- understood by the KEEPER ------------------------------------------------------

/// Make these last.
struct journal {
  /// The receiver takes them out.
  mutable persistence::batch changes;

  /// Let go of when they do.
  std::vector<slip_ptr> slips = {};
  std::vector<promise_ptr> promises = {};
};

/// Tell this session what waits at this place of its queue, as soon as the store has all
/// that was said before.
struct read_queue {
  session_role session;
  persistence::waiting_place from;
  protocol::queue_portion portion;
};

/// Tell the REGISTRY what share groups have.
struct find_shares {};

/// Tell the REGISTRY the next sessions behind this client id.
struct find_sessions {
  std::string behind;
  recovery_pace pace;

  /// When connections were lost that there were.
  protocol::time_point since;
};

/// Give the retained messages behind this topic to their stores, portion by portion, and
/// say so to the REGISTRY. Said by the KEEPER to itself when a portion has arrived.
struct find_retained {
  std::shared_ptr<const retained_homes> homes;
  std::size_t portion = 0;
  std::string behind = {};
  std::uint64_t found = 0; // so far
};

/// Tell the REGISTRY all of this client's session: somebody waits for it.
struct load_session {
  std::string client_id;
};

/// Said by the KEEPER to itself: there is more to read.
struct read_more {};

/// Said by the KEEPER to itself: try again what failed, or fold on.
struct work_on {};

// -- understood by the REPORTER ----------------------------------------------------

/// Hand a report to this function, on the REPORTER's unit.
struct report_wanted {
  std::function<void(const std::string&)> take;
};

/// A unit has counted trouble, and nobody has looked at it for a while. Said by the
/// REPORTER to itself as long as there is more.
struct trouble_seen {};

/// This session subscribes to topics below $SYS.
struct system_watched {
  std::uint64_t session = 0;
  std::string filter;
};

/// It does not any more.
struct system_left {
  std::uint64_t session = 0;
  std::string filter;
};

/// Said by the REPORTER to itself: say what is new.
struct publish_system {};

// -- understood by ACCEPTORs -------------------------------------------------------

struct open_curtain {};

struct stop_listening {};

// -- understood by the BROKER ------------------------------------------------------

/// This SUBTREE has too much to do, most of it below the prefix.
struct hot {
  subtree_role who;
  std::string prefix;
};

/// This SUBTREE has too little to do.
struct cold {
  subtree_role who;
};

/// The topics below the prefix have a new home; tell the units.
struct split_done {
  subtree_role parent;
  subtree_role child;
  std::string prefix;
};

/// The topics below the prefix are back with the parent; tell the units.
struct merge_done {
  subtree_role parent;
  subtree_role child;
  std::string prefix;
};

/// One of the units has followed a change of the directory.
struct followed {
  std::uint16_t unit = 0;
};

} // namespace callboard::actors

CALLBOARD_LOCAL_MAIL(callboard::actors::admit)
CALLBOARD_LOCAL_MAIL(callboard::actors::enter)
CALLBOARD_LOCAL_MAIL(callboard::actors::take_client)
CALLBOARD_LOCAL_MAIL(callboard::actors::attached)
CALLBOARD_LOCAL_MAIL(callboard::actors::refuse)
CALLBOARD_LOCAL_MAIL(callboard::actors::part)
CALLBOARD_LOCAL_MAIL(callboard::actors::move_house)
CALLBOARD_LOCAL_MAIL(callboard::actors::read_on)
CALLBOARD_LOCAL_MAIL(callboard::actors::look_at_clock)
CALLBOARD_LOCAL_MAIL(callboard::actors::received)
CALLBOARD_LOCAL_MAIL(callboard::actors::connection_lost)
CALLBOARD_LOCAL_MAIL(callboard::actors::output_drained)
CALLBOARD_LOCAL_MAIL(callboard::actors::request_done)
CALLBOARD_LOCAL_MAIL(callboard::actors::group_left)
CALLBOARD_LOCAL_MAIL(callboard::actors::output_lent)
CALLBOARD_LOCAL_MAIL(callboard::actors::express_left)
CALLBOARD_LOCAL_MAIL(callboard::actors::routed)
CALLBOARD_LOCAL_MAIL(callboard::actors::deliver)
CALLBOARD_LOCAL_MAIL(callboard::actors::deliver_share)
CALLBOARD_LOCAL_MAIL(callboard::actors::end_session)
CALLBOARD_LOCAL_MAIL(callboard::actors::dismissed)
CALLBOARD_LOCAL_MAIL(callboard::actors::curtain)
CALLBOARD_LOCAL_MAIL(callboard::actors::expect_retained)
CALLBOARD_LOCAL_MAIL(callboard::actors::deadline_reached)
CALLBOARD_LOCAL_MAIL(callboard::actors::session_ended)
CALLBOARD_LOCAL_MAIL(callboard::actors::group_ended)
CALLBOARD_LOCAL_MAIL(callboard::actors::join_group)
CALLBOARD_LOCAL_MAIL(callboard::actors::publish)
CALLBOARD_LOCAL_MAIL(callboard::actors::subscribe_to)
CALLBOARD_LOCAL_MAIL(callboard::actors::unsubscribe_from)
CALLBOARD_LOCAL_MAIL(callboard::actors::lend)
CALLBOARD_LOCAL_MAIL(callboard::actors::replayed)
CALLBOARD_LOCAL_MAIL(callboard::actors::continue_replay)
CALLBOARD_LOCAL_MAIL(callboard::actors::split)
CALLBOARD_LOCAL_MAIL(callboard::actors::adopt)
CALLBOARD_LOCAL_MAIL(callboard::actors::absorb)
CALLBOARD_LOCAL_MAIL(callboard::actors::give_back)
CALLBOARD_LOCAL_MAIL(callboard::actors::fence)
CALLBOARD_LOCAL_MAIL(callboard::actors::measure)
CALLBOARD_LOCAL_MAIL(callboard::actors::retain)
CALLBOARD_LOCAL_MAIL(callboard::actors::replay)
CALLBOARD_LOCAL_MAIL(callboard::actors::hand_over_retained)
CALLBOARD_LOCAL_MAIL(callboard::actors::adopt_retained)
CALLBOARD_LOCAL_MAIL(callboard::actors::answer_on)
CALLBOARD_LOCAL_MAIL(callboard::actors::expire)
CALLBOARD_LOCAL_MAIL(callboard::actors::leave_group)
CALLBOARD_LOCAL_MAIL(callboard::actors::distribute)
CALLBOARD_LOCAL_MAIL(callboard::actors::share_settled)
CALLBOARD_LOCAL_MAIL(callboard::actors::carry)
CALLBOARD_LOCAL_MAIL(callboard::actors::follow)
CALLBOARD_LOCAL_MAIL(callboard::actors::fence_passed)
CALLBOARD_LOCAL_MAIL(callboard::actors::journal)
CALLBOARD_LOCAL_MAIL(callboard::actors::read_queue)
CALLBOARD_LOCAL_MAIL(callboard::actors::queue_read)
CALLBOARD_LOCAL_MAIL(callboard::actors::restore_share)
CALLBOARD_LOCAL_MAIL(callboard::actors::share_begun)
CALLBOARD_LOCAL_MAIL(callboard::actors::work_on)
CALLBOARD_LOCAL_MAIL(callboard::actors::restore_all)
CALLBOARD_LOCAL_MAIL(callboard::actors::sessions_found)
CALLBOARD_LOCAL_MAIL(callboard::actors::session_loaded)
CALLBOARD_LOCAL_MAIL(callboard::actors::call_session)
CALLBOARD_LOCAL_MAIL(callboard::actors::retained_restored)
CALLBOARD_LOCAL_MAIL(callboard::actors::wake_due)
CALLBOARD_LOCAL_MAIL(callboard::actors::detach_some)
CALLBOARD_LOCAL_MAIL(callboard::actors::expect_subscriptions)
CALLBOARD_LOCAL_MAIL(callboard::actors::forget_session)
CALLBOARD_LOCAL_MAIL(callboard::actors::find_shares)
CALLBOARD_LOCAL_MAIL(callboard::actors::find_sessions)
CALLBOARD_LOCAL_MAIL(callboard::actors::find_retained)
CALLBOARD_LOCAL_MAIL(callboard::actors::load_session)
CALLBOARD_LOCAL_MAIL(callboard::actors::read_more)
CALLBOARD_LOCAL_MAIL(callboard::actors::restored)
CALLBOARD_LOCAL_MAIL(callboard::actors::restore)
CALLBOARD_LOCAL_MAIL(callboard::actors::kept)
CALLBOARD_LOCAL_MAIL(callboard::actors::report_wanted)
CALLBOARD_LOCAL_MAIL(callboard::actors::trouble_seen)
CALLBOARD_LOCAL_MAIL(callboard::actors::system_watched)
CALLBOARD_LOCAL_MAIL(callboard::actors::system_left)
CALLBOARD_LOCAL_MAIL(callboard::actors::publish_system)
CALLBOARD_LOCAL_MAIL(callboard::actors::open_curtain)
CALLBOARD_LOCAL_MAIL(callboard::actors::stop_listening)
CALLBOARD_LOCAL_MAIL(callboard::actors::hot)
CALLBOARD_LOCAL_MAIL(callboard::actors::cold)
CALLBOARD_LOCAL_MAIL(callboard::actors::split_done)
CALLBOARD_LOCAL_MAIL(callboard::actors::merge_done)
CALLBOARD_LOCAL_MAIL(callboard::actors::followed)
