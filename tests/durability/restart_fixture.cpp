#include "tests/durability/restart_fixture.hpp"

#include "tests/durability/world.hpp"

#include <utility>

namespace callboard::durability {

void RestartTest::end_node() {
  if (GetParam() == ending::kill)
    node_.kill();
  else
    EXPECT_EQ(node_.stop(), "");
}

void RestartTest::restart() {
  end_node();
  start_node();
}

wire_client RestartTest::client(const std::string& id) {
  wire_client result{node_.mqtt()};
  result.connect({.client_id = id});
  return result;
}

wire_client RestartTest::begin(
  const std::string& id, connect_options more, protocol_version version) {
  return lasting(id, std::move(more), version, false);
}

wire_client RestartTest::resume(
  const std::string& id, connect_options more, protocol_version version) {
  return lasting(id, std::move(more), version, true);
}

wire_client RestartTest::lasting(
  const std::string& id, connect_options more, protocol_version version, bool is_there) {
  wire_client result{node_.mqtt(), version};
  more.client_id = id;
  more.clean_start = false;
  if (more.properties.empty())
    more.properties = conformance::session_expiry_interval(a_long_time);
  EXPECT_EQ(result.connect(more).session_present(), is_there) << id;
  return result;
}

bool RestartTest::has_session(const std::string& id) {
  wire_client result{node_.mqtt()};
  return result
    .connect({.client_id = id,
      .clean_start = false,
      .properties = conformance::session_expiry_interval(a_long_time)})
    .session_present();
}

void RestartTest::leave_session(
  const std::string& id, const std::string& filter, unsigned options) {
  auto client = begin(id);
  client.subscribe(filter, options);
  client.disconnect();
}

} // namespace callboard::durability
