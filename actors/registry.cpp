#include "actors/registry.hpp"

#include "actors/session.hpp"
#include "actors/share_group.hpp"
#include "protocol/codec/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace callboard::actors {

namespace {

/// A hash of the identifier, so that it is the same whenever the client comes; two
/// clients that have the same one would only miss each other's messages where they
/// asked for No Local.
protocol::client_number number_of(const std::string& client_id) {
  return std::max<protocol::client_number>(std::hash<std::string>{}(client_id), 1);
}

} // namespace

behavior registry::make_behavior() {
  return reads<enter, session_ended, join_group, leave_group, group_ended, restore_session,
    restore_share, share_begun, restored, curtain>(*this);
}

void registry::on(const enter& mail) {
  auto& who = *mail.who;
  if (stopping_) {
    tell(who.connection, refuse{});
    return;
  }
  if (who.connect->client_id.empty())
    name_client(who);
  auto& entry = clients_[who.connect->client_id];
  if (who.connection_number < entry.connection_number)
    return turn_away(who);
  entry.connection_number = who.connection_number;
  if (entry.number == 0)
    entry.number = number_of(who.connect->client_id);
  who.client_number = entry.number;
  if (entry.session && !who.connect->clean_start) {
    if (entry.unit == who.unit)
      tell(entry.session, take_client{mail.who});
    else
      tell(who.connection, move_house{mail.who, entry.unit});
    return;
  }
  // A clean start gets a session of its own, beside the old one that clears up.
  const bool ends_older = static_cast<bool>(entry.session);
  if (ends_older)
    tell(entry.session, end_session{});
  auto& home = *place_.company.houses.at(who.unit);
  entry.session = actors::spawn<session>(
    home.home, home, who.connect->client_id, ++last_session_, entry.number, ends_older);
  entry.unit = who.unit;
  tell(entry.session, take_client{mail.who});
}

void registry::on(const session_ended& mail) {
  const auto found = clients_.find(mail.client_id);
  if (found != clients_.end() && found->second.session == mail.session)
    clients_.erase(found);
  tell(mail.session, dismissed{});
}

void registry::on(const join_group& mail) {
  tell(group(mail.share_name, mail.filter), mail);
}

void registry::on(const leave_group& mail) {
  const auto found = groups_.find(mail.share_name + '/' + mail.filter);
  if (found != groups_.end())
    tell(found->second, mail);
}

void registry::on(const group_ended& mail) {
  const auto found = groups_.find(mail.name);
  if (found == groups_.end() || found->second != mail.group)
    return;
  tell(mail.group, dismissed{});
  groups_.erase(found);
}

void registry::on(const restore_session& mail) {
  auto& entry = clients_[mail.client_id];
  entry.number = number_of(mail.client_id);
  auto& home = next_house();
  entry.session =
    actors::spawn<session>(home.home, home, mail.client_id, mail.number, entry.number);
  entry.unit = home.number;
  last_session_ = std::max(last_session_, mail.number);
  tell(entry.session, mail.what);
}

void registry::on(const restore_share& mail) {
  tell(group(mail.share_name, mail.filter), mail);
}

void registry::on(const share_begun& mail) {
  tell(group(mail.share_name, mail.filter), mail);
}

void registry::on(const restored& mail) {
  for (const auto& [id, known] : clients_)
    tell(known.session, mail);
  for (const auto& [name, group] : groups_)
    tell(group, mail);
}

void registry::on(const curtain&) {
  stopping_ = true;
  for (const auto& [id, known] : clients_)
    tell(known.session, end_session{protocol::reason_code::server_shutting_down, true});
}

void registry::leave() {
  for (const auto& [id, known] : clients_)
    dismiss(known.session);
  for (const auto& [name, group] : groups_)
    dismiss(group);
  clients_.clear();
  groups_.clear();
}

/// While this one moved house the client has come again, and was let in.
void registry::turn_away(const newcomer& who) {
  protocol::connack answer;
  answer.code = protocol::reason_code::unspecified_error;
  answer.reason_string = "the client has connected again since";
  refuse older;
  protocol::encode_connack(
    older.connack, who.connect->version, answer, who.connect->maximum_packet_size);
  tell(who.connection, std::move(older));
}

/// MQTT5-3.2.2-16: an identifier that no other session has.
void registry::name_client(newcomer& who) {
  auto& random = place_.home.random();
  do
    who.connect->client_id = fmt::format("auto-{:016x}{:08x}", random(), random() & 0xFFFF'FFFF);
  while (clients_.contains(who.connect->client_id));
  who.identifier_assigned = true;
}

house& registry::next_house() {
  const auto& all = place_.company.houses;
  auto& next = *all[next_unit_];
  next_unit_ = static_cast<std::uint16_t>((next_unit_ + 1) % all.size());
  return next;
}

const share_group_role& registry::group(const std::string& share_name, const std::string& filter) {
  auto& found = groups_[share_name + '/' + filter];
  if (!found) {
    auto& home = next_house();
    found = actors::spawn<share_group>(home.home, home, share_name, filter);
  }
  return found;
}

} // namespace callboard::actors
