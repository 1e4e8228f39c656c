#include "app/event_log.hpp"

#include <gmock/gmock.h>

namespace callboard::app {
namespace {

using actors::event;
using protocol::reason_code;
using testing::HasSubstr;
using testing::Not;

TEST(EventLog, TellsWhoComesAndHow) {
  EXPECT_EQ(describe({.what = event::kind::client_connected,
              .name = "lamp",
              .peer = "127.0.0.1:5",
              .version = protocol::version::mqtt_3_1_1,
              .clean_start = true,
              .keep_alive = 60}),
    "client \"lamp\" connected from 127.0.0.1:5: MQTT 3.1.1, clean start 1, keep alive 60 s");
}

TEST(EventLog, TellsWhyAClientIsSentAway) {
  EXPECT_EQ(describe({.what = event::kind::client_sent_away,
              .name = "lamp",
              .code = reason_code::protocol_error,
              .reason = "a second CONNECT"}),
    "client \"lamp\" sent away: protocol error: a second CONNECT");
}

TEST(EventLog, TellsHowAClientLeft) {
  EXPECT_EQ(describe({.what = event::kind::client_left, .name = "lamp"}),
    "client \"lamp\" left: normal disconnection");
  EXPECT_THAT(describe({.what = event::kind::client_left,
                .name = "lamp",
                .code = reason_code::disconnect_with_will_message}),
    HasSubstr("will"));
}

TEST(EventLog, NamesOnlyThoseWhoHaveSaidTheirName) {
  EXPECT_EQ(describe({.what = event::kind::client_refused,
              .peer = "[::1]:5",
              .code = reason_code::malformed_packet,
              .reason = "no"}),
    "somebody from [::1]:5 refused: malformed packet: no");
}

TEST(EventLog, IsALineWhateverAClientIsCalled) {
  const auto line = describe({.what = event::kind::client_lost, .name = "a\n2026 error \x1B[31m"});
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, Not(HasSubstr("\x1B")));
}

TEST(EventLog, TellsWhoHasLostHowMuchToADamagedStore) {
  EXPECT_EQ(
    describe({.what = event::kind::session_damaged, .name = "lamp", .reason = "7 messages"}),
    "the store is damaged: 7 messages of client \"lamp\" cannot be read and are lost; see "
    "'callboard store check'");
}

TEST(EventLog, TellsHowOftenThereWasTrouble) {
  EXPECT_EQ(describe({.what = event::kind::trouble, .reason = "dropped", .number = 7}),
    "dropped (7 since the last warning)");
}

} // namespace
} // namespace callboard::app
