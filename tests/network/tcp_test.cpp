#include "network/tcp_listener.hpp"
#include "network/tcp_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read.hpp>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

// Streams and listeners over loopback, on io_contexts that the test runs itself.

namespace callboard::network {

namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto patience = 5s;
constexpr auto moment = 50ms;

/// Counts how often it is told.
class watcher final : public stream_watcher {
public:
  void readable() override {
    ++reads;
    if (on_readable)
      on_readable();
  }
  void writable() override { ++writes; }

  int reads = 0;
  int writes = 0;
  std::function<void()> on_readable;
};

/// The address behind the last colon.
std::uint16_t port_of(const tcp_listener& listener) {
  const auto address = listener.address();
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

class Tcp : public ::testing::Test {
protected:
  ~Tcp() override {
    if (listener)
      listener->close();
    run_for(0ms);
  }

  static tcp::endpoint loopback(std::uint16_t port = 0) {
    return {boost::asio::ip::make_address("127.0.0.1"), port};
  }

  /// Listens on any port; what is accepted is collected.
  void open() {
    listener = std::make_shared<tcp_listener>(io);
    ASSERT_FALSE(listener->listen(loopback()));
    listener->accept([this]() -> boost::asio::io_context& { return io; },
      [this](std::shared_ptr<stream> next) { accepted.push_back(std::move(next)); },
      [this] { ++rests; });
  }

  /// The client's end of a new connection.
  tcp::socket dial() {
    tcp::socket client{clients};
    client.connect({boost::asio::ip::make_address("127.0.0.1"), port_of(*listener)});
    return client;
  }

  /// A connection whose client's end is `client`.
  std::shared_ptr<stream> pair(tcp::socket& client) {
    if (!listener)
      open();
    const auto before = accepted.size();
    client = dial();
    EXPECT_TRUE(run_until([&] { return accepted.size() > before; }));
    return accepted.back();
  }

  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      io.restart();
      io.run_one_for(10ms);
    }
    return true;
  }

  void run_for(std::chrono::milliseconds time) {
    io.restart();
    io.run_for(time);
  }

  boost::asio::io_context io;
  boost::asio::io_context clients;
  std::shared_ptr<tcp_listener> listener;
  std::vector<std::shared_ptr<stream>> accepted;
  int rests = 0;
};

using TcpStream = Tcp;
using TcpListener = Tcp;

std::string read_from(stream& any) {
  std::string room(100, ' ');
  const auto got = any.read(room);
  return got.progress == progress::done ? room.substr(0, got.bytes) : "";
}

transfer write_to(stream& any, std::string_view bytes) {
  return any.write({&bytes, 1});
}

std::string receive(tcp::socket& client, std::size_t size) {
  std::string bytes(size, ' ');
  boost::system::error_code failed;
  boost::asio::read(client, boost::asio::buffer(bytes), failed);
  return failed ? failed.message() : bytes;
}

// -- streams ---------------------------------------------------------------------

TEST_F(TcpStream, ReadableIsToldOnceForEachTimeItIsAskedFor) {
  tcp::socket client{clients};
  auto server = pair(client);
  watcher eye;
  server->watch(eye);
  run_for(moment);
  EXPECT_EQ(eye.reads, 0) << "nobody asked";
  server->await_readable();
  run_for(moment);
  EXPECT_EQ(eye.reads, 0) << "nothing has come";
  client.send(boost::asio::buffer("hello", 5));
  EXPECT_TRUE(run_until([&] { return eye.reads == 1; }));
  EXPECT_EQ(read_from(*server), "hello");
  client.send(boost::asio::buffer("again", 5));
  run_for(moment);
  EXPECT_EQ(eye.reads, 1) << "it was asked for once";
  server->await_readable();
  EXPECT_TRUE(run_until([&] { return eye.reads == 2; }));
  server->close();
}

TEST_F(TcpStream, ReadWithoutBytesIsBlockedAndTakesNoTime) {
  tcp::socket client{clients};
  auto server = pair(client);
  std::string room(10, ' ');
  EXPECT_EQ(server->read(room).progress, progress::blocked);
  server->close();
}

TEST_F(TcpStream, EndOfTheOtherSideIsReadableAndReadsAsTheEnd) {
  tcp::socket client{clients};
  auto server = pair(client);
  watcher eye;
  server->watch(eye);
  server->await_readable();
  client.send(boost::asio::buffer("last", 4));
  client.close();
  EXPECT_TRUE(run_until([&] { return eye.reads == 1; }));
  EXPECT_EQ(read_from(*server), "last");
  server->await_readable();
  EXPECT_TRUE(run_until([&] { return eye.reads == 2; }));
  std::string room(10, ' ');
  EXPECT_EQ(server->read(room).progress, progress::ended);
  server->close();
}

TEST_F(TcpStream, WritesAreBlockedWhenTheOtherSideDoesNotReadAndGoOnWhenItDoes) {
  tcp::socket client{clients};
  auto server = pair(client);
  watcher eye;
  server->watch(eye);
  server->await_writable();
  EXPECT_TRUE(run_until([&] { return eye.writes == 1; }));
  std::size_t written = 0;
  const std::string part(100'000, 'x');
  for (auto result = write_to(*server, part); result.progress == progress::done;
       result = write_to(*server, part))
    written += result.bytes;
  EXPECT_EQ(write_to(*server, part).progress, progress::blocked);
  server->await_writable();
  run_for(moment);
  EXPECT_EQ(eye.writes, 1) << "it is still full";
  EXPECT_EQ(receive(client, written), std::string(written, 'x'));
  EXPECT_TRUE(run_until([&] { return eye.writes == 2; }));
  EXPECT_EQ(write_to(*server, "more").bytes, 4U);
  server->close();
}

TEST_F(TcpStream, PiecesArriveOneBehindTheOther) {
  tcp::socket client{clients};
  auto server = pair(client);
  std::string wanted;
  std::vector<std::string> texts;
  for (int i = 0; i < 64; ++i) {
    texts.push_back(std::to_string(i) + ",");
    wanted += texts.back();
  }
  const std::vector<std::string_view> pieces{texts.begin(), texts.end()};
  EXPECT_EQ(server->write(pieces).bytes, wanted.size());
  EXPECT_EQ(receive(client, wanted.size()), wanted);
  server->close();
}

TEST_F(TcpStream, WritingToWhoHasGoneEndsWithoutASignal) {
  tcp::socket client{clients};
  auto server = pair(client);
  client.set_option(tcp::socket::linger{true, 0});
  client.close(); // a reset
  EXPECT_TRUE(run_until([&] { return write_to(*server, "x").progress == progress::ended; }));
  server->close();
}

TEST_F(TcpStream, FinishedWritingIsTheEndForTheOtherSideWhichIsStillHeard) {
  tcp::socket client{clients};
  auto server = pair(client);
  write_to(*server, "bye");
  server->finish_writing();
  EXPECT_EQ(receive(client, 3), "bye");
  EXPECT_EQ(receive(client, 1), "End of file");
  client.send(boost::asio::buffer("heard", 5));
  watcher eye;
  server->watch(eye);
  server->await_readable();
  EXPECT_TRUE(run_until([&] { return eye.reads == 1; }));
  EXPECT_EQ(read_from(*server), "heard");
  server->close();
}

TEST_F(TcpStream, NobodyIsToldAfterClose) {
  tcp::socket client{clients};
  auto server = pair(client);
  {
    watcher eye;
    server->watch(eye);
    server->await_readable();
    server->await_writable();
    client.send(boost::asio::buffer("late", 4));
    server->close();
    run_for(moment);
    EXPECT_EQ(eye.reads, 0);
    EXPECT_EQ(eye.writes, 0);
  } // the watcher has gone, a pending wait must not miss it
  run_for(moment);
}

TEST_F(TcpStream, CloseWithinTheWatchersTurnIsHarmless) {
  tcp::socket client{clients};
  auto server = pair(client);
  watcher eye;
  server->watch(eye);
  eye.on_readable = [&] {
    auto last = std::move(server);
    accepted.clear(); // nobody else holds it
    last->close();
  };
  server->await_readable();
  client.send(boost::asio::buffer("x", 1));
  EXPECT_TRUE(run_until([&] { return eye.reads == 1; }));
  EXPECT_NE(receive(client, 1), "x");
}

TEST_F(TcpStream, MovesToAnotherContextWithWhatHasNotBeenRead) {
  tcp::socket client{clients};
  auto here = pair(client);
  watcher before;
  here->watch(before);
  here->await_readable(); // a wait may be pending
  boost::asio::io_context elsewhere;
  auto there = here->move_to(elsewhere);
  client.send(boost::asio::buffer("hello", 5));
  run_for(moment);
  EXPECT_EQ(before.reads, 0) << "who watched before is told nothing";
  here.reset();
  accepted.clear();

  watcher after;
  there->watch(after);
  there->await_readable();
  elsewhere.run_one_for(patience);
  EXPECT_EQ(after.reads, 1);
  EXPECT_EQ(read_from(*there), "hello");
  EXPECT_EQ(write_to(*there, "answer").bytes, 6U);
  EXPECT_EQ(receive(client, 6), "answer");
  EXPECT_THAT(there->peer(), StartsWith("127.0.0.1:"));
  there->close();
}

TEST_F(TcpStream, PeerIsTheAddressOfTheOtherSide) {
  tcp::socket client{clients};
  auto server = pair(client);
  EXPECT_EQ(server->peer(), "127.0.0.1:" + std::to_string(client.local_endpoint().port()));
  server->close();
  EXPECT_EQ(server->peer(), "unknown");
}

TEST_F(TcpStream, ShortMessagesAreNotHeldBack) {
  tcp::socket client{clients};
  pair(client);
  boost::asio::io_context other;
  tcp::socket raw{clients};
  raw.connect({boost::asio::ip::make_address("127.0.0.1"), port_of(*listener)});
  const int handle = raw.native_handle();
  tcp_stream::socket ours{other.get_executor()};
  ours.assign(tcp::v4(), raw.release());
  const auto any = std::make_shared<tcp_stream>(std::move(ours));
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ASSERT_EQ(getsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_NE(no_delay, 0); // MQTT's small packets would wait for 40 ms
  any->close();
}

// -- listeners -------------------------------------------------------------------

TEST_F(TcpListener, AddressIsTheOneThatItGot) {
  open();
  EXPECT_THAT(listener->address(), StartsWith("127.0.0.1:"));
  EXPECT_GT(port_of(*listener), 0);
}

TEST_F(TcpListener, AddressInUseIsSaidInWords) {
  open();
  tcp_listener second{io};
  const auto port = port_of(*listener);
  EXPECT_EQ(second.listen(loopback(port)), boost::asio::error::address_in_use);
  const auto fault = listen_on(io, "127.0.0.1", port).fault;
  EXPECT_THAT(fault, HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(port)));
  EXPECT_THAT(fault, HasSubstr("end it"));
}

TEST_F(TcpListener, AddressOfSomebodyElseIsSaidInWords) {
  EXPECT_THAT(listen_on(io, "192.0.2.1", 0).fault, HasSubstr("cannot listen on 192.0.2.1:0"));
}

TEST_F(TcpListener, PortIsFreeAgainAfterClose) {
  open();
  const auto port = port_of(*listener);
  listener->close();
  run_for(0ms);
  tcp_listener second{io};
  EXPECT_FALSE(second.listen(loopback(port)));
}

TEST_F(TcpListener, NobodyIsAcceptedAfterClose) {
  open();
  const auto port = port_of(*listener);
  listener->close();
  run_for(moment);
  tcp::socket client{clients};
  boost::system::error_code failed;
  client.connect({boost::asio::ip::make_address("127.0.0.1"), port}, failed);
  EXPECT_EQ(failed, boost::asio::error::connection_refused);
  EXPECT_TRUE(accepted.empty());
}

TEST_F(TcpListener, ManyWhoComeAtOnceAreAllTakenInAFewTurns) {
  open();
  std::vector<tcp::socket> crowd;
  for (int i = 0; i < 400; ++i) // they wait in the kernel meanwhile
    crowd.push_back(dial());
  int turns = 0;
  while (accepted.size() < crowd.size() && turns < 10) {
    io.restart();
    io.run_one_for(patience);
    ++turns;
  }
  EXPECT_EQ(accepted.size(), crowd.size());
  EXPECT_EQ(turns, 2) << "256 at a time";
  for (const auto& each : accepted)
    each->close();
}

TEST_F(TcpListener, ChooserSaysOnWhichContextEachConnectionLives) {
  boost::asio::io_context other;
  int next = 0;
  listener = std::make_shared<tcp_listener>(io);
  ASSERT_FALSE(listener->listen(loopback()));
  listener->accept([&]() -> boost::asio::io_context& { return next++ % 2 == 0 ? io : other; },
    [this](std::shared_ptr<stream> one) { accepted.push_back(std::move(one)); }, [] {});
  auto first = dial();
  ASSERT_TRUE(run_until([&] { return accepted.size() == 1; }));
  auto second = dial();
  ASSERT_TRUE(run_until([&] { return accepted.size() == 2; }));
  // A try that found nobody asks the chooser too, so which is where is open: each
  // is told on its own context, and only there.
  std::vector<watcher> eyes(2);
  for (std::size_t i = 0; i < 2; ++i) {
    accepted[i]->watch(eyes[i]);
    accepted[i]->await_readable();
  }
  first.send(boost::asio::buffer("x", 1));
  second.send(boost::asio::buffer("x", 1));
  run_for(moment);
  const int here = eyes[0].reads + eyes[1].reads;
  other.run_for(moment);
  EXPECT_EQ(eyes[0].reads + eyes[1].reads, 2);
  EXPECT_LE(here, 2);
  for (const auto& each : accepted)
    each->close();
}

/// Takes all file descriptors that the process may still have.
class no_descriptors_left {
public:
  no_descriptors_left() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    auto limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(next); // those below are all taken
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  no_descriptors_left(const no_descriptors_left&) = delete;
  no_descriptors_left& operator=(const no_descriptors_left&) = delete;
  ~no_descriptors_left() { setrlimit(RLIMIT_NOFILE, &before_); }

private:
  rlimit before_{};
};

TEST_F(TcpListener, AcceptsAgainAfterDescriptorsRanOut) {
  open();
  auto client = dial();
  {
    const no_descriptors_left famine;
    ASSERT_EQ(dup(0), -1);
    run_for(200ms);
    EXPECT_TRUE(accepted.empty());
  }
  EXPECT_TRUE(run_until([&] { return accepted.size() == 1; }));
  client.send(boost::asio::buffer("here", 4));
  watcher eye;
  accepted.back()->watch(eye);
  accepted.back()->await_readable();
  EXPECT_TRUE(run_until([&] { return eye.reads == 1; }));
  accepted.back()->close();
}

TEST_F(TcpListener, RestsInsteadOfSpinningWhileDescriptorsAreMissing) {
  open();
  auto client = dial();
  const no_descriptors_left famine;
  const auto deadline = std::chrono::steady_clock::now() + 300ms;
  int turns = 0;
  io.restart();
  while (std::chrono::steady_clock::now() < deadline)
    turns += static_cast<int>(io.run_one_for(10ms));
  EXPECT_LT(turns, 30); // two for each of its rests
}

} // namespace

} // namespace callboard::network
