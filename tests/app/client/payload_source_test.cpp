#include "app/client/payload_source.hpp"

#include <array>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

namespace callboard::app::client {
namespace {

/// A pipe that the test writes and a reader reads.
class PayloadLines : public testing::Test {
protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_.data()), 0); }
  void TearDown() override {
    close_writer();
    close(ends_[0]);
  }

  void write(std::string_view text) const {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_writer() {
    if (ends_[1] >= 0)
      close(ends_[1]);
    ends_[1] = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

TEST_F(PayloadLines, ComeWholeHoweverTheyArrive) {
  line_reader lines{ends_[0]};
  write("one\nt");
  lines.read();
  EXPECT_EQ(lines.next(), "one");
  EXPECT_EQ(lines.next(), std::nullopt);
  write("wo\n\n");
  lines.read();
  EXPECT_EQ(lines.next(), "two");
  EXPECT_EQ(lines.next(), "");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_FALSE(lines.at_end());
}

TEST_F(PayloadLines, TheLastNeedsNoEnd) {
  line_reader lines{ends_[0]};
  write("one\ntwo");
  close_writer();
  std::vector<std::string> all;
  while (!lines.at_end())
    lines.read();
  while (auto line = lines.next())
    all.push_back(*line);
  EXPECT_EQ(all, (std::vector<std::string>{"one", "two"}));
}

TEST(PayloadSource, AFileThatCannotBeReadSaysWhy) {
  EXPECT_EQ(read_payload("/nowhere").error().text, "/nowhere: No such file or directory");
  EXPECT_EQ(read_payload("/").error().text, "/: Is a directory");
}

TEST(PayloadSource, AnEmptyFileIsAnEmptyPayload) {
  const auto content = read_payload("/dev/null");
  ASSERT_TRUE(content);
  EXPECT_EQ(*content, "");
}

} // namespace
} // namespace callboard::app::client
