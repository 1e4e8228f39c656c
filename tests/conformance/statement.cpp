#include "tests/conformance/statement.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace callboard::conformance {

namespace {

std::string outcome_of(const testing::TestResult& result) {
  if (result.Failed())
    return "failed";
  return result.Skipped() ? "skipped" : "passed";
}

/// Adds `text` in one write, so that test programs side by side do not mix.
void append(const char* path, const std::string& text) {
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0 || write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    ADD_FAILURE() << "cannot write " << path;
  close(file);
}

/// Keeps the tags of the running test until its outcome is known.
class statement_log final : public testing::EmptyTestEventListener {
public:
  void add(std::string_view id) { ids_.emplace_back(id); }

  void OnTestStart(const testing::TestInfo&) override { ids_.clear(); }

  void OnTestEnd(const testing::TestInfo& test) override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const char* path = std::getenv("CALLBOARD_CONFORMANCE_LOG");
    if (path == nullptr || ids_.empty())
      return;
    std::string lines;
    for (const auto& id : ids_)
      lines += id + "\t" + test.test_suite_name() + "." + test.name() + "\t" +
               outcome_of(*test.result()) + "\n";
    append(path, lines);
  }

private:
  std::vector<std::string> ids_;
};

/// The listener; GoogleTest owns it.
statement_log& the_log() {
  static auto* const log = [] {
    auto* fresh = new statement_log; // NOLINT(cppcoreguidelines-owning-memory)
    testing::UnitTest::GetInstance()->listeners().Append(fresh);
    return fresh;
  }();
  return *log;
}

// Appended before the first test starts, not in the midst of one.
[[maybe_unused]] const statement_log& appended_early = the_log();

} // namespace

void record_statements(std::initializer_list<std::string_view> ids) {
  std::string all;
  for (const auto id : ids) {
    the_log().add(id);
    all += (all.empty() ? "" : " ") + std::string{id};
  }
  testing::Test::RecordProperty("statements", all);
}

} // namespace callboard::conformance
