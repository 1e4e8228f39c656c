#include "protocol/codec/framer.hpp"

#include "tests/protocol/codec/bytes.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace callboard::protocol {

namespace {

using testing::bytes;
using testing::notation;
using status = enum frame_result::status;

std::string packet_of_size(std::size_t remaining) {
  return bytes("30") + notation::length(remaining) + std::string(remaining, 'x');
}

} // namespace

TEST(Framer, WaitsForTheWholePacketAtEveryByte) { // E04
  for (const std::size_t remaining : {0, 1, 127, 128, 16'383, 16'384}) {
    const auto whole = packet_of_size(remaining);
    const auto header = whole.size() - remaining;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto found = next_frame(std::string_view{whole}.substr(0, size));
      ASSERT_EQ(found.status, status::need_more) << remaining << ": " << size;
      ASSERT_EQ(found.packet_size, size < header ? 0 : whole.size()) << remaining << ": " << size;
    }
    const auto found = next_frame(whole);
    EXPECT_EQ(found.status, status::complete);
    EXPECT_EQ(found.packet_size, whole.size());
    EXPECT_EQ(found.frame.header_size, header);
    EXPECT_EQ(found.frame.packet, whole);
    EXPECT_EQ(found.frame.body().size(), remaining);
  }
}

TEST(Framer, TakesPacketsOneByOne) { // E04
  const auto stream = bytes("C000 4002 0001 D000 30");
  std::string_view left = stream;
  std::vector<packet_type> types;
  while (next_frame(left).status == status::complete) {
    types.push_back(next_frame(left).frame.type());
    left.remove_prefix(next_frame(left).packet_size);
  }
  EXPECT_EQ(types, (std::vector{packet_type::pingreq, packet_type::puback, packet_type::pingresp}));
  EXPECT_EQ(left, bytes("30"));
}

TEST(Framer, TellsTheFlagsOfTheFirstByte) {
  const auto whole = bytes("3D00");
  const auto found = next_frame(whole);
  EXPECT_EQ(found.frame.flags(), 0x0D);
  EXPECT_EQ(found.frame.type(), packet_type::publish);
}

TEST(Framer, KnowsTheSizeOfTheLargestPacketFromItsHeader) {
  const auto found = next_frame(bytes("30 FFFFFF7F"));
  EXPECT_EQ(found.status, status::need_more);
  EXPECT_EQ(found.packet_size, 268'435'460);
}

TEST(Framer, RefusesTooLargePacketsByTheirHeader) { // MQTT5-3.2.2-15, E03
  for (const auto* header : {"30 FFFFFF7F", "30 63", "30 8001"}) {
    const auto found = next_frame(bytes(header), 100);
    EXPECT_EQ(found.status, status::failed) << header;
    EXPECT_EQ(found.error.code, reason_code::packet_too_large) << header;
  }
}

TEST(Framer, TakesPacketsAsLargeAsTheLimit) {
  EXPECT_EQ(next_frame(packet_of_size(98), 100).status, status::complete);
  EXPECT_EQ(next_frame(packet_of_size(99), 100).status, status::failed);
  EXPECT_EQ(next_frame(packet_of_size(997), 1'000).status, status::complete);
  EXPECT_EQ(next_frame(packet_of_size(998), 1'000).status, status::failed);
}

TEST(Framer, RefusesLengthsThatTakeMoreBytesThanTheyNeed) { // MQTT5-1.5.5-1, E01
  for (const auto* header : {"C0 8000", "C0 808000", "C0 80808000", "30 FF00", "30 FFFF00"}) {
    const auto found = next_frame(bytes(header));
    EXPECT_EQ(found.status, status::failed) << header;
    EXPECT_EQ(found.error.code, reason_code::malformed_packet) << header;
  }
}

TEST(Framer, RefusesTheFifthByteOfALengthWithoutWaiting) { // E02
  EXPECT_EQ(next_frame(bytes("10 FFFFFF")).status, status::need_more);
  const auto found = next_frame(bytes("10 FFFFFFFF"));
  EXPECT_EQ(found.status, status::failed);
  EXPECT_EQ(found.error.code, reason_code::malformed_packet);
}

} // namespace callboard::protocol
