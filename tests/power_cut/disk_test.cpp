#include "tests/power_cut/disk.hpp"

#include "tests/persistence/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <set>

namespace callboard::persistence {

namespace {

using ::testing::ElementsAre;

constexpr std::size_t page = 4'096;

/// A disk with one file, of which one letter stands for a page.
class Disk : public ::testing::Test {
protected:
  Disk() {
    disk_.apply(name_given{"file", 0});
    disk_.apply(names_synced{});
  }

  void write(std::uint64_t at, std::string_view letters) {
    std::string bytes;
    for (const char one : letters)
      bytes.append(page, one);
    disk_.apply(bytes_written{0, at * page, bytes});
  }

  void sync(bool failed = false) { disk_.apply(file_synced{0, failed}); }

  std::string left(disk::cut how) {
    const temporary_directory directory;
    disk_.leave(directory.path(), how, chance_);
    std::ifstream file{directory.path() + "/file", std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  /// The files that many cuts leave, a letter for a page.
  std::set<std::string> many(disk::cut how) {
    std::set<std::string> all;
    for (int cut = 0; cut < 60; ++cut) {
      std::string letters;
      const auto bytes = left(how);
      for (std::size_t at = 0; at < bytes.size(); at += page)
        letters += bytes[at];
      all.insert(letters);
    }
    return all;
  }

  disk disk_;
  std::mt19937 chance_{1};
};

TEST_F(Disk, KeepsWhatWasSynced) {
  write(0, "ab");
  sync();
  for (const auto how : {disk::cut::nothing, disk::cut::everything, disk::cut::pages})
    EXPECT_THAT(many(how), ElementsAre("ab"));
}

TEST_F(Disk, KeepsAnyOfThePagesThatWereNot) {
  write(0, "ab");
  sync();
  write(0, "AB");
  EXPECT_THAT(many(disk::cut::nothing), ElementsAre("ab"));
  EXPECT_THAT(many(disk::cut::everything), ElementsAre("AB"));
  EXPECT_THAT(many(disk::cut::pages), ElementsAre("AB", "Ab", "aB", "ab"));
}

TEST_F(Disk, TearsPagesBetweenSectors) {
  write(0, "a");
  sync();
  write(0, "b");
  std::set<char> letters;
  const auto bytes = left(disk::cut::sectors);
  for (std::size_t at = 0; at < page; at += 512) {
    EXPECT_EQ(bytes.substr(at, 512), std::string(512, bytes[at]));
    letters.insert(bytes[at]);
  }
  EXPECT_THAT(letters, ElementsAre('a', 'b'));
}

TEST_F(Disk, GrowsFilesOrNot) {
  write(0, "a");
  sync();
  write(1, "b");
  EXPECT_THAT(many(disk::cut::pages), ElementsAre("a", std::string{"a\0", 2}, "ab", "ag"));
}

TEST_F(Disk, SyncsARange) {
  write(0, "ab");
  sync();
  write(0, "A");
  write(1, "B");
  disk_.apply(range_synced{0, page, 10, false});
  EXPECT_THAT(many(disk::cut::pages), ElementsAre("AB", "aB"));
}

TEST_F(Disk, LeavesOpenWhatASyncThatFailedHasDone) {
  write(0, "ab");
  sync();
  write(0, "AB");
  sync(true);
  sync();
  EXPECT_THAT(many(disk::cut::pages), ElementsAre("AB", "Ab", "aB", "ab"));
  write(0, "A");
  sync();
  EXPECT_THAT(many(disk::cut::pages), ElementsAre("AB", "Ab"));
}

TEST_F(Disk, GivesNamesInTheirOrder) {
  disk_.apply(name_changed{"file", "second"});
  disk_.apply(name_changed{"second", "file"});
  write(0, "a");
  sync();
  EXPECT_THAT(many(disk::cut::pages), ElementsAre("", "a"));
  disk_.apply(names_synced{});
  EXPECT_THAT(many(disk::cut::nothing), ElementsAre("a"));
}

} // namespace

} // namespace callboard::persistence
