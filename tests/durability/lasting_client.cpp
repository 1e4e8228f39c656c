#include "tests/durability/lasting_client.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace callboard::durability {

namespace {

using outcome = conformance::tcp_stream::outcome;
using namespace std::chrono_literals;

constexpr milliseconds between_attempts = 5ms;

} // namespace

lasting_client::lasting_client(world& all, habits ways)
    : all_{all}, ways_{std::move(ways)}, any_{ways_.seed} {}

void lasting_client::turn(steady_time now) {
  const bool may_come = all_.node_lives && now >= comes_at_ && now >= next_attempt_;
  if (!stream_ && may_come && wants_to_come())
    dial(now);
  if (!stream_)
    return;
  read(now);
  if (!stream_)
    return;
  if (now >= leaves_at_ && served_ && !leaving_) {
    leaves_at_ = steady_time::max();
    if (any_.one_in(2))
      return vanish();
    say_goodbye();
  }
  if (served_ && !leaving_)
    act(now);
  if (stream_ && stream_->write_some(output_) == outcome::closed)
    read(now);
}

pollfd lasting_client::wanted() const {
  const auto events = static_cast<short>(output_.empty() ? POLLIN : POLLIN | POLLOUT);
  return {.fd = stream_ ? stream_->descriptor() : -1, .events = events, .revents = 0};
}

void lasting_client::dial(steady_time now) {
  next_attempt_ = now + between_attempts;
  if (leaves_at_ <= now)
    leaves_at_ = steady_time::max(); // it was away then
  try {
    stream_.emplace(all_.broker);
  } catch (const std::runtime_error&) {
    return; // it does not listen yet
  }
  conformance::connect_options options{.client_id = ways_.id, .clean_start = false};
  if (ways_.version == protocol_version::v5) {
    options.properties = conformance::session_expiry_interval(a_long_time);
    if (ways_.receive_maximum != 0)
      options.properties += conformance::receive_maximum(ways_.receive_maximum);
  }
  introduce(options);
  send(conformance::connect_packet(ways_.version, options));
}

void lasting_client::read(steady_time now) {
  auto result = outcome::done;
  while (result == outcome::done)
    result = stream_->read(input_, steady_time{});
  take_apart(now);
  if (result == outcome::closed && stream_)
    hang_up(false);
}

void lasting_client::take_apart(steady_time now) {
  std::size_t begin = 0;
  try {
    while (stream_) {
      const auto rest = std::string_view{input_}.substr(begin);
      const auto length = conformance::packet_length(rest);
      if (!length || *length > rest.size())
        break;
      begin += *length;
      last_heard_ = now;
      handle(conformance::parse(ways_.version, rest.substr(0, *length)));
    }
  } catch (const conformance::server_fault& fault) {
    complain(fault.what());
  }
  input_.erase(0, std::min(begin, input_.size())); // empty if the connection has ended
}

void lasting_client::handle(const received_packet& packet) {
  if (!served_)
    return begin(packet);
  if (packet.type == packet_type::disconnect)
    return complain("got DISCONNECT with reason " + std::to_string(packet.reason));
  if (packet.type == packet_type::publish && packet.dup())
    ++all_.repeats;
  take(packet);
}

void lasting_client::begin(const received_packet& connack) {
  if (connack.type != packet_type::connack || connack.reason != 0)
    return complain("was not let in: " + conformance::show(connack.raw));
  if (has_session_ && !connack.session_present())
    complain(std::string{"the session is gone ("} +
             (ways_.version == protocol_version::v5 ? "5.0" : "3.1.1") + ", behind " +
             (said_goodbye_ ? "DISCONNECT)" : "a broken connection)"));
  said_goodbye_ = false;
  served_ = has_session_ = true;
  arrived(connack.session_present());
}

void lasting_client::vanish() {
  hang_up(true);
}

void lasting_client::say_goodbye(unsigned reason) {
  leaving_ = said_goodbye_ = true;
  send(conformance::disconnect_packet(reason));
}

void lasting_client::hang_up(bool by_itself) {
  if (!by_itself && !leaving_ && all_.node_lives)
    complain("the node closed the connection");
  stream_.reset();
  input_.clear();
  output_.clear();
  leaving_ = false;
  gone(std::exchange(served_, false));
}

} // namespace callboard::durability
