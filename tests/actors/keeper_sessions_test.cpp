#include "actors/keeper.hpp"

#include "tests/actors/player.hpp"
#include "tests/actors/stage.hpp"

#include "persistence/memory_store.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::player;
using callboard::testing::playhouse;
using callboard::testing::stage;
using protocol::qos;
using ::testing::ElementsAre;

class KeeperSessions : public stage {
protected:
  KeeperSessions() {
    auto made = std::make_unique<persistence::memory_store>();
    store = made.get();
    keeper = spawn<actors::keeper>(unit, node, std::move(made));
  }
  ~KeeperSessions() override {
    dismiss(keeper);
    play();
  }

  void journal(std::uint64_t session, const protocol::operation& change) {
    tell(keeper, actors::journal{{{{"c", session, {change}}}, {}, {}}});
    play();
  }

  bool has_session() { return store->load_session("c", {})->has_value(); }

  settings rules;
  company node{rules, true};
  persistence::memory_store* store = nullptr;
  keeper_role keeper;
};

} // namespace

TEST_F(KeeperSessions, LetsNoOlderSessionTouchTheNewOne) {
  journal(1, protocol::client_attached{60});
  journal(2, protocol::client_attached{60});
  journal(1, protocol::delivery_sent{7}); // of a queue that is not there any more
  journal(1, protocol::session_ended{});
  EXPECT_TRUE(has_session());
  journal(2, protocol::session_ended{});
  EXPECT_FALSE(has_session());
}

/// Publishers wait for the KEEPER: their connections are not read before.
TEST_F(KeeperSessions, GivesTheCreditOfWhatItHasStoredBack) {
  const auto batch = std::make_shared<packet_batch>();
  const auto credit = std::make_shared<const std::vector<batch_ptr>>(1, batch);
  tell(keeper, actors::journal{{{{"c", 1, {protocol::client_attached{60}}}}, {}, {}}, {credit}});
  EXPECT_GT(credit.use_count(), 1);
  play();
  EXPECT_EQ(credit.use_count(), 1);
}

/// The old session is on another unit and clears up later than the new one begins.
TEST(KeeperInANode, KeepsTheNewSessionOfACleanStart) {
  playhouse house{2};
  player writer{house, "writer"};
  writer.connect(0);
  player client{house, "same"};
  client.resume(60, 1);
  client.settle();
  client.vanish();
  house.play();
  client.connect_with().clean_start = true;
  client.connect(0);
  auto& unit = *house.node().units()[0];
  unit.step();
  client.listen();
  client.subscribe("$unit/t", qos::at_least_once); // a subtree of unit 0
  unit.step();
  client.vanish();
  unit.step();
  writer.publish("$unit/t", "m", qos::at_least_once);
  unit.step();
  house.play();
  client.resume(60, 0);
  EXPECT_THAT(client.payloads(), ElementsAre("m"));
}

} // namespace callboard::actors
