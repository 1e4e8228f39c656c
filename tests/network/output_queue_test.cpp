#include "network/output_queue.hpp"

#include "tests/network/scripted_stream.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace callboard::network {

namespace {

using ::testing::Contains;
using ::testing::Not;
using testing::scripted_stream;

constexpr std::size_t all = 1'000'000;

/// Bytes of which no two neighbours are alike.
std::string bytes_of(std::size_t size, char first) {
  std::string bytes(size, ' ');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>(first + i % 17);
  return bytes;
}

slice slice_of(const std::shared_ptr<const std::string>& owner) {
  return {owner, *owner};
}

std::shared_ptr<const std::string> shared(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

std::string left_in(output_queue& queue) {
  scripted_stream rest;
  rest.takes = {all};
  EXPECT_EQ(queue.write_to(rest), progress::done);
  return rest.written;
}

TEST(OutputQueue, WhatIsEmptyHasNothingToWrite) {
  output_queue queue;
  scripted_stream stream;
  EXPECT_EQ(queue.write_to(stream), progress::done);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_TRUE(stream.places.empty()) << "nothing was asked of the stream";
}

TEST(OutputQueue, SizeIsWhatWaits) {
  output_queue queue;
  queue.append("12345");
  EXPECT_EQ(queue.size(), 5U);
  queue.append_with([](std::string& end) { end += "678"; });
  EXPECT_EQ(queue.size(), 8U);
  queue.append(slice_of(shared(bytes_of(3000, 'a'))));
  EXPECT_EQ(queue.size(), 3008U);
  queue.append("9");
  EXPECT_EQ(queue.size(), 3009U);
  scripted_stream stream;
  stream.takes = {6, 1000};
  EXPECT_EQ(queue.write_to(stream), progress::blocked);
  EXPECT_EQ(queue.size(), 2003U);
  left_in(queue);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(OutputQueue, ShortSlicesAreCopiedAndLetGo) {
  output_queue queue;
  auto owner = shared(bytes_of(output_queue::worth_sharing - 1, 'a'));
  const std::weak_ptr<const std::string> seen{owner};
  queue.append(slice_of(owner));
  const auto wanted = *owner;
  owner.reset();
  EXPECT_TRUE(seen.expired());
  EXPECT_EQ(left_in(queue), wanted);
}

TEST(OutputQueue, LongSlicesAreWrittenFromWhereTheyLieAndKeptUntilThen) {
  output_queue queue;
  auto owner = shared(bytes_of(output_queue::worth_sharing, 'a'));
  const std::weak_ptr<const std::string> seen{owner};
  const auto* place = owner->data();
  const auto wanted = *owner;
  queue.append(slice_of(owner));
  owner.reset();
  scripted_stream stream;
  stream.takes = {wanted.size() - 1, 1};
  stream.ended = true;
  EXPECT_EQ(queue.write_to(stream), progress::done);
  EXPECT_EQ(stream.places.front(), place + wanted.size() - 1);
  EXPECT_EQ(stream.written, wanted);
  EXPECT_TRUE(seen.expired()) << "what is written is let go";
}

TEST(OutputQueue, LongSliceIsLetGoAsSoonAsItIsWritten) {
  output_queue queue;
  auto owner = shared(bytes_of(4000, 'a'));
  const std::weak_ptr<const std::string> seen{owner};
  queue.append(slice_of(owner));
  queue.append("behind");
  owner.reset();
  scripted_stream stream;
  stream.takes = {3999};
  EXPECT_EQ(queue.write_to(stream), progress::blocked);
  EXPECT_FALSE(seen.expired());
  stream.takes.push_back(1);
  EXPECT_EQ(queue.write_to(stream), progress::blocked);
  EXPECT_TRUE(seen.expired());
  EXPECT_EQ(left_in(queue), "behind");
}

/// Copied bytes and kept ones in turn; the bytes are those of the second.
std::string fill(output_queue& queue) {
  const auto first = shared(bytes_of(2048, 'A'));
  const auto second = shared(bytes_of(2050, 'a'));
  queue.append("head");
  queue.append(slice_of(first));
  queue.append("mid");
  queue.append_with([](std::string& end) { end += "dle"; });
  queue.append(slice_of(second));
  queue.append("tail");
  return "head" + *first + "middle" + *second + "tail";
}

TEST(OutputQueue, PartialWritesLoseAndRepeatNothingAtAnySplit) {
  output_queue whole;
  const auto wanted = fill(whole);
  for (std::size_t split = 1; split < wanted.size(); ++split) {
    output_queue queue;
    fill(queue);
    scripted_stream stream;
    stream.takes = {split};
    ASSERT_EQ(queue.write_to(stream), progress::blocked);
    ASSERT_EQ(queue.size(), wanted.size() - split);
    ASSERT_EQ(stream.written + left_in(queue), wanted) << "split at " << split;
  }
}

TEST(OutputQueue, WhatIsAppendedToARestFollowsIt) {
  output_queue whole;
  const auto wanted = fill(whole) + "and more";
  for (std::size_t split = 1; split < wanted.size() - 8; ++split) {
    output_queue queue;
    fill(queue);
    scripted_stream stream;
    stream.takes = {split};
    ASSERT_EQ(queue.write_to(stream), progress::blocked);
    queue.append("and ");
    queue.append_with([](std::string& end) { end += "more"; });
    ASSERT_EQ(stream.written + left_in(queue), wanted) << "split at " << split;
  }
}

TEST(OutputQueue, OneByteAtATimeArrivesInOrder) {
  output_queue queue;
  const auto wanted = fill(queue);
  scripted_stream stream;
  stream.takes.assign(wanted.size(), 1);
  EXPECT_EQ(queue.write_to(stream), progress::done);
  EXPECT_EQ(stream.written, wanted);
}

TEST(OutputQueue, BrokenStreamIsToldAndNothingIsForgotten) {
  output_queue queue;
  queue.append("1234");
  scripted_stream stream;
  stream.takes = {1};
  stream.ended = true;
  EXPECT_EQ(queue.write_to(stream), progress::ended);
  EXPECT_EQ(queue.size(), 3U);
}

TEST(OutputQueue, MorePiecesThanOneWriteTakesAreWrittenAllTheSame) {
  output_queue queue;
  std::string wanted;
  for (int i = 0; i < 200; ++i) {
    const auto owner = shared(bytes_of(2048, static_cast<char>('a' + i % 9)));
    queue.append(slice_of(owner));
    queue.append(",");
    wanted += *owner + ",";
  }
  scripted_stream stream;
  stream.takes.assign(50, all);
  EXPECT_EQ(queue.write_to(stream), progress::done);
  EXPECT_EQ(stream.written, wanted);
  EXPECT_EQ(stream.most_pieces, 64U);
}

TEST(OutputQueue, NeverQuiteEmptyDoesNotGrowByWhatItHasWritten) {
  output_queue queue;
  queue.append("x");
  std::size_t capacity = 0;
  for (int i = 0; i < 10'000; ++i) {
    queue.append(bytes_of(100, 'a'));
    scripted_stream stream;
    stream.takes = {100};
    ASSERT_EQ(queue.write_to(stream), progress::blocked);
    queue.append_with([&](std::string& end) { capacity = end.capacity(); });
  }
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_LT(capacity, 1000U);
}

/// The memory into which the next short bytes of a queue would go.
const char* memory_of(output_queue& queue) {
  const char* place = nullptr;
  queue.append_with([&](std::string& end) {
    end += ' ';
    place = end.data();
  });
  return place;
}

TEST(OutputQueue, WhatIsEmptyPassesItsMemoryOn) {
  output_queue first;
  first.append(bytes_of(1000, 'a'));
  const auto* place = memory_of(first);
  left_in(first);
  output_queue second;
  EXPECT_EQ(memory_of(second), place);
  EXPECT_NE(memory_of(first), place) << "it was given away";
}

TEST(OutputQueue, MemoryOfALargeRestIsNotPassedOn) {
  output_queue large;
  large.append(bytes_of(100'000, 'a'));
  const auto* place = memory_of(large);
  left_in(large);
  std::vector<output_queue> others(70);
  std::vector<const char*> places;
  places.reserve(others.size());
  for (auto& each : others) {
    std::size_t capacity = 0;
    each.append_with([&](std::string& end) {
      end += ' ';
      capacity = end.capacity();
    });
    EXPECT_LE(capacity, 65'536U);
    places.push_back(memory_of(each));
  }
  EXPECT_THAT(places, Not(Contains(place)));
}

} // namespace

} // namespace callboard::network
