#pragma once

#include "actors/client_output.hpp"
#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "network/stream.hpp"
#include "protocol/codec/inbound_aliases.hpp"
#include "protocol/session/keep_alive.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::actors {

/// The CONNECTION of one client socket. Spawned by an ACCEPTOR, or by another
/// CONNECTION that moved house; tells the GATEKEEPER who comes and the SESSION
/// what comes; dies when the socket is closed.
///
/// From bytes to mail: frames, decodes and validates all that one read brought
/// and sends it on as one batch. The other way lies in its client_output.
class connection final : public actor, private network::stream_watcher {
public:
  using handle = connection_role;

  /// `newcomer` is set if the client has said who it is on another unit already;
  /// then `unread` are the bytes behind its CONNECT.
  connection(caf::actor_config& config, unit& home, house& place,
    std::shared_ptr<network::stream> stream, newcomer_ptr newcomer = {}, std::string unread = {});
  ~connection() override;

  const char* name() const override { return "CONNECTION"; }

  void on(const attached& mail);
  void on(const refuse& mail);
  void on(const part& mail);
  void on(const move_house& mail);
  void on(const curtain& mail);
  void on(const read_on& mail);
  void on(const look_at_clock& mail);

protected:
  behavior make_behavior() override;
  void leave() override;

private:
  enum class phase : std::uint8_t {
    greeting, // no CONNECT yet
    waiting,  // for the SESSION
    open,
    parting, // what waits is written, then the socket closes
  };

  // -- the socket ----------------------------------------------------------------

  void readable() override;
  void writable() override;
  void read_some();
  void read_large();
  void wait_for_more();
  void await_readable();
  void lost();

  // -- from bytes to packets -----------------------------------------------------

  void take(const std::shared_ptr<const void>& owner, std::string_view bytes);
  void take_connect(const protocol::frame& frame);
  std::optional<protocol::error> take_packet(const protocol::frame& frame, packet_batch& batch);
  std::optional<protocol::error> take_publication(
    const protocol::frame& frame, packet_batch& batch);
  void keep_rest(std::string_view bytes, std::size_t packet_size);
  void send_on(batch_ptr batch);

  void enter_node();
  void refuse_connect(const protocol::connect_refusal& refusal);
  void note_refusal(const protocol::error& why) const;
  void fail(const protocol::error& error);
  void set_clock(time_point at);
  duration as_long_as(duration usual) const;
  std::size_t largest_packet() const;

  house& place_;
  std::shared_ptr<network::stream> stream_;
  client_output output_;
  sink_id sink_;

  /// Keeps the actor until it parts: a socket is reason enough to live.
  connection_role self_;
  session_role session_;
  newcomer_ptr newcomer_;
  std::shared_ptr<inflow> flow_;
  std::uint64_t number_ = 0;

  /// The beginning of a packet whose rest has not come, and its size if it is a
  /// large one.
  std::string partial_;
  std::size_t large_size_ = 0;

  protocol::inbound_aliases aliases_;
  protocol::keep_alive keep_alive_;
  reminder clock_;
  protocol::version version_ = protocol::version::mqtt_3_1_1;
  phase phase_ = phase::greeting;
  bool awaiting_ = false; // the stream will call readable()
  bool resting_ = false;  // not reading, until read_on or until the output drains
  bool broken_ = false;
  bool failed_ = false; // nothing it sends is looked at any more
};

} // namespace callboard::actors
