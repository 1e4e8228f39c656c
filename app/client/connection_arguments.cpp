#include "app/client/connection_arguments.hpp"

#include "protocol/codec/utf8.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <random>
#include <unistd.h>

namespace callboard::app::client {

namespace {

constexpr std::int64_t no_expiry = -1;

const std::map<std::string, int> versions{{"5", 5}, {"5.0", 5}, {"mqttv5", 5}, {"311", 4},
  {"3.1.1", 4}, {"mqttv311", 4}, {"31", 3}, {"3.1", 3}, {"mqttv31", 3}};

/// An identifier that no other client has, short enough for MQTT 3.1.
std::string new_client_id() {
  return fmt::format("callboard-{:08x}", std::random_device{}());
}

bool valid_text(const std::string& text) {
  return text.size() <= protocol::longest_topic && protocol::valid_utf8(text);
}

} // namespace

void connection_arguments::add_to(CLI::App& parser) {
  const auto* group = "Connection";
  parser.set_help_flag("--help", "Print this, and exit")->group(group);
  parser.add_option("-h,--host", host_, "Broker's name or address; default localhost")
    ->option_text("HOST")
    ->group(group);
  parser.add_option("-p,--port", port_, "Broker's port; default 1883")
    ->check(CLI::Range(1, 65'535))
    ->option_text("PORT")
    ->group(group);
  parser.add_option("-V,--protocol-version", version_, "MQTT version; default 5")
    ->transform(CLI::Transformer(versions))
    ->check(CLI::Range(3, 5))
    ->option_text("5|311|31")
    ->group(group);
  auto* id = parser.add_option("-i,--id", id_, "Client identifier; default a new one")
               ->option_text("ID")
               ->group(group);
  parser.add_option("-I,--id-prefix", id_prefix_, "Client identifier: this and the process id")
    ->excludes(id)
    ->option_text("PREFIX")
    ->group(group);
  parser.add_option("-u,--username", user_name_, "User name")->option_text("NAME")->group(group);
  parser.add_option("-P,--pw", password_, "Password")->option_text("PASSWORD")->group(group);
  parser.add_option("-k,--keepalive", keep_alive_, "Keep alive, 0: none; default 60")
    ->option_text("SECONDS")
    ->group(group);
  parser
    .add_flag("-c,--disable-clean-session", keep_session_,
      "Continue the session, and keep it at the end; needs -i")
    ->group(group);
  parser
    .add_option(
      "-x,--session-expiry-interval", session_expiry_, "How long the session stays, -1: for ever")
    ->check(CLI::Range(no_expiry, std::int64_t{protocol::forever}))
    ->option_text("SECONDS")
    ->group(group);
  parser.add_option("-W,--timeout", timeout_, "End after so long, with exit code 27")
    ->check(CLI::Range(0.001, 1e8))
    ->option_text("SECONDS")
    ->group(group);
  parser.add_flag("-d,--debug", debug_, "Print each packet to stderr")->group(group);
  parser.add_flag("--quiet", quiet_, "Print no errors")->group(group);
  add_will_to(parser);
}

void connection_arguments::add_will_to(CLI::App& parser) {
  const auto* group = "Will";
  auto* topic =
    parser.add_option("--will-topic", will_topic_, "Topic")->option_text("TOPIC")->group(group);
  parser.add_option("--will-payload", will_payload_, "Payload; default empty")
    ->needs(topic)
    ->option_text("TEXT")
    ->group(group);
  parser.add_option("--will-qos", will_qos_, "QoS 0, 1 or 2; default 0")
    ->check(CLI::Range(0, 2))
    ->needs(topic)
    ->option_text("QOS")
    ->group(group);
  parser.add_flag("--will-retain", will_retain_, "Retain it")
    ->needs(topic)
    ->option_text(" ")
    ->group(group);
}

std::optional<std::string> connection_arguments::check(const property_arguments& properties) const {
  if (keep_session_ && !id_ && !id_prefix_)
    return "-c needs -i: a session belongs to a client identifier";
  if (version_ != 5 && (properties.given || session_expiry_))
    return "-D and -x need MQTT 5: -V 5";
  if (version_ != 5 && password_ && !user_name_)
    return "-P needs -u before MQTT 5";
  if (will_topic_ && (!protocol::valid_topic_name(*will_topic_) || !valid_text(*will_topic_)))
    return fmt::format("'{}' is no topic for a will", *will_topic_);
  if (will_payload_.size() > protocol::longest_topic)
    return "the will's payload is longer than 65535 bytes";
  if (!valid_text(client_id()) || !valid_text(user_name_.value_or("")))
    return "client identifier and user name must be UTF-8 of at most 65535 bytes";
  if (password_ && password_->size() > protocol::longest_topic)
    return "the password is longer than 65535 bytes";
  return std::nullopt;
}

protocol::connect connection_arguments::connect(const property_arguments& properties) const {
  auto made = properties.connect;
  made.version = static_cast<protocol::version>(version_);
  made.client_id = client_id();
  made.clean_start = !keep_session_;
  made.keep_alive = keep_alive_;
  made.user_name = user_name_;
  made.password = password_;
  made.will = will(properties);
  if (session_expiry_)
    made.session_expiry_interval = static_cast<std::uint32_t>(*session_expiry_);
  else if (keep_session_ && made.session_expiry_interval == 0)
    made.session_expiry_interval = protocol::forever;
  return made;
}

clock::time_point connection_arguments::deadline() const {
  if (timeout_ == 0)
    return clock::time_point::max();
  return clock::now() +
         std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{timeout_});
}

std::optional<protocol::will> connection_arguments::will(
  const property_arguments& properties) const {
  if (!will_topic_)
    return std::nullopt;
  protocol::will made;
  made.topic = *will_topic_;
  made.payload = will_payload_;
  made.qos = static_cast<protocol::qos>(will_qos_);
  made.retain = will_retain_;
  made.properties = encode(properties.will.properties);
  made.message_expiry_interval = properties.will.message_expiry_interval;
  made.delay_interval = properties.will_delay_interval;
  return made;
}

std::string connection_arguments::client_id() const {
  if (id_prefix_)
    return fmt::format("{}{}", *id_prefix_, getpid());
  return id_ ? *id_ : new_client_id();
}

} // namespace callboard::app::client
