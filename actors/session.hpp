#pragma once

#include "actors/assigned_shares.hpp"
#include "actors/express_order.hpp"
#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/pending_answer.hpp"
#include "actors/retained_replays.hpp"
#include "actors/runtime/actor.hpp"
#include "actors/will_under_way.hpp"
#include "actors/withheld_output.hpp"
#include "protocol/session/session.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callboard::actors {

/// The SESSION of one client identifier. Spawned by the REGISTRY, on the unit of
/// its client's first CONNECTION, to which later ones move; hears CONNECTIONs,
/// SUBTREEs and SHARE GROUPs; outlives its connections and dies when it expires.
///
/// What a session is and decides is protocol::session. The actor carries: from
/// the client to the SUBTREEs, from SUBTREEs to the client's output, and what must
/// survive to the KEEPER.
class session final : public actor {
public:
  using handle = session_role;

  /// `number` is the session's own, `client` that of its client identifier. Who ends an
  /// older one has its client wait until the store has forgotten that (MQTT311-3.1.2-6).
  session(caf::actor_config& config, unit& home, house& place, std::string client_id,
    std::uint64_t number, protocol::client_number client, bool ends_older = false);
  ~session() override;

  const char* name() const override { return "SESSION"; }

  void on(const take_client& mail);
  void on(const received& mail);
  void on(const connection_lost& mail);
  void on(const output_drained& mail);
  void on(const request_done& mail);
  void on(const group_left& mail);
  void on(const output_lent& mail);
  void on(const express_left& mail);
  void on(const routed& mail);
  void on(const deliver& mail);
  void on(const deliver_share& mail);
  void on(const kept& mail);
  void on(const queue_read& mail);
  void on(const restore& mail);
  void on(const end_session& mail);
  void on(const dismissed& mail);
  void on(const deadline_reached& mail);

protected:
  behavior make_behavior() override;
  void flush() override;
  void leave() override;

private:
  /// A client whose CONNACK waits for the store.
  struct arrival {
    newcomer_ptr who;
    protocol::attach_outcome outcome;
    std::uint64_t number = 0; // of the journal
  };

  /// What only sessions with something under way need.
  struct errands {
    std::map<std::uint64_t, pending_answer> answers; // by number of the request
    retained_replays replays;
    assigned_shares shares;
    std::deque<std::function<void()>> put_off_requests; // until a change of way is done
    withheld_output withheld;
    bool reads_queue = false; // what the KEEPER has read for it is on the way
    will_under_way will;
    std::optional<arrival> arriving;
    std::deque<std::function<void()>> put_off; // until it has arrived

    bool idle() const {
      return answers.empty() && replays.idle() && shares.empty() && put_off_requests.empty() &&
             withheld.empty() && will.empty() && !arriving && put_off.empty() && !reads_queue;
    }
  };

  // -- the client -----------------------------------------------------------------

  void welcome(const newcomer& who, const protocol::attach_outcome& outcome);
  bool is_arriving() const { return errands_ && errands_->arriving; }
  bool has_will_under_way() const { return errands_ && !errands_->will.empty(); }
  template <class Mail>
  void put_off(const Mail& mail);
  void read_what_was_put_off();
  void make_way();
  void goodbye(const protocol::error& reason);
  void forget_connection();
  void lend_output(const completion_ptr& slip);
  completion_ptr hold_express(completion_ptr slip);
  void release_express();
  bool must_wait_for_another(const express_order::change& what) const;
  completion_ptr change_way(const express_order::change& what, completion_ptr slip);
  void read_put_off_requests();
  completion_ptr follow_express(completion_ptr slip);
  void wait_for_express(protocol::delivery&& what);
  void go_between();
  void hold_between(const protocol::delivery& what);
  void send_what_followed();
  client_output* output() const { return place_.sinks.find(sink_); }
  void send(std::string_view packets) const;
  bool has_news() const { return state_.has_log() || (errands_ && errands_->shares.has_changes()); }
  bool must_wait() const { return has_news() || kept_ < journaled_; }
  void withhold(withheld_output::item what);
  void withhold(std::string bytes);
  void send_withheld();
  void write_journal();
  void will_is_out();
  bool is_behind() const;
  void pace(const batch_ptr& batch);

  // -- what it sent -----------------------------------------------------------------

  bool take(const protocol::packet& packet, std::uint32_t index, const batch_ptr& batch);
  bool take_publication(const protocol::publication& publication, std::uint32_t index);
  bool take_ack(const protocol::acknowledgement& ack);
  bool take_subscribe(const protocol::subscribe& packet, const batch_ptr& batch);
  bool take_unsubscribe(const protocol::unsubscribe& packet, const batch_ptr& batch);
  bool take_disconnect(const protocol::disconnect& packet);
  bool refuse_packet(const protocol::error& fault);
  protocol::error judge(const protocol::publication& publication) const;

  // -- subscriptions ----------------------------------------------------------------

  protocol::error subscribe(const protocol::subscribe::request& wanted, std::uint32_t identifier,
    const completion_ptr& slip);
  void keep_begun_shares();
  std::vector<subtree_role> make_known(
    const protocol::subscription& mine, const completion_ptr& slip);
  protocol::error unsubscribe(const std::string& filter, const completion_ptr& slip);
  void withdraw(
    const protocol::subscription& gone, const completion_ptr& slip, bool session_over = false);
  void leave_share(const std::string& filter, completion_ptr slip, bool session_over);
  completion_ptr begin_request(pending_answer answer, const batch_ptr& batch);
  subscribed_session as_subscriber(const protocol::subscription& mine) const;

  // -- to the client ----------------------------------------------------------------

  void take_delivery(client_output* out, protocol::delivery&& what, bool replayed);
  void enqueue(protocol::delivery&& what, bool replayed);
  bool finds_node_full(const protocol::message& what) const;
  waiting_amount waiting() const;
  void count_waiting(const waiting_amount& now);
  bool fits(const client_output& out, const protocol::delivery& what) const;
  void send_what_is_due();
  void rest_queue();
  void send_publish(client_output& out, const protocol::outgoing& packet);
  void withhold_publish(const protocol::outgoing& packet);
  void send_acks();
  void withhold_pubrecs(std::vector<protocol::acknowledgement>& due);
  void continue_replays();
  void report_shares();
  void count_drop(protocol::drop_reason why);

  // -- the end ------------------------------------------------------------------------

  template <class Depart>
  protocol::error depart(Depart how);
  void publish_will(const protocol::will_ptr& will);
  void end();
  void set_alarm();
  errands& need_errands();
  std::shared_ptr<const stored_name> author();
  session_role self();

  house& place_;
  std::string client_id_;
  std::uint64_t number_;
  protocol::client_number client_;
  protocol::session state_;
  std::shared_ptr<const stored_name> author_; // made when first asked for

  connection_role connection_;
  std::uint64_t connection_number_ = 0;
  sink_id sink_;
  protocol::version version_ = protocol::version::mqtt_5_0;
  bool wants_reasons_ = true; // Request Problem Information
  bool ending_ = false;
  bool ends_older_ = false; // in the store, which has not been told
  bool keep_will_ = false;
  express_order express_;

  /// Held while a client that knows no receive maximum is too far ahead.
  std::shared_ptr<inflow> held_;

  std::unique_ptr<errands> errands_;

  /// Of the journals whose word from the store is waited for: the last one's
  /// number, and the last number that has come.
  std::uint64_t journaled_ = 0;
  std::uint64_t kept_ = 0;

  /// What the node's total has of the queue.
  waiting_amount counted_;

  std::uint64_t last_request_ = 0;
  reminder alarm_;
};

} // namespace callboard::actors
