#pragma once

#include "actors/runtime/role.hpp"

#include <memory>

/// The cast: every actor's role and the mail it understands, in the order in
/// which a client meets them. What a mail carries is in mail.hpp; who is who, in
/// README.md.
namespace callboard::actors {

struct absorb;
struct adopt;
struct adopt_retained;
struct admit;
struct take_client;
struct attached;
struct carry;
struct cold;
struct connection_lost;
struct continue_replay;
struct curtain;
struct deliver;
struct deliver_share;
struct dismissed;
struct distribute;
struct end_session;
struct enter;
struct expect_retained;
struct fence;
struct fence_passed;
struct follow;
struct followed;
struct give_back;
struct group_ended;
struct hand_over_retained;
struct hot;
struct join_group;
struct journal;
struct leave_group;
struct lend;
struct merge_done;
struct move_house;
struct open_curtain;
struct output_drained;
struct output_lent;
struct express_left;
struct part;
struct publish;
struct queue_read;
struct call_session;
struct expect_subscriptions;
struct find_retained;
struct find_sessions;
struct find_shares;
struct forget_session;
struct load_session;
struct restore_all;
struct retained_restored;
struct session_loaded;
struct sessions_found;
struct read_queue;
struct read_on;
struct received;
struct refuse;
struct replay;
struct replayed;
struct report_wanted;
struct request_done;
struct group_left;
struct kept;
struct restore;
struct restored;
struct work_on;
struct promise;
using promise_ptr = std::shared_ptr<promise>;
struct share_begun;
struct restore_share;
struct retain;
struct routed;
struct session_ended;
struct share_settled;
struct split;
struct split_done;
struct stop_listening;
struct subscribe_to;
struct system_left;
struct system_watched;
struct trouble_seen;
struct unsubscribe_from;

/// A CONNECTION: the socket of one client.
using connection_role = role<
  // Its client is welcome: this SESSION takes its packets.
  attached,
  // Its client is not: say so and close.
  refuse,
  // Write what waits and close.
  part,
  // Its session lives on another unit: go there.
  move_house,
  // The node stops.
  curtain,
  // What it sent has been dealt with: read on.
  read_on>;

/// The SESSION of one client identifier. Outlives its connections.
using session_role = role<
  // A CONNECTION has brought the client.
  take_client,
  // Packets from the client.
  received,
  // The client has gone, or must go.
  connection_lost,
  // The client's socket takes bytes again.
  output_drained,
  // All SUBTREEs concerned have done what a request asked for.
  request_done,
  // A SHARE GROUP sends nothing more.
  group_left,
  // All of them know its client's connection.
  output_lent,
  // What they sent to it before they knew better has arrived.
  express_left,
  // A SUBTREE has routed publications: they can be acknowledged.
  routed,
  // Messages for the client.
  deliver,
  // The same, from a SHARE GROUP that wants to know how it ends.
  deliver_share,
  // The store has what was said to it up to here.
  kept,
  // Some of the queue that only the store had.
  queue_read,
  // Begin as the session that was stored.
  restore,
  // Somebody else has the client identifier now, or the node stops.
  end_session,
  // The REGISTRY has forgotten it: nobody will come any more.
  dismissed>;

/// The GATEKEEPER: who may connect.
using gatekeeper_role = role<
  // A client has sent its CONNECT.
  admit>;

/// The REGISTRY: client identifier to SESSION, and share name and filter to
/// SHARE GROUP.
using registry_role = role<
  // A client may come in: find its session, or make one.
  enter,
  // A session is over.
  session_ended,
  // A session takes part in a shared subscription.
  join_group,
  // It does not any more.
  leave_group,
  // A share group is over.
  group_ended,
  // The store has what was when the node ended: bring it back.
  restore_all,
  // Some of the sessions that it has.
  sessions_found,
  // One that was asked for.
  session_loaded,
  // Somebody has something for a session that is asleep.
  call_session,
  // A share group had messages.
  restore_share,
  // A member had begun with some of them.
  share_begun,
  // All subscriptions that there were are there again.
  restored,
  // And all retained messages.
  retained_restored,
  // The node stops: send everybody home.
  curtain>;

/// A SUBTREE: the topic filters and topics below a prefix.
using subtree_role = role<
  // Publications to match and fan out.
  publish,
  // Add a subscription.
  subscribe_to,
  // Remove one.
  unsubscribe_from,
  // The session's client can be written to directly, or cannot any more.
  lend,
  // Its RETAINED STORE has found some of what a subscription missed.
  replayed,
  // The subscriber can take more of these.
  continue_replay,
  // Give a part of the topics to a new SUBTREE.
  split,
  // Take over a part of another SUBTREE's filters.
  adopt,
  // Take back what was split off.
  absorb,
  // Give all back to the parent.
  give_back,
  // Subscriptions will come from the store: route nothing before.
  expect_subscriptions,
  // They have come.
  restored,
  // A session that was asleep is lost.
  forget_session,
  // Let go of this when all mail before it has been dealt with.
  fence>;

/// The RETAINED STORE of a SUBTREE: the last retained message of every topic.
using retained_store_role = role<
  // Remember a topic's message, or forget it.
  retain,
  // Find what a new subscription missed.
  replay,
  // Give the topics below a prefix to another store.
  hand_over_retained,
  // Such topics will come: answer nobody before.
  expect_retained,
  // Take them.
  adopt_retained>;

/// A SHARE GROUP: one share name and filter.
using share_group_role = role<
  // A session takes part.
  join_group,
  // It does not any more.
  leave_group,
  // Publications, each for one of the members.
  distribute,
  // How deliveries ended.
  share_settled,
  // What it had when the node ended.
  restore_share,
  // What members had begun with then.
  share_begun,
  // All members that there were have joined again.
  restored,
  // The REGISTRY has forgotten it: nobody will join any more.
  dismissed>;

/// The EXPRESS of a unit: QoS 0 for the unit's connections, and the unit's view of
/// the SUBTREEs.
using express_role = role<
  // Packets for many connections.
  carry,
  // The topics are divided in another way.
  follow,
  // All that went the old way has arrived.
  fence_passed,
  // Let go of this when all packets before it are in their outputs.
  fence,
  // The node stops: tell the unit's CONNECTIONs.
  curtain>;

/// The KEEPER: the only writer of the store.
using keeper_role = role<
  // What happened to sessions and retained messages.
  journal,
  // What waits in a session's queue, which has it no more?
  read_queue,
  // At the start: which messages do share groups have?
  find_shares,
  // Which sessions are there?
  find_sessions,
  // Which retained messages?
  find_retained,
  // What is this client's session?
  load_session,
  // Go on with what is left to do.
  work_on>;

/// The REPORTER: adds up what the units count, warns, and publishes below $SYS.
using reporter_role = role<
  // Say what there is to say.
  report_wanted,
  // Something that is counted is trouble: see what.
  trouble_seen,
  // Somebody listens to what the node says about itself.
  system_watched,
  // Not any more.
  system_left>;

/// An ACCEPTOR: one listening socket.
using acceptor_role = role<
  // Begin to accept.
  open_curtain,
  // No more connections.
  stop_listening>;

/// The BROKER: brings the others to life, watches over the SUBTREEs, ends it all.
using broker_role = role<
  // A SUBTREE has too much to do.
  hot,
  // A SUBTREE has too little to do.
  cold,
  // A SUBTREE has given a part away.
  split_done,
  // A SUBTREE has taken a part back.
  merge_done,
  // A unit has followed a change of the SUBTREEs.
  followed>;

} // namespace callboard::actors
