// relay - the ceiling for a broker: forwards p2p traffic and does nothing else.
//
// It answers CONNECT and SUBSCRIBE with fixed bytes and, on a publisher's first
// PUBLISH, ties that socket to the subscriber of the topic. From then on every
// byte read from the publisher is written to the subscriber. Only for
// `mqload p2p` and `mqload latency` at QoS 0, MQTT 3.1.1.
//   relay PORT [raw|parse] [SECONDS]
// raw:   no packet is looked at (one read, one write): the physical limit.
// parse: each packet is framed, its topic looked up in a hash table and its
//        bytes copied to the output, written once per batch of events: the
//        least that a correct broker has to do.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

struct Peer {
  int fd = -1;
  Peer* to = nullptr; // raw: where the bytes go
  bool connected = false, dirty = false, wantOut = false;
  std::string in, out; // incomplete input; output not yet written
  size_t outPos = 0;
};
struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
};
static std::unordered_map<std::string, Peer*, Hash, std::equal_to<>> topics;
static std::vector<Peer*> dirty;
static int ep;

static void mark(Peer& p) {
  if (!p.dirty)
    p.dirty = true, dirty.push_back(&p);
}
static void flush(Peer& p) {
  p.dirty = false;
  bool full = false;
  while (p.fd >= 0 && p.outPos < p.out.size()) {
    ssize_t n = send(p.fd, p.out.data() + p.outPos, p.out.size() - p.outPos, MSG_NOSIGNAL);
    if (n > 0)
      p.outPos += size_t(n);
    else if (errno == EAGAIN) {
      full = true;
      break;
    } else
      break;
  }
  if (!full)
    p.out.clear(), p.outPos = 0;
  if (p.fd >= 0 && full != p.wantOut) {
    p.wantOut = full;
    epoll_event e{};
    e.events = EPOLLIN | (full ? uint32_t(EPOLLOUT) : 0u);
    e.data.ptr = &p;
    epoll_ctl(ep, EPOLL_CTL_MOD, p.fd, &e);
  }
}
// Length of the packet at b, 0 when incomplete; body is where its body starts.
static size_t frame(std::string_view b, size_t& body) {
  uint32_t len = 0;
  for (size_t i = 1; i < 5 && i < b.size(); i++) {
    len |= uint32_t(b[i] & 127) << (7 * (i - 1));
    if (!(b[i] & 128)) {
      body = i + 1;
      return b.size() >= body + len ? body + len : 0;
    }
  }
  return 0;
}
static std::string_view topicAt(std::string_view b) {
  return b.substr(2, size_t(uint8_t(b[0]) << 8 | uint8_t(b[1])));
}

int main(int argc, char** argv) {
  bool raw = argc < 3 || !strcmp(argv[2], "raw");
  time_t until = time(nullptr) + (argc > 3 ? atoi(argv[3]) : 600);
  int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(uint16_t(argc > 1 ? atoi(argv[1]) : 1883));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(ls, reinterpret_cast<sockaddr*>(&a), sizeof a) || listen(ls, 4096))
    return perror("relay"), 1;
  ep = epoll_create1(0);
  epoll_event e{};
  e.events = EPOLLIN;
  epoll_ctl(ep, EPOLL_CTL_ADD, ls, &e);
  std::vector<char> buf(256 * 1024);
  while (time(nullptr) < until) {
    epoll_event ev[256];
    int n = epoll_wait(ep, ev, 256, 200);
    for (int i = 0; i < n; i++) {
      if (!ev[i].data.ptr) {
        int fd;
        while ((fd = accept4(ls, nullptr, nullptr, SOCK_NONBLOCK)) >= 0) {
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          Peer* p = new Peer; // lives as long as the process: a benchmark tool
          p->fd = fd;
          e.data.ptr = p;
          e.events = EPOLLIN;
          epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
        }
        continue;
      }
      Peer& p = *static_cast<Peer*>(ev[i].data.ptr);
      if (ev[i].events & EPOLLOUT)
        flush(p);
      if (!(ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        continue;
      ssize_t r = recv(p.fd, buf.data(), buf.size(), 0);
      if (r < 0 && errno == EAGAIN)
        continue;
      if (r <= 0) {
        close(p.fd);
        p.fd = -1;
        continue;
      }
      std::string_view b(buf.data(), size_t(r));
      if (raw && p.to) { // one read, one write
        p.to->out.append(b);
        flush(*p.to);
        continue;
      }
      bool joined = !p.in.empty();
      if (joined) {
        p.in.append(b);
        b = p.in;
      }
      size_t body, len;
      while ((len = frame(b, body))) {
        std::string_view pk = b.substr(0, len);
        switch (uint8_t(pk[0]) >> 4) {
        case 1:
          p.out.append("\x20\x02\0\0", 4);
          mark(p);
          break;
        case 8:
          topics[std::string(topicAt(pk.substr(body + 2)))] = &p;
          p.out.append("\x90\x03", 2).append(pk.substr(body, 2)).append(1, '\0');
          mark(p);
          break;
        case 3:
          if (auto it = topics.find(topicAt(pk.substr(body))); it != topics.end()) {
            it->second->out.append(raw ? b : pk);
            mark(*it->second);
            if (raw) {
              p.to = it->second;
              len = b.size();
            }
          }
          break;
        case 12:
          p.out.append("\xD0\0", 2);
          mark(p);
          break;
        default:
          break;
        }
        b.remove_prefix(len);
      }
      if (joined)
        p.in.erase(0, p.in.size() - b.size());
      else
        p.in.assign(b);
    }
    for (size_t i = 0; i < dirty.size(); i++)
      flush(*dirty[i]);
    dirty.clear();
  }
}
