#include "actors/connection.hpp"

#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/framer.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

/// A CONNECT is never larger than this, whatever later packets may be (E03).
constexpr std::size_t largest_connect = 1'048'576;

/// How long a client has for reading our last word, and for closing after it.
constexpr auto time_to_write = 5s;
constexpr auto time_to_close = 1s;

/// Packets for which a batch makes room at once, at most.
constexpr std::size_t largest_guess = 256;

} // namespace

connection::connection(caf::actor_config& config, unit& home, house& place,
  std::shared_ptr<network::stream> stream, newcomer_ptr newcomer, std::string unread)
    : actor{config, home}, place_{place}, stream_{std::move(stream)}, output_{place},
      newcomer_{std::move(newcomer)}, partial_{std::move(unread)},
      aliases_{place.rules.topic_alias_maximum} {}

connection::~connection() = default;

behavior connection::make_behavior() {
  self_ = handle{caf::actor_cast<caf::actor>(this)};
  stream_->watch(*this);
  output_.open(stream_, [this] {
    if (session_)
      tell(session_, output_drained{});
    on(read_on{});
  });
  sink_ = place_.sinks.add(output_, self_);
  flow_ = std::make_shared<inflow>(self_);
  set_clock(now() + std::chrono::seconds{place_.rules.handshake_timeout});
  if (newcomer_) {
    number_ = newcomer_->connection_number;
    version_ = newcomer_->connect->version;
    enter_node();
  } else {
    place_.counts.connections_opened.add();
    await_readable();
  }
  if (place_.closing)
    on(curtain{});
  return reads<attached, refuse, part, move_house, curtain, read_on, look_at_clock>(*this);
}

void connection::on(const attached& mail) {
  session_ = mail.session;
  newcomer_.reset();
  if (phase_ == phase::parting || broken_) {
    tell(session_, connection_lost{number_});
    tell(self_, part{});
    return;
  }
  phase_ = phase::open;
  keep_alive_ = protocol::keep_alive{mail.keep_alive, now()};
  set_clock(keep_alive_.deadline());
  if (!partial_.empty()) {
    auto unread = std::make_shared<std::string>(std::exchange(partial_, {}));
    const std::string_view bytes{*unread};
    take(std::move(unread), bytes);
  }
  wait_for_more();
}

void connection::on(const refuse& mail) {
  place_.counts.connections_refused.add();
  output_.send(mail.connack);
  phase_ = phase::parting;
  on(part{true});
}

void connection::on(const part& mail) {
  if (phase_ == phase::waiting && broken_)
    return; // the SESSION has to hear of it: attached or refuse will come
  phase_ = phase::parting;
  output_.write();
  if (broken_ || output_.is_broken()) {
    quit();
  } else if (output_.waiting() > 0) {
    set_clock(now() + as_long_as(time_to_write));
  } else if (mail.politely) {
    stream_->finish_writing();
    set_clock(now() + as_long_as(time_to_close));
    resting_ = false; // what it still sends is read away
    await_readable();
  } else {
    quit();
  }
}

void connection::on(const move_house& mail) {
  auto& next = *place_.company.houses.at(mail.unit);
  place_.sinks.remove(sink_);
  output_.close();
  actors::spawn<connection>(
    next.home, next, stream_->move_to(next.home.io()), mail.who, std::exchange(partial_, {}));
  stream_.reset();
  newcomer_.reset();
  quit();
}

/// Whoever is with a SESSION, or on the way to one, hears from there.
void connection::on(const curtain&) {
  if (phase_ == phase::greeting)
    quit();
  else if (phase_ == phase::parting)
    set_clock(std::min(clock_.at, now() + as_long_as(time_to_write)));
}

void connection::on(const read_on&) {
  if (std::exchange(resting_, false))
    wait_for_more();
}

void connection::on(const look_at_clock&) {
  clock_ = {};
  if (phase_ == phase::parting) {
    quit();
  } else if (phase_ != phase::open) {
    if (phase_ == phase::greeting) { // E13
      note_refusal({protocol::reason_code::unspecified_error, "no CONNECT came in time"});
      quit();
    }
  } else if (resting_ && !output_.is_congested()) {
    keep_alive_.touched(now()); // it is we who do not listen
    set_clock(keep_alive_.deadline());
  } else if (keep_alive_.due(now())) {
    fail({protocol::reason_code::keep_alive_timeout,
      "nothing came for one and a half times the keep alive: send PINGREQ in time"});
  } else {
    set_clock(keep_alive_.deadline());
  }
}

void connection::leave() {
  place_.sinks.remove(sink_);
  output_.close();
  cancel(clock_);
  if (stream_) {
    stream_->close();
    place_.counts.connections_closed.add();
    --place_.company.connections_open;
  }
  flow_.reset();
  newcomer_.reset();
  session_ = {};
  self_ = {};
}

// -- the socket ------------------------------------------------------------------

void connection::readable() {
  awaiting_ = false;
  if (phase_ == phase::waiting)
    return; // nothing is read before the SESSION is there
  if (large_size_ > 0)
    read_large();
  else
    read_some();
}

void connection::read_some() {
  const auto before = partial_.size();
  const auto& block = place_.reading.with_room(before + network::block_pool::read_size);
  auto* at = block->free_space();
  const auto got = stream_->read({at + before, block->room() - before});
  if (got.progress == network::progress::ended)
    return lost();
  if (got.progress == network::progress::done) {
    place_.counts.bytes_received.add(got.bytes);
    if (before > 0)
      std::memcpy(at, partial_.data(), before);
    partial_.clear();
    block->used += before + got.bytes;
    take(block, {at, before + got.bytes});
  }
  wait_for_more();
}

/// Reads the rest of one large packet into a place of its own, which grows with
/// what comes, not with what was announced (E03).
void connection::read_large() {
  const auto before = partial_.size();
  partial_.resize(std::min(large_size_, before + network::block_pool::block_size));
  const auto got = stream_->read({partial_.data() + before, partial_.size() - before});
  partial_.resize(before + got.bytes);
  if (got.progress == network::progress::ended)
    return lost();
  place_.counts.bytes_received.add(got.bytes);
  if (partial_.size() == large_size_) {
    large_size_ = 0;
    auto whole = std::make_shared<std::string>(std::exchange(partial_, {}));
    const std::string_view bytes{*whole};
    take(std::move(whole), bytes);
  }
  wait_for_more();
}

void connection::writable() {
  output_.write_again();
  if (phase_ == phase::parting && output_.waiting() == 0)
    tell(self_, part{true});
}

void connection::wait_for_more() {
  if (broken_ || resting_ || phase_ == phase::waiting)
    return;
  // Who does not read what we send is not heard either.
  if (phase_ == phase::open && (failed_ || flow_->must_wait() || output_.is_congested())) {
    resting_ = true;
    return;
  }
  await_readable();
}

void connection::await_readable() {
  if (!std::exchange(awaiting_, true))
    stream_->await_readable();
}

void connection::lost() {
  if (std::exchange(broken_, true))
    return;
  if (phase_ == phase::open && session_)
    tell(session_, connection_lost{number_});
  tell(self_, part{});
}

// -- from bytes to packets -------------------------------------------------------

void connection::take(const std::shared_ptr<const void>& owner, std::string_view bytes) {
  if (phase_ == phase::parting || failed_)
    return; // nothing counts after a DISCONNECT, a refusal or an error
  batch_ptr batch;
  const auto size = bytes.size();
  while (!bytes.empty()) {
    const auto found = protocol::next_frame(bytes, largest_packet());
    if (found.status == protocol::frame_result::status::need_more) {
      keep_rest(bytes, found.packet_size);
      break;
    }
    if (found.status == protocol::frame_result::status::failed) {
      send_on(std::move(batch));
      return fail(found.error);
    }
    bytes.remove_prefix(found.packet_size);
    if (phase_ == phase::greeting) {
      partial_.assign(bytes);
      return take_connect(found.frame);
    }
    if (!batch) {
      keep_alive_.touched(now());
      batch = std::make_shared<packet_batch>();
      batch->bytes = owner;
      batch->version = version_;
      batch->size = size;
      // The packets of one read are mostly alike.
      batch->packets.reserve(std::min(1 + bytes.size() / found.packet_size, largest_guess));
    }
    const bool last = found.frame.type() == protocol::packet_type::disconnect;
    if (const auto error = take_packet(found.frame, *batch)) {
      send_on(std::move(batch)); // what came before still counts
      return fail(*error);
    }
    if (last) { // nothing counts after it (MQTT5-3.14.4-1)
      failed_ = true;
      break;
    }
  }
  send_on(std::move(batch));
}

void connection::take_connect(const protocol::frame& frame) {
  place_.counts.packets_received.add();
  if (frame.type() != protocol::packet_type::connect) {
    note_refusal({protocol::reason_code::protocol_error, "the first packet is not CONNECT"});
    return lost(); // E12: silently
  }
  auto decoded = protocol::decode_connect(frame);
  if (!decoded)
    return refuse_connect(decoded.error());
  number_ = ++place_.company.connects_taken;
  newcomer_ = std::make_shared<newcomer>();
  newcomer_->connection_number = number_;
  newcomer_->connect = std::move(*decoded);
  newcomer_->peer = stream_->peer();
  version_ = newcomer_->connect->version;
  enter_node();
}

std::optional<protocol::error> connection::take_packet(
  const protocol::frame& frame, packet_batch& batch) {
  place_.counts.packets_received.add();
  if (frame.type() == protocol::packet_type::publish)
    return take_publication(frame, batch);
  if (frame.type() >= protocol::packet_type::puback &&
      frame.type() <= protocol::packet_type::pubcomp) {
    auto ack = protocol::decode_acknowledgement(frame, version_);
    if (!ack)
      return ack.error();
    batch.packets.emplace_back(*ack);
    return std::nullopt;
  }
  auto decoded = protocol::decode(frame, version_, protocol::sender::client, batch.rest);
  if (!decoded)
    return decoded.error();
  if (std::holds_alternative<protocol::pingreq>(*decoded)) {
    std::string answer;
    protocol::encode_pingresp(answer);
    output_.send(answer);
    return std::nullopt;
  }
  batch.packets.push_back(std::move(*decoded));
  return std::nullopt;
}

std::optional<protocol::error> connection::take_publication(
  const protocol::frame& frame, packet_batch& batch) {
  auto decoded = protocol::decode_publish(frame, version_, protocol::sender::client, batch.rest);
  if (!decoded)
    return decoded.error();
  if (decoded->topic_alias != 0) {
    auto topic = aliases_.resolve(*decoded);
    if (!topic)
      return topic.error();
    if (*topic)
      batch.topics.push_back(std::move(*topic));
  }
  place_.counts.messages_received.add();
  batch.packets.emplace_back(*decoded);
  return std::nullopt;
}

void connection::keep_rest(std::string_view bytes, std::size_t packet_size) {
  partial_.assign(bytes);
  if (packet_size > network::block_pool::block_size - network::block_pool::read_size)
    large_size_ = packet_size;
}

void connection::send_on(batch_ptr batch) {
  if (!batch || batch->packets.empty())
    return;
  batch->flow = flow_;
  flow_->take(batch->size);
  tell(session_, received{number_, std::move(batch)});
}

void connection::enter_node() {
  phase_ = phase::waiting;
  const auto& connect = *newcomer_->connect;
  output_.obey(version_, connect.maximum_packet_size, connect.topic_alias_maximum);
  newcomer_->connection = self_;
  newcomer_->sink = sink_;
  newcomer_->unit = place_.number;
  // Who has moved house was let in before.
  const bool known = newcomer_->client_number != 0;
  if (known)
    tell(place_.company.registry, enter{newcomer_});
  else
    tell(place_.company.gatekeeper, admit{newcomer_});
}

void connection::refuse_connect(const protocol::connect_refusal& refusal) {
  place_.counts.errors.add();
  note_refusal(refusal.error);
  refuse answer;
  if (refusal.may_answer) {
    protocol::connack connack;
    connack.code = refusal.error.code;
    connack.reason_string = refusal.error.phrase;
    protocol::encode_connack(answer.connack, refusal.answer_in, connack);
  }
  failed_ = true;
  partial_.clear();
  phase_ = phase::waiting;
  tell(self_, std::move(answer));
}

void connection::fail(const protocol::error& error) {
  if (std::exchange(failed_, true))
    return;
  place_.counts.errors.add();
  partial_.clear();
  large_size_ = 0;
  if (session_)
    return tell(session_, connection_lost{number_, error});
  note_refusal(error);
  lost();
}

/// Of somebody who has not said a name that counts.
void connection::note_refusal(const protocol::error& why) const {
  if (place_.is_watched(event::kind::client_refused))
    place_.note({.what = event::kind::client_refused,
      .peer = stream_->peer(),
      .code = why.code,
      .reason = why.phrase});
}

void connection::set_clock(time_point at) {
  cancel(clock_);
  clock_ = at == protocol::never ? reminder{} : remind(at, look_at_clock{});
}

/// When the node stops, nobody has longer than stop_timeout.
duration connection::as_long_as(duration usual) const {
  return place_.closing ? std::min<duration>(usual, 1ms * place_.rules.stop_timeout) : usual;
}

std::size_t connection::largest_packet() const {
  const std::size_t limit = place_.rules.maximum_packet_size;
  return phase_ == phase::greeting ? std::min(limit, largest_connect) : limit;
}

} // namespace callboard::actors
