#include "network/tcp_listener.hpp"

#include <boost/asio/ip/address.hpp>
#include <gmock/gmock.h>

#include <cstdint>
#include <set>
#include <string>

namespace callboard::network {
namespace {

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// Kept for documentation (RFC 5737): no machine has it.
const auto nowhere = tcp::endpoint{make_address("192.0.2.1"), 0};
const auto here = tcp::endpoint{make_address("127.0.0.1"), 0};
const auto also_here = tcp::endpoint{make_address("127.0.0.2"), 0};

class TcpListener : public testing::Test {
protected:
  boost::asio::io_context io;
};

TEST_F(TcpListener, ListensOnAllAddressesOfAName) {
  const auto [listeners, fault] = listen_on(io, "both", {here, also_here});
  EXPECT_EQ(fault, "");
  ASSERT_THAT(listeners, SizeIs(2));
  EXPECT_THAT(listeners[0]->address(), StartsWith("127.0.0.1:"));
  EXPECT_THAT(listeners[1]->address(), StartsWith("127.0.0.2:"));
}

TEST_F(TcpListener, LeavesOutAddressesThatTheMachineHasNot) {
  const auto [listeners, fault] = listen_on(io, "some", {nowhere, here});
  EXPECT_EQ(fault, "");
  EXPECT_THAT(listeners, SizeIs(1));
}

TEST_F(TcpListener, ListensNowhereIfOneOfThemIsTaken) {
  tcp_listener first{io};
  ASSERT_FALSE(first.listen(here));
  const auto address = first.address();
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  const auto [listeners, fault] =
    listen_on(io, "name", {{also_here.address(), port}, {here.address(), port}});
  EXPECT_THAT(listeners, IsEmpty());
  EXPECT_THAT(fault, StartsWith("cannot listen on name:" + std::to_string(port)));
  EXPECT_THAT(fault, HasSubstr("end it"));
}

TEST_F(TcpListener, SaysThatTheMachineHasNoSuchAddress) {
  const auto [listeners, fault] = listen_on(io, "192.0.2.1", 0);
  EXPECT_THAT(listeners, IsEmpty());
  EXPECT_EQ(fault, "cannot listen on 192.0.2.1:0: this machine has no such address");
}

TEST_F(TcpListener, LocalhostIsWhateverTheSystemSays) {
  tcp::resolver resolver{io};
  std::set<tcp::endpoint> wanted;
  for (const auto& each : resolver.resolve("localhost", "0"))
    wanted.insert(each.endpoint());
  const auto [listeners, fault] = listen_on(io, "localhost", 0);
  EXPECT_EQ(fault, "");
  EXPECT_GE(listeners.size(), 1U);
  EXPECT_LE(listeners.size(), wanted.size());
}

} // namespace
} // namespace callboard::network
