#include "persistence/records/delivery_run.hpp"

#include "persistence/records/parts.hpp"
#include "persistence/records/seal.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace callboard::persistence {

namespace {

using namespace std::chrono_literals;
using ::testing::AllOf, ::testing::Gt, ::testing::Le;

const clock_reading at_start{protocol::start, std::chrono::system_clock::time_point{500'000h}};

protocol::delivery expiring(std::size_t size) {
  protocol::message_head head;
  head.publisher = 77;
  head.expires_at = protocol::start + 5s;
  head.qos = protocol::qos::exactly_once;
  protocol::delivery what;
  what.message = protocol::message::make(head, "a/topic", "properties", std::string(size, 'x'));
  what.qos = protocol::qos::at_least_once;
  what.retain = true;
  what.identifiers.add(300);
  return what;
}

run_reader read(run_writer& run) {
  record_reader from{std::string_view{run.record()}.substr(seal_size)};
  EXPECT_EQ(from.number(), run_mark);
  return run_reader{from};
}

TEST(DeliveryRun, BringsItsDeliveriesBack) {
  const std::vector<protocol::delivery> all{
    protocol::make_delivery(""), expiring(1), expiring(200), protocol::make_delivery("end")};
  run_writer run;
  for (const auto& one : all)
    ASSERT_TRUE(run.add(one, at_start));
  auto found = read(run);
  ASSERT_EQ(found.left(), all.size());
  for (const auto& expected : all) {
    auto one = found.next();
    ASSERT_TRUE(one);
    EXPECT_EQ(one->size, expected.message->size());
    record_reader message{one->message};
    one->what.message = read_message(message, at_start);
    ASSERT_TRUE(message.finished());
    EXPECT_TRUE(one->what == expected);
    EXPECT_EQ(one->what.message->head().expires_at, expected.message->head().expires_at);
  }
  EXPECT_TRUE(found.finished());
  EXPECT_FALSE(found.next());
}

TEST(DeliveryRun, TakesOneThatIsNotSmallAlone) {
  run_writer run;
  EXPECT_FALSE(run.add(expiring(1'950), at_start));
  EXPECT_TRUE(run.empty());
  EXPECT_TRUE(run.add(expiring(1'500), at_start));
  EXPECT_FALSE(run.add(protocol::make_delivery("small"), at_start));
  EXPECT_EQ(read(run).left(), 1);
  run.clear();
  EXPECT_TRUE(run.add(protocol::make_delivery("small"), at_start));
  EXPECT_FALSE(run.add(expiring(1'500), at_start));
  EXPECT_EQ(read(run).left(), 1);
}

/// Adds what fits.
std::size_t fill(run_writer& run, const protocol::delivery& what) {
  while (run.add(what, at_start))
    continue;
  return run.record().size();
}

TEST(DeliveryRun, FillsAPageIfEnoughIsToCome) {
  const auto one = expiring(100);
  run_writer run;
  run.expect(5'000);
  EXPECT_THAT(fill(run, one), AllOf(Gt(3'900), Le(4'080)));
  run.clear();
  EXPECT_THAT(fill(run, one), AllOf(Gt(800), Le(994))); // what is left is no page
}

TEST(DeliveryRun, LeavesNoPageHalfEmpty) {
  run_writer run;
  run.expect(1'900);
  EXPECT_LE(fill(run, expiring(100)), 994);
}

TEST(DeliveryRun, SaysHowLargeAMessageWillBe) {
  for (std::size_t size = 0; size < 20'000; size = size * 2 + 1) {
    for (const auto& one : {expiring(size), protocol::make_delivery(std::string(size, 'x'))}) {
      std::string written;
      record_writer to{written};
      write_message(to, *one.message, at_start);
      EXPECT_EQ(written.size(), written_size(*one.message));
    }
  }
}

} // namespace

} // namespace callboard::persistence
