#include "actors/keeper.hpp"

#include "protocol/session/operation.hpp"
#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A store that only writes down what it was asked to commit.
class notebook final : public persistence::store {
public:
  explicit notebook(std::vector<persistence::batch>& commits) : commits_{commits} {}

  persistence::store_result commit(const persistence::batch& changes,
    persistence::durability /*how*/, const std::function<void()>& lasts) override {
    commits_.push_back(changes);
    lasts();
    return {};
  }

  protocol::expected<std::optional<std::vector<protocol::operation>>, persistence::store_error>
  load_session(
    std::string_view /*client_id*/, const protocol::queue_portion& /*portion*/) override {
    return std::optional<std::vector<protocol::operation>>{};
  }

  protocol::expected<std::uint64_t, persistence::store_error> find_session(
    std::string_view /*client_id*/) override {
    return std::uint64_t{0};
  }

  protocol::expected<persistence::waiting_part, persistence::store_error> load_waiting(
    const persistence::waiting_place& /*from*/,
    const protocol::queue_portion& /*portion*/) override {
    return persistence::waiting_part{};
  }

  persistence::store_result list_sessions(std::string_view /*behind*/,
    const std::function<bool(const persistence::session_outline&)>& /*tell*/) override {
    return {};
  }

  persistence::store_result load_retained(std::string_view /*behind*/,
    const std::function<bool(const protocol::message_ptr&)>& /*tell*/) override {
    return {};
  }

  persistence::store_result load_shares(
    const std::function<void(const persistence::share_change&)>& /*tell*/) override {
    return {};
  }

  std::uint64_t highest_session() const override { return 0; }

  protocol::expected<bool, persistence::store_error> fold(std::size_t /*limit*/) override {
    return false;
  }

  void set_clock(const persistence::clock_reading& /*now*/) override {}

private:
  std::vector<persistence::batch>& commits_;
};

journal session_changed(std::string client_id) {
  journal mail;
  mail.changes.sessions.push_back({std::move(client_id), 1, {}});
  return mail;
}

journal topic_changed(std::string topic) {
  journal mail;
  mail.changes.retained.push_back({std::move(topic), {}});
  return mail;
}

std::vector<std::string> clients_of(const persistence::batch& batch) {
  std::vector<std::string> all;
  for (const auto& each : batch.sessions)
    all.push_back(each.client_id);
  return all;
}

std::vector<std::string> topics_of(const persistence::batch& batch) {
  std::vector<std::string> all;
  for (const auto& each : batch.retained)
    all.push_back(each.topic);
  return all;
}

class Keeper : public testing::stage {
protected:
  ~Keeper() override {
    dismiss(keeper_actor);
    play();
  }

  std::vector<persistence::batch> commits;
  settings rules;
  company node{rules, true};
  keeper_role keeper_actor = spawn<keeper>(unit, node, std::make_unique<notebook>(commits));
};

} // namespace

TEST_F(Keeper, CommitsNothingWhenNothingWasSaid) {
  play();
  EXPECT_THAT(commits, IsEmpty());
  tell(keeper_actor, journal{});
  play();
  EXPECT_THAT(commits, IsEmpty());
}

TEST_F(Keeper, AllThatWaitsInATurnIsOneCommitInItsOrder) {
  tell(keeper_actor, session_changed("first"));
  tell(keeper_actor, topic_changed("a"));
  tell(keeper_actor, session_changed("second"));
  tell(keeper_actor, session_changed("first"));
  tell(keeper_actor, topic_changed("b"));
  play();
  ASSERT_THAT(commits, SizeIs(1));
  EXPECT_THAT(clients_of(commits[0]), ElementsAre("first", "second", "first"));
  EXPECT_THAT(topics_of(commits[0]), ElementsAre("a", "b"));
}

TEST_F(Keeper, EachTurnCommitsOnlyWhatIsNew) {
  tell(keeper_actor, session_changed("first"));
  play();
  tell(keeper_actor, session_changed("second"));
  play();
  play();
  ASSERT_THAT(commits, SizeIs(2));
  EXPECT_THAT(clients_of(commits[0]), ElementsAre("first"));
  EXPECT_THAT(clients_of(commits[1]), ElementsAre("second"));
}

TEST_F(Keeper, WhatWaitsWhenItIsDismissedIsCommittedFirst) {
  tell(keeper_actor, session_changed("last"));
  dismiss(keeper_actor);
  play();
  ASSERT_THAT(commits, SizeIs(1));
  EXPECT_THAT(clients_of(commits[0]), ElementsAre("last"));
}

} // namespace callboard::actors
