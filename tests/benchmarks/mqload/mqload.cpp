// mqload - a small MQTT 3.1.1 / 5.0 load generator for loopback benchmarks.
//
// One epoll loop per thread. What keeps it cheap per message: PUBLISH packets
// are encoded once and only patched (time, sequence, packet id); everything a
// batch of events causes to be sent to one connection leaves in one send();
// reads go to one large shared buffer; the clock is read once per batch.
//
// Every payload starts with: u64 send time (ns, CLOCK_MONOTONIC), u32 publisher,
// u32 sequence. Receivers use them for latency, loss and duplicates.
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <fcntl.h>
#include <functional>
#include <map>
#include <memory>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using Bytes = std::string;

static constexpr u64 kSec = 1000000000ull;
static constexpr size_t kHead = 16; // bytes of payload we fill in
static constexpr size_t kReadBuf = 512 * 1024;

static u64 nowNs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return u64(t.tv_sec) * kSec + u64(t.tv_nsec);
}

static std::string fmt(const char* f, ...) {
  char b[2048];
  va_list ap;
  va_start(ap, f);
  vsnprintf(b, sizeof b, f, ap);
  va_end(ap);
  return b;
}

// ---------------------------------------------------------------- options

struct Opt {
  std::string name, def, help;
};
static const std::vector<Opt> kOptions = {
  {"host", "127.0.0.1", "broker address; only 127.0.0.0/8 is accepted"},
  {"port", "1883", "broker port"},
  {"broker", "?", "label for the JSON line"},
  {"broker-pid", "0", "process whose CPU and RSS are read from /proc"},
  {"threads", "1",
    "independent groups of the scenario, one thread each (p2p, fanout, fanin, shared)"},
  {"pubs", "10", "publishers (p2p and latency: publisher/subscriber pairs)"},
  {"subs", "10", "subscribers (fanout, fanin, shared, wildcard, offline)"},
  {"conns", "10000", "connections of idle"},
  {"parallel", "50", "connections being opened at once"},
  {"src-addrs", "0",
    "spread client sockets over this many 127.1.x.y source addresses (0: none; idle, connect: as "
    "needed)"},
  {"qos", "0", "QoS of publishing and of the subscription"},
  {"sub-qos", "-1", "QoS of the subscription when other than --qos"},
  {"payload", "64", "payload bytes, at least 16"},
  {"persistent", "0", "1: subscribers of p2p, fanout, fanin and shared have persistent sessions"},
  {"window", "50", "undelivered (and unacknowledged) messages allowed per publisher"},
  {"rate", "2000", "messages per second in all (latency)"},
  {"spin", "100",
    "latency: busy-poll this many microseconds before a message is due (a sleep wakes late)"},
  {"duration", "10", "seconds measured, at most 600"},
  {"warmup", "1", "seconds before measuring starts"},
  {"count", "0", "messages per publisher at most (0: only the time limits); connect: connections"},
  {"topics", "100000", "topics of retained, filters of wildcard, messages of offline"},
  {"keepalive", "60", "keep alive in seconds"},
  {"username", "", "user name"},
  {"password", "", "password"},
  {"prefix", "mqload", "first level of every topic and client id"},
};
static std::map<std::string, std::string> gOpt;
static bool gV5 = false;
static u64 num(const char* k) {
  return strtoull(gOpt.at(k).c_str(), nullptr, 10);
}
static const std::string& str(const char* k) {
  return gOpt.at(k);
}
static int gQos = 0, gSubQos = 0;
static size_t gPayload = 64;

[[noreturn]] static void die(const std::string& why) {
  printf("{\"scenario\":\"%s\",\"broker\":\"%s\",\"error\":\"%s\"}\n",
    gOpt.count("scenario") ? str("scenario").c_str() : "?",
    gOpt.count("broker") ? str("broker").c_str() : "?", why.c_str());
  exit(1);
}

// ---------------------------------------------------------------- measuring

// Latency histogram: 32 buckets per power of two (3 % resolution).
struct Hist {
  std::vector<u64> c = std::vector<u64>(60 * 32);
  u64 n = 0, max = 0;
  static u32 index(u64 v) {
    if (v < 32)
      return u32(v);
    int e = 63 - __builtin_clzll(v);
    return u32((e - 4) << 5) | u32((v >> (e - 5)) & 31);
  }
  void add(u64 v) {
    n++;
    if (v > max)
      max = v;
    c[index(v)]++;
  }
  void merge(const Hist& o) {
    for (size_t i = 0; i < c.size(); i++)
      c[i] += o.c[i];
    n += o.n;
    max = std::max(max, o.max);
  }
  double quantileUs(double q) const {
    u64 want = u64(q * double(n)), seen = 0;
    for (size_t i = 0; i < c.size(); i++) {
      seen += c[i];
      if (c[i] && seen > want) {
        if (i < 32)
          return double(i) / 1e3;
        int e = int(i >> 5) + 4;
        u64 lo = u64(32 + (i & 31)) << (e - 5), width = 1ull << (e - 5);
        return double(std::min(lo + width / 2, max)) / 1e3;
      }
    }
    return double(max) / 1e3;
  }
  std::string json() const {
    if (!n)
      return "";
    return fmt(",\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f",
      quantileUs(.5), quantileUs(.9), quantileUs(.99), quantileUs(.999), double(max) / 1e3);
  }
};

// CPU and memory of the broker process (all its threads), and our own CPU.
struct Usage {
  double user = 0, sys = 0, self = 0;
  u64 rss = 0, when = 0;
  static Usage read() {
    Usage u;
    u.when = nowNs();
    rusage r;
    getrusage(RUSAGE_SELF, &r);
    u.self = double(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
             double(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
    u64 pid = num("broker-pid");
    if (!pid)
      return u;
    char b[4096];
    if (FILE* f = fopen(fmt("/proc/%lu/stat", pid).c_str(), "r")) {
      size_t n = fread(b, 1, sizeof b - 1, f);
      fclose(f);
      b[n] = 0;
      unsigned long ut = 0, st = 0;
      if (const char* p = strrchr(b, ')'))
        sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st);
      u.user = double(ut) / double(sysconf(_SC_CLK_TCK));
      u.sys = double(st) / double(sysconf(_SC_CLK_TCK));
    }
    if (FILE* f = fopen(fmt("/proc/%lu/status", pid).c_str(), "r")) {
      unsigned long kb;
      while (fgets(b, sizeof b, f))
        if (sscanf(b, "VmRSS: %lu", &kb) == 1)
          u.rss = kb * 1024;
      fclose(f);
    }
    return u;
  }
};
static std::string cpuJson(const Usage& a, const Usage& b, double messages) {
  double cpu = b.user + b.sys - a.user - a.sys;
  std::string s =
    fmt(",\"cpu_s\":%.2f,\"cpu_user_s\":%.2f,\"cpu_sys_s\":%.2f,\"gen_cpu_s\":%.2f,\"rss_mb\":%.1f",
      cpu, b.user - a.user, b.sys - a.sys, b.self - a.self, double(b.rss) / 1048576);
  if (messages > 0)
    s += fmt(",\"cpu_s_per_million\":%.3f", cpu * 1e6 / messages);
  return s;
}

// ---------------------------------------------------------------- packets

static void put16(Bytes& b, u32 v) {
  b += char(v >> 8);
  b += char(v);
}
static void put32(Bytes& b, u32 v) {
  put16(b, v >> 16);
  put16(b, v);
}
static void putStr(Bytes& b, const std::string& s) {
  put16(b, u32(s.size()));
  b += s;
}
static Bytes packet(u8 head, const Bytes& body) {
  Bytes b(1, char(head));
  size_t n = body.size();
  do {
    b += char((n & 127) | (n > 127 ? 128 : 0));
    n >>= 7;
  } while (n);
  return b + body;
}
static Bytes connectPacket(const std::string& id, bool clean) {
  Bytes b;
  putStr(b, "MQTT");
  u8 flags = clean ? 2 : 0;
  if (!str("username").empty())
    flags |= 0x80;
  if (!str("password").empty())
    flags |= 0x40;
  b += char(gV5 ? 5 : 4);
  b += char(flags);
  put16(b, u32(num("keepalive")));
  if (gV5 && !clean) {
    b += char(5); // a persistent session: Session Expiry Interval of an hour
    b += char(0x11);
    put32(b, 3600);
  } else if (gV5) {
    b += char(0);
  }
  putStr(b, id);
  if (flags & 0x80)
    putStr(b, str("username"));
  if (flags & 0x40)
    putStr(b, str("password"));
  return packet(0x10, b);
}
static Bytes subscribePacket(u16 pid, const std::string* f, size_t n) {
  Bytes b;
  put16(b, pid);
  if (gV5)
    b += char(0);
  for (size_t i = 0; i < n; i++) {
    putStr(b, f[i]);
    b += char(gSubQos);
  }
  return packet(0x82, b);
}
// The payload stays at the end, so that it and the packet id can be patched.
static Bytes publishPacket(const std::string& topic, int qos, bool retain, size_t payload) {
  Bytes b;
  putStr(b, topic);
  if (qos)
    put16(b, 0);
  if (gV5)
    b += char(0);
  for (size_t i = 0; i < payload; i++)
    b += char('a' + i % 26);
  return packet(u8(0x30 | qos << 1 | (retain ? 1 : 0)), b);
}
// Reads a variable byte integer; 0 when it is incomplete, else its length.
static u32 getVar(const u8* p, const u8* end, u32& v) {
  v = 0;
  for (u32 i = 0; i < 4 && p + i < end; i++) {
    v |= u32(p[i] & 127) << (7 * i);
    if (p[i] < 128)
      return i + 1;
  }
  return 0;
}
// Receive Maximum out of the properties of a CONNACK (65535 when absent).
static u32 receiveMaximum(const u8* p, const u8* end) {
  u32 len;
  u32 k = getVar(p, end, len);
  if (!k)
    return 65535;
  for (p += k; p < end;) {
    u8 id = *p++;
    auto skipStr = [&] { p += end - p >= 2 ? 2 + (p[0] << 8 | p[1]) : 2; };
    switch (id) {
    case 0x21:
      return u32(p[0] << 8 | p[1]);
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2A:
      p += 1;
      break;
    case 0x13:
    case 0x22:
      p += 2;
      break;
    case 0x11:
    case 0x27:
      p += 4;
      break;
    case 0x26:
      skipStr();
      skipStr();
      break;
    default:
      skipStr();
    }
  }
  return 65535;
}

// ---------------------------------------------------------------- connections

struct Pub;
struct Conn {
  enum State : u8 { Closed, Opening, Waiting, Ready };
  int fd = -1;
  u32 id = 0;
  State state = Closed;
  bool wantOut = false, dirty = false, clean = true;
  u32 subPending = 0;  // SUBACKs awaited
  u32 recvMax = 65535; // how many unacknowledged PUBLISH the broker takes
  Pub* pub = nullptr;
  Bytes out; // bytes to send, the first outPos already sent
  size_t outPos = 0;
  Bytes rest; // an incomplete packet from the last read
  u64 opened = 0, received = 0;
  struct Order {
    u32 next = 0;    // sequence expected of this publisher
    u64 missing = 0; // bit k: next-1-k has not come (to tell late from twice)
  };
  std::vector<Order> order; // Ordered, Open: one for each publisher
  std::string clientId;
  std::vector<std::string> filters;
};

// A publisher and its window. A message is settled when all `fan` deliveries
// were seen; base is the first unsettled sequence.
struct Pub {
  Conn* c = nullptr;
  u32 id = 0, fan = 1, window = 1, limit = ~0u;
  u32 sent = 0, acked = 0, base = 0;
  u16 pid = 0;
  int qos = 0;
  bool queued = false;
  std::vector<Bytes> packets; // used in turn
  std::vector<u32> left;      // ring: deliveries still awaited, by sequence
  size_t mask = 0;
  bool idle() const { return (fan == 0 || base == sent) && (!qos || acked == sent); }
};

// How a delivery is accounted for.
enum class Track {
  Ordered, // every subscriber gets every message of a publisher, in order
  Any,     // some subscriber gets it (shared subscription, wildcard)
  Seen,    // a bitmap by sequence, no window (retained, offline)
  Open     // as Ordered, without a window (open loop)
};

class Loop {
public:
  std::deque<Conn> conns;
  std::deque<Pub> pubs;
  Track track = Track::Ordered;
  Hist hist, lag;
  u64 now = 0, received = 0, bytes = 0, lost = 0, dup = 0, reordered = 0, errors = 0, ready = 0,
      pongs = 0;
  std::vector<bool> seen;
  bool strict = true, filling = false, stalled = false; // strict: a lost connection ends the run
  std::function<void(Conn&)> onConnack, onClosed;
  // Snapshots at the start and the end of the measured time.
  u64 recv0 = 0, recv1 = 0, bytes0 = 0, bytes1 = 0, sent0 = 0, sent1 = 0;
  Usage use0, use1;

  Loop() : ep_(epoll_create1(EPOLL_CLOEXEC)), buf_(kReadBuf) { now = nowNs(); }

  Conn& addConn(const std::string& id) {
    conns.emplace_back();
    Conn& c = conns.back();
    c.id = u32(conns.size() - 1);
    c.clientId = id;
    return c;
  }
  Pub& addPub(const std::string& id, std::vector<Bytes> packets, int qos, u32 fan, u32 window) {
    Conn& c = addConn(id);
    pubs.emplace_back();
    Pub& p = pubs.back();
    p.c = &c;
    c.pub = &p;
    p.id = u32(pubs.size() - 1);
    p.packets = std::move(packets);
    p.qos = qos;
    p.fan = fan;
    p.window = std::max(1u, window);
    if (num("count"))
      p.limit = u32(num("count"));
    size_t ring = 1;
    while (ring < p.window)
      ring *= 2;
    p.left.assign(ring, 0);
    p.mask = ring - 1;
    return p;
  }

  void open(Conn& c) {
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c.fd < 0)
      die(fmt("socket: %s", strerror(errno)));
    int one = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    if (u64 n = num("src-addrs")) {
      setsockopt(c.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
      a.sin_addr.s_addr = htonl(0x7F010001u + u32(nextSrc_++ % n));
      if (bind(c.fd, reinterpret_cast<sockaddr*>(&a), sizeof a))
        die(fmt("bind: %s", strerror(errno)));
    }
    a.sin_port = htons(u16(num("port")));
    inet_pton(AF_INET, str("host").c_str(), &a.sin_addr);
    c.opened = nowNs();
    c.out = connectPacket(c.clientId, c.clean);
    c.outPos = 0;
    c.rest.clear();
    c.state = Conn::Opening;
    c.wantOut = true;
    if (connect(c.fd, reinterpret_cast<sockaddr*>(&a), sizeof a) && errno != EINPROGRESS)
      die(fmt("connect: %s", strerror(errno)));
    epoll_event e{};
    e.events = EPOLLIN | EPOLLOUT;
    e.data.ptr = &c;
    epoll_ctl(ep_, EPOLL_CTL_ADD, c.fd, &e);
  }
  // Says DISCONNECT and closes.
  void close(Conn& c) {
    if (c.fd < 0)
      return;
    if (c.state == Conn::Ready) {
      queue(c, Bytes("\xE0\0", 2));
      flush(c);
    }
    if (c.fd >= 0)
      ::close(c.fd);
    c.fd = -1;
    c.state = Conn::Closed;
    c.wantOut = false;
    c.out.clear();
    c.outPos = 0;
  }
  // Opens connections, `parallel` at a time; returns when all are subscribed.
  void openAll(std::vector<Conn*> list, u64 timeout = 120 * kSec) {
    ready = 0;
    size_t next = 0, k = std::max<u64>(1, num("parallel"));
    bool ok = pump(nowNs() + timeout, [&] {
      while (next < list.size() && next < ready + k)
        open(*list[next++]);
      return ready == list.size();
    });
    if (!ok)
      die(fmt("only %lu of %zu connections were set up in time", ready, list.size()));
  }
  void openAll() {
    std::vector<Conn*> l;
    for (Conn& c : conns)
      l.push_back(&c);
    openAll(l);
  }

  void queue(Conn& c, const Bytes& b) {
    c.out += b;
    mark(c);
  }

  // One round: wait for events, handle them, refill windows, send.
  void step(u64 waitNs) {
    epoll_event ev[512];
    timespec t{time_t(waitNs / kSec), long(waitNs % kSec)};
    int n = epoll_pwait2(ep_, ev, 512, &t, nullptr);
    for (int i = 0; i < n; i++) {
      Conn& c = *static_cast<Conn*>(ev[i].data.ptr);
      if (c.fd < 0)
        continue;
      if (ev[i].events & EPOLLOUT) {
        if (c.state == Conn::Opening)
          c.state = Conn::Waiting;
        flush(c);
      }
      if (c.fd >= 0 && (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        readable(c);
    }
    now = nowNs();
    sendQueued();
  }
  void sendQueued() {
    for (size_t i = 0; i < queued_.size(); i++) {
      queued_[i]->queued = false;
      if (filling)
        fill(*queued_[i]);
    }
    queued_.clear();
    for (size_t i = 0; i < dirty_.size(); i++) {
      dirty_[i]->dirty = false;
      if (dirty_[i]->fd >= 0 && dirty_[i]->state != Conn::Opening)
        flush(*dirty_[i]);
    }
    dirty_.clear();
  }
  // Steps until done() or the deadline; true when done.
  bool pump(u64 deadline, const std::function<bool()>& done) {
    while (!done()) {
      now = nowNs();
      if (now >= deadline)
        return false;
      sendQueued();
      step(std::min<u64>(deadline - now, kSec / 100));
    }
    return true;
  }

  // Appends one message of p with the given send time.
  void sendOne(Pub& p, u64 ts) {
    const Bytes& t = p.packets.size() == 1 ? p.packets[0] : p.packets[p.sent % p.packets.size()];
    Bytes& o = p.c->out;
    size_t at = o.size();
    o.append(t);
    char* pay = &o[at + t.size() - gPayload];
    memcpy(pay, &ts, 8);
    memcpy(pay + 8, &p.id, 4);
    memcpy(pay + 12, &p.sent, 4);
    if (p.qos) {
      if (++p.pid == 0)
        p.pid = 1;
      char* q = pay - (gV5 ? 3 : 2);
      q[0] = char(p.pid >> 8);
      q[1] = char(p.pid);
    }
    p.left[p.sent & p.mask] = p.fan;
    p.sent++;
    mark(*p.c);
  }
  // Sends as much as the window allows.
  void fill(Pub& p) {
    u32 used = p.fan ? p.sent - p.base : 0;
    u32 room = p.window > used ? p.window - used : 0;
    if (p.qos) {
      u32 w = std::min(p.window, p.c->recvMax), un = p.sent - p.acked;
      room = std::min(room, w > un ? w - un : 0);
    }
    room = std::min(room, p.limit - p.sent);
    if (!room || p.c->out.size() - p.c->outPos > (4u << 20))
      return;
    u64 ts = nowNs();
    while (room--)
      sendOne(p, ts);
  }

  u64 sent() const {
    u64 n = 0;
    for (const Pub& p : pubs)
      n += p.sent;
    return n;
  }
  u64 acked() const {
    u64 n = 0;
    for (const Pub& p : pubs)
      n += p.acked;
    return n;
  }
  bool allIdle() const {
    for (const Pub& p : pubs)
      if (!p.idle())
        return false;
    return true;
  }

  // The closed-loop run: warm up, measure, stop sending, drain, count losses.
  void runWindowed(u64 start, u64 measure, u64 end) {
    while ((now = nowNs()) < start)
      step(start - now);
    filling = true;
    for (Pub& p : pubs)
      fill(p);
    bool measuring = false;
    u64 mark = received + acked(), markTime = now;
    while (true) {
      sendQueued();
      step(kSec / 100);
      if (!measuring && now >= measure) {
        measuring = true;
        begin();
      }
      bool limit = true;
      for (Pub& p : pubs)
        limit &= p.sent == p.limit && p.idle();
      if (now >= end || limit)
        break;
      if (now - markTime > 2 * kSec) { // no progress in two seconds: stop
        if (received + acked() == mark) {
          stalled = true;
          break;
        }
        mark = received + acked();
        markTime = now;
      }
    }
    if (!measuring)
      begin();
    finish();
    filling = false;
    u64 quiet = nowNs(), last = received + acked();
    pump(nowNs() + 30 * kSec, [&] {
      if (received + acked() != last) {
        last = received + acked();
        quiet = now;
      }
      return allIdle() || now > quiet + 3 * kSec;
    });
    for (Pub& p : pubs)
      if (p.fan)
        for (u32 s = p.base; s != p.sent; s++)
          lost += p.left[s & p.mask];
  }
  void begin() {
    hist = Hist();
    recv0 = received;
    bytes0 = bytes;
    sent0 = sent();
    use0 = Usage::read();
  }
  void finish() {
    recv1 = received;
    bytes1 = bytes;
    sent1 = sent();
    use1 = Usage::read();
  }

private:
  int ep_;
  std::vector<u8> buf_;
  std::vector<Conn*> dirty_;
  std::vector<Pub*> queued_;
  u64 nextSrc_ = 0;

  void mark(Conn& c) {
    if (!c.dirty) {
      c.dirty = true;
      dirty_.push_back(&c);
    }
  }
  void refill(Pub& p) {
    if (!p.queued) {
      p.queued = true;
      queued_.push_back(&p);
    }
  }
  void interest(Conn& c, bool out) {
    if (c.wantOut == out)
      return;
    c.wantOut = out;
    epoll_event e{};
    e.events = EPOLLIN | (out ? u32(EPOLLOUT) : 0u);
    e.data.ptr = &c;
    epoll_ctl(ep_, EPOLL_CTL_MOD, c.fd, &e);
  }
  void flush(Conn& c) {
    while (c.outPos < c.out.size()) {
      ssize_t n = send(c.fd, c.out.data() + c.outPos, c.out.size() - c.outPos, MSG_NOSIGNAL);
      if (n > 0) {
        c.outPos += size_t(n);
        continue;
      }
      if (errno == EINTR)
        continue;
      if (errno != EAGAIN)
        return closed(c, errno);
      if (c.outPos > (1u << 20)) {
        c.out.erase(0, c.outPos);
        c.outPos = 0;
      }
      return interest(c, true);
    }
    c.out.clear();
    c.outPos = 0;
    interest(c, false);
  }
  void closed(Conn& c, int e) {
    errors++;
    if (strict)
      die(fmt(
        "connection %s lost: %s", c.clientId.c_str(), e ? strerror(e) : "closed by the broker"));
    ::close(c.fd);
    c.fd = -1;
    c.state = Conn::Closed;
    if (onClosed)
      onClosed(c);
  }

  void readable(Conn& c) {
    size_t have = c.rest.size();
    if (have)
      memcpy(buf_.data(), c.rest.data(), have);
    ssize_t n = recv(c.fd, buf_.data() + have, buf_.size() - have, 0);
    if (n <= 0) {
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      return closed(c, n < 0 ? errno : 0);
    }
    now = nowNs();
    size_t all = have + size_t(n), used = parse(c, buf_.data(), all);
    if (c.fd < 0)
      return;
    if (used < all)
      c.rest.assign(reinterpret_cast<char*>(buf_.data()) + used, all - used);
    else if (have)
      c.rest.clear();
  }
  size_t parse(Conn& c, const u8* start, size_t size) {
    const u8 *p = start, *end = start + size;
    while (end - p >= 2) {
      u32 len = p[1], k = 1;
      if (len >= 128 && !(k = getVar(p + 1, end, len)))
        break;
      const u8* b = p + 1 + k;
      if (size_t(end - b) < len)
        break;
      handle(c, p[0], b, len);
      if (c.fd < 0)
        return size;
      p = b + len;
    }
    return size_t(p - start);
  }
  void answer(Conn& c, u8 head, const u8* pid) {
    char a[4] = {char(head), 2, char(pid[0]), char(pid[1])};
    c.out.append(a, 4);
    mark(c);
  }
  void handle(Conn& c, u8 head, const u8* b, u32 len) {
    switch (head >> 4) {
    case 3:
      return publish(c, head, b, len);
    case 4:
    case 7: // PUBACK, PUBCOMP: the broker is done with the message
      if (len > 2 && b[2] >= 0x80)
        errors++;
      if (c.pub) {
        c.pub->acked++;
        refill(*c.pub);
      }
      return;
    case 5:
      return answer(c, 0x62, b); // PUBREC -> PUBREL
    case 6:
      return answer(c, 0x70, b); // PUBREL -> PUBCOMP
    case 2: {                    // CONNACK
      if (len < 2 || b[1])
        die(fmt("connection refused, code %u", len < 2 ? 0 : b[1]));
      if (gV5)
        c.recvMax = receiveMaximum(b + 2, b + len);
      c.state = Conn::Ready;
      if (onConnack)
        return onConnack(c);
      for (size_t i = 0; i < c.filters.size(); i += 50) {
        queue(c, subscribePacket(
                   u16(++c.subPending), &c.filters[i], std::min<size_t>(50, c.filters.size() - i)));
      }
      if (!c.subPending)
        ready++;
      return;
    }
    case 9: // SUBACK
      for (u32 i = gV5 ? 3 : 2; i < len; i++)
        if (b[i] >= 0x80)
          die(fmt("subscription refused, code %u", b[i]));
      if (--c.subPending == 0)
        ready++;
      return;
    case 13:
      pongs++;
      return;
    case 14:
      die(fmt("the broker sent DISCONNECT, code %u", len ? b[0] : 0));
    default:
      die(fmt("unexpected packet type %u", head >> 4));
    }
  }
  void publish(Conn& c, u8 head, const u8* b, u32 len) {
    u8 qos = (head >> 1) & 3;
    const u8 *end = b + len, *q = b + 2 + (b[0] << 8 | b[1]);
    if (qos) {
      answer(c, qos == 1 ? 0x40 : 0x50, q);
      q += 2;
    }
    if (gV5) {
      u32 props;
      u32 k = getVar(q, end, props);
      q += k + props;
    }
    if (q + kHead > end)
      return void(errors++);
    u64 ts;
    u32 pub, seq;
    memcpy(&ts, q, 8);
    memcpy(&pub, q + 8, 4);
    memcpy(&seq, q + 12, 4);
    if (pub >= pubs.size())
      return void(errors++);
    received++;
    c.received++;
    bytes += size_t(end - q);
    if (track == Track::Seen) {
      if (seq >= seen.size() || seen[seq])
        return void(dup++);
      seen[seq] = true;
      return;
    }
    hist.add(now > ts ? now - ts : 0);
    Pub& p = pubs[pub];
    if (track == Track::Any) {
      if (seq - p.base >= p.sent - p.base || !p.left[seq & p.mask])
        return void(dup++);
      return settle(p, seq);
    }
    Conn::Order& o = c.order[pub];
    if (seq < o.next) { // late, or twice
      u32 k = o.next - 1 - seq;
      if (k > 63 || !(o.missing >> k & 1))
        return void(dup++);
      o.missing &= ~(1ull << k);
      reordered++;
      lost--;
      return;
    }
    for (; o.next < seq; o.next++) { // a gap: lost, unless it comes later
      lost++;
      o.missing = o.missing << 1 | 1;
      if (track == Track::Ordered)
        settle(p, o.next);
    }
    o.next = seq + 1;
    o.missing <<= 1;
    if (track == Track::Ordered)
      settle(p, seq);
  }
  void settle(Pub& p, u32 seq) {
    if (--p.left[seq & p.mask] || seq != p.base)
      return;
    while (p.base != p.sent && !p.left[p.base & p.mask])
      p.base++;
    refill(p);
  }
};

// ---------------------------------------------------------------- scenarios

static std::string head() {
  return fmt("{\"scenario\":\"%s\",\"broker\":\"%s\",\"v\":%d,\"qos\":%d,\"payload\":%zu",
    str("scenario").c_str(), str("broker").c_str(), gV5 ? 5 : 4, gQos, gPayload);
}
static std::string uid(const char* role, size_t t, size_t i) {
  return fmt("%s-%s-%d-%zu-%zu", str("prefix").c_str(), role, int(getpid()), t, i);
}
static double secs(u64 a, u64 b) {
  return double(b - a) / double(kSec);
}
static double rate(double n, double s) {
  return s > 0 ? n / s : 0;
}

// p2p, fanout, fanin, shared: closed loop, one independent group per thread.
static void windowed() {
  const std::string sc = str("scenario");
  size_t threads = std::max<u64>(1, num("threads")), np = num("pubs"),
         ns = sc == "p2p" ? np : num("subs");
  std::vector<std::unique_ptr<Loop>> loops;
  for (size_t t = 0; t < threads; t++) {
    loops.push_back(std::make_unique<Loop>());
    Loop& l = *loops.back();
    size_t p = np / threads + (t < np % threads),
           s = sc == "p2p" ? p : ns / threads + (t < ns % threads);
    if (!p || !s)
      die("fewer publishers or subscribers than threads");
    l.track = sc == "shared" ? Track::Any : Track::Ordered;
    u32 fan = sc == "fanout" || sc == "fanin" ? u32(s) : 1;
    std::string base = fmt("%s/%s/%d/%zu", str("prefix").c_str(), sc.c_str(), int(getpid()), t);
    for (size_t i = 0; i < s; i++) {
      Conn& c = l.addConn(uid("s", t, i));
      c.clean = num("persistent") == 0;
      c.order.resize(p);
      if (sc == "p2p")
        c.filters = {fmt("%s/%zu", base.c_str(), i)};
      if (sc == "fanout")
        c.filters = {base + "/all"};
      if (sc == "fanin")
        c.filters = {base + "/+"};
      if (sc == "shared")
        c.filters = {"$share/g/" + base + "/+"};
    }
    for (size_t i = 0; i < p; i++) {
      std::string topic = sc == "fanout" ? base + "/all" : fmt("%s/%zu", base.c_str(), i);
      l.addPub(uid("p", t, i), {publishPacket(topic, gQos, false, gPayload)}, gQos, fan,
        u32(num("window")));
    }
    l.openAll();
  }
  u64 start = nowNs() + kSec / 20, measure = start + num("warmup") * kSec,
      end = measure + num("duration") * kSec;
  std::vector<std::thread> th;
  for (size_t t = 1; t < threads; t++)
    th.emplace_back([&, t] { loops[t]->runWindowed(start, measure, end); });
  loops[0]->runWindowed(start, measure, end);
  for (auto& t : th)
    t.join();
  Hist h;
  u64 recv = 0, bytes = 0, sent = 0, lost = 0, dup = 0, errors = 0, reordered = 0;
  bool stalled = false;
  std::string members;
  for (auto& l : loops) {
    h.merge(l->hist);
    recv += l->recv1 - l->recv0;
    bytes += l->bytes1 - l->bytes0;
    sent += l->sent1 - l->sent0;
    lost += l->lost;
    dup += l->dup;
    reordered += l->reordered;
    errors += l->errors;
    stalled |= l->stalled;
    for (Conn& c : l->conns)
      if (!c.pub)
        members += fmt("%s%lu", members.empty() ? "" : ",", c.received);
    for (Conn& c : l->conns)
      l->close(c);
  }
  Loop& l = *loops[0];
  double d = secs(l.use0.when, l.use1.when);
  std::string s =
    head() + fmt(",\"pubs\":%zu,\"subs\":%zu,\"window\":%lu,\"threads\":%zu,\"sent\":%lu,\"recv\":%"
                 "lu,\"lost\":%lu,"
                 "\"dup\":%lu,\"reordered\":%lu,\"errors\":%lu,\"stalled\":%s,\"dur_s\":%.3f,\"msg_"
                 "s\":%.0f,\"mb_s\":%.2f",
               np, ns, num("window"), threads, sent, recv, lost, dup, reordered, errors,
               stalled ? "true" : "false", d, double(recv) / d, double(bytes) / d / 1e6);
  s += h.json() + cpuJson(l.use0, l.use1, double(recv));
  if (sc == "shared")
    s += ",\"members\":[" + members + "]";
  puts((s + "}").c_str());
}

// latency: open loop at a fixed rate. The time in the payload is when the
// message was due, so a stall of the broker is charged to all it delayed.
static void latency() {
  Loop l;
  l.track = Track::Open;
  size_t n = num("pubs");
  std::string base = fmt("%s/lat/%d", str("prefix").c_str(), int(getpid()));
  for (size_t i = 0; i < n; i++) {
    Conn& c = l.addConn(uid("s", 0, i));
    c.order.resize(n);
    c.filters = {fmt("%s/%zu", base.c_str(), i)};
  }
  for (size_t i = 0; i < n; i++)
    l.addPub(uid("p", 0, i), {publishPacket(fmt("%s/%zu", base.c_str(), i), gQos, false, gPayload)},
      gQos, 1, 1);
  l.openAll();
  prctl(PR_SET_TIMERSLACK, 1000);
  u64 spin = num("spin") * 1000;
  double gap = double(kSec) / double(std::max<u64>(1, num("rate")));
  u64 start = nowNs() + kSec / 20, measure = start + num("warmup") * kSec,
      end = measure + num("duration") * kSec, k = 0;
  bool measuring = false;
  while ((l.now = nowNs()) < end) {
    if (!measuring && l.now >= measure) {
      measuring = true;
      l.begin();
      l.lag = Hist();
    }
    u64 due;
    while ((due = start + u64(gap * double(k))) <= l.now) {
      l.lag.add(l.now - due);
      l.sendOne(l.pubs[k++ % n], due);
    }
    l.sendQueued();
    u64 t = nowNs();
    u64 gapNs = due > t ? std::min(due, end) - t : 0;
    l.step(gapNs > spin ? gapNs - spin : 0);
  }
  l.finish();
  u64 sent = l.sent();
  l.pump(nowNs() + 3 * kSec, [&] { return l.received + l.lost >= sent; });
  u64 lost = sent > l.received - l.dup ? sent - (l.received - l.dup) : 0, recv = l.recv1 - l.recv0;
  double d = secs(l.use0.when, l.use1.when);
  std::string s = head() + fmt(",\"pubs\":%zu,\"rate\":%lu,\"sent\":%lu,\"recv\":%lu,\"lost\":%lu,"
                               "\"dup\":%lu,\"reordered\":%lu,\"errors\":%lu,\"dur_s\":%.3f,"
                               "\"msg_s\":%.0f,\"mb_s\":%.2f",
                             n, num("rate"), l.sent1 - l.sent0, recv, lost, l.dup, l.reordered,
                             l.errors, d, double(recv) / d, double(l.bytes1 - l.bytes0) / d / 1e6);
  puts((s + l.hist.json() + fmt(",\"send_lag_p99_us\":%.1f", l.lag.quantileUs(.99)) +
        cpuJson(l.use0, l.use1, double(recv)) + "}")
         .c_str());
}

// connect: open, CONNECT, CONNACK, DISCONNECT, close, again; latency is from
// connect() to CONNACK.
static void connectStorm() {
  Loop l;
  l.strict = false;
  u64 limit = num("count") ? num("count") : ~0ull, begun = 0, done = 0, done0 = 0, serial = 0;
  u64 measure = nowNs() + num("warmup") * kSec, end = measure + num("duration") * kSec;
  auto again = [&](Conn& c) {
    if (begun >= limit || nowNs() >= end || l.errors > 1000)
      return;
    begun++;
    c.clientId = uid("c", 0, serial++);
    l.open(c);
  };
  l.onConnack = [&](Conn& c) {
    l.hist.add(l.now - c.opened);
    done++;
    l.close(c);
    again(c);
  };
  l.onClosed = again;
  for (size_t i = 0; i < num("parallel"); i++)
    l.addConn("");
  for (Conn& c : l.conns)
    again(c);
  l.pump(measure, [] { return false; });
  l.begin();
  done0 = done;
  l.pump(end, [&] { return done >= limit; });
  l.finish();
  double d = secs(l.use0.when, l.use1.when), n = double(done - done0);
  l.pump(nowNs() + kSec, [&] { return done + l.errors >= begun; });
  puts((
    head() +
    fmt(",\"parallel\":%lu,\"sent\":%lu,\"recv\":%lu,\"errors\":%lu,\"dur_s\":%.3f,\"conn_s\":%.0f",
      num("parallel"), begun, done, l.errors, d, n / d) +
    l.hist.json() + cpuJson(l.use0, l.use1, n) + "}")
         .c_str());
}

// idle: many connections, one subscription each, pinging at half of keep alive.
static void idle() {
  Loop l;
  size_t n = num("conns");
  std::vector<Conn*> all;
  for (size_t i = 0; i < n; i++) {
    Conn& c = l.addConn(uid("i", 0, i));
    c.filters = {fmt("%s/idle/%d/%zu", str("prefix").c_str(), int(getpid()), i)};
    all.push_back(&c);
  }
  Usage before = Usage::read();
  l.openAll(all);
  double ramp = secs(before.when, nowNs());
  l.pump(nowNs() + 2 * kSec, [] { return false; });
  Usage up = Usage::read();
  l.begin();
  u64 start = nowNs(), end = start + num("duration") * kSec, pings = 0;
  double gap = double(std::max<u64>(1, num("keepalive"))) / 2 * double(kSec) / double(n);
  l.pump(end, [&] {
    for (; start + u64(gap * double(pings)) <= l.now; pings++)
      l.queue(*all[pings % n], Bytes("\xC0\0", 2));
    return false;
  });
  l.finish();
  l.pump(nowNs() + 3 * kSec, [&] { return l.pongs >= pings; });
  double d = secs(l.use0.when, l.use1.when),
         cpu = l.use1.user + l.use1.sys - l.use0.user - l.use0.sys;
  puts((head() +
        fmt(",\"conns\":%zu,\"ramp_conn_s\":%.0f,\"rss_before_mb\":%.1f,\"rss_after_mb\":%.1f,"
            "\"rss_per_conn_b\":%.0f,\"pings\":%lu,"
            "\"pongs\":%lu,\"dur_s\":%.3f,\"cpu_s_per_10s\":%.3f",
          n, double(n) / ramp, double(before.rss) / 1048576, double(up.rss) / 1048576,
          (double(up.rss) - double(before.rss)) / double(n), pings, l.pongs, d, cpu / d * 10) +
        cpuJson(l.use0, l.use1, 0) + "}")
         .c_str());
  for (Conn& c : l.conns)
    l.close(c);
}

// Publishes `n` messages at QoS >= 1, a window at a time; seconds to the last
// acknowledgement.
static double store(Loop& l, Pub& p, u32 n) {
  p.limit = p.sent + n;
  l.filling = true;
  u64 a = nowNs();
  l.fill(p);
  u64 mark = p.acked, at = nowNs();
  l.pump(a + num("duration") * 6 * kSec, [&] {
    if (p.acked != mark)
      mark = p.acked, at = l.now;
    return p.acked == p.limit || l.now > at + 5 * kSec;
  });
  l.filling = false;
  return secs(a, nowNs());
}
// Waits until `n` different messages were seen, or none came for three seconds.
static double collect(Loop& l, u64 n, u64 from) {
  u64 mark = l.received, at = from;
  l.pump(from + num("duration") * 6 * kSec, [&] {
    if (l.received != mark)
      mark = l.received, at = l.now;
    return l.received - l.dup >= n || l.now > at + 3 * kSec;
  });
  return secs(from, at);
}

// retained: store R messages, then one subscriber with '#' gets them all.
static void retained() {
  Loop l;
  l.track = Track::Seen;
  u32 n = u32(num("topics"));
  int qos = std::max(1, gQos); // acknowledged, else the end could not be known
  std::string base = fmt("%s/ret/%d", str("prefix").c_str(), int(getpid()));
  std::vector<Bytes> keep, clear;
  for (u32 i = 0; i < n; i++) {
    std::string t = fmt("%s/%u/%u", base.c_str(), i % 100, i);
    keep.push_back(publishPacket(t, qos, true, gPayload));
    clear.push_back(publishPacket(t, qos, true, 0));
  }
  Pub& p = l.addPub(uid("p", 0, 0), keep, qos, 0, u32(num("window")));
  Conn& s = l.addConn(uid("s", 0, 0));
  s.filters = {base + "/#"};
  l.seen.assign(n, false);
  l.openAll({p.c});
  Usage a = Usage::read();
  double st = store(l, p, n);
  u64 stored = p.acked;
  Usage b = Usage::read();
  u64 from = nowNs();
  l.open(s);
  double rt = collect(l, n, from);
  Usage c = Usage::read();
  u64 got = l.received, dup = l.dup;
  l.close(s);
  // Remove them again, so that the next run starts clean.
  for (u32 i = 0; i < n; i += 1000) {
    for (u32 k = i; k < std::min(n, i + 1000); k++) {
      Bytes q = clear[k];
      if (++p.pid == 0)
        p.pid = 1;
      size_t at = q.size() - (gV5 ? 3 : 2);
      q[at] = char(p.pid >> 8);
      q[at + 1] = char(p.pid);
      l.queue(*p.c, q);
    }
    u64 want = stored + std::min(n, i + 1000);
    if (!l.pump(nowNs() + 10 * kSec, [&] { return p.acked >= want; }))
      break;
  }
  puts((
    head() +
    fmt(",\"topics\":%u,\"stored\":%lu,\"store_s\":%.3f,\"store_msg_s\":%.0f,\"recv\":%lu,\"lost\":"
        "%lu,\"dup\":%lu,\"replay_s\":%.3f,"
        "\"replay_msg_s\":%.0f,\"store_cpu_s_per_million\":%.3f,\"replay_cpu_s_per_million\":%.3f,"
        "\"rss_per_msg_b\":%.0f",
      n, stored, st, rate(double(stored), st), got, n - (got - dup), dup, rt, rate(double(got), rt),
      (b.user + b.sys - a.user - a.sys) * 1e6 / double(std::max<u64>(1, stored)),
      (c.user + c.sys - b.user - b.sys) * 1e6 / double(std::max<u64>(1, got)),
      (double(b.rss) - double(a.rss)) / n) +
    cpuJson(a, c, 0) + "}")
         .c_str());
}

// wildcard: many distinct filters with + and #; every topic published matches
// exactly one of them.
static void wildcard() {
  Loop l;
  l.track = Track::Any;
  size_t n = num("topics"), ns = num("subs"), np = num("pubs");
  std::string pre = fmt("%s%d", str("prefix").c_str(), int(getpid()));
  const char* w = pre.c_str();
  std::vector<Conn*> subs;
  for (size_t i = 0; i < ns; i++)
    subs.push_back(&l.addConn(uid("s", 0, i)));
  std::vector<std::vector<Bytes>> packets(np);
  for (size_t i = 0; i < n; i++) {
    size_t k = (i * 7919) % n; // a fixed shuffle, so that neighbours differ
    std::string f, t;
    switch (k % 4) {
    case 0:
      f = fmt("%s/a%zu/+/c", w, k), t = fmt("%s/a%zu/x/c", w, k);
      break;
    case 1:
      f = fmt("%s/+/b%zu/d", w, k), t = fmt("%s/q/b%zu/d", w, k);
      break;
    case 2:
      f = fmt("%s/a%zu/#", w, k), t = fmt("%s/a%zu/p/q", w, k);
      break;
    default:
      f = fmt("+/%s/b%zu/#", w, k), t = fmt("z/%s/b%zu/r", w, k);
    }
    subs[i % ns]->filters.push_back(f);
    packets[i % np].push_back(publishPacket(t, gQos, false, gPayload));
  }
  for (size_t i = 0; i < np; i++)
    l.addPub(uid("p", 0, i), packets[i], gQos, 1, u32(num("window")));
  Usage before = Usage::read();
  l.openAll();
  Usage up = Usage::read();
  u64 start = nowNs() + kSec / 20, measure = start + num("warmup") * kSec;
  l.runWindowed(start, measure, measure + num("duration") * kSec);
  double d = secs(l.use0.when, l.use1.when), recv = double(l.recv1 - l.recv0);
  puts((
    head() +
    fmt(",\"filters\":%zu,\"subs\":%zu,\"pubs\":%zu,\"window\":%lu,\"subscribe_s\":%.3f,"
        "\"subscribe_per_s\":%.0f,\"rss_per_filter_b\":%.0f,"
        "\"sent\":%lu,\"recv\":%.0f,\"lost\":%lu,\"dup\":%lu,\"errors\":%lu,\"stalled\":%s,\"dur_"
        "s\":%.3f,\"msg_s\":%.0f",
      n, ns, np, num("window"), secs(before.when, up.when), double(n) / secs(before.when, up.when),
      (double(up.rss) - double(before.rss)) / double(n), l.sent1 - l.sent0, recv, l.lost, l.dup,
      l.errors, l.stalled ? "true" : "false", d, recv / d) +
    l.hist.json() + cpuJson(l.use0, l.use1, recv) + "}")
         .c_str());
  for (Conn& c : l.conns)
    l.close(c);
}

// offline: persistent sessions go away, messages are queued for them, they
// come back and fetch them.
static void offline() {
  Loop l;
  l.track = Track::Seen;
  size_t ns = num("subs");
  u32 n = u32(num("topics"));
  gQos = gSubQos = std::max(1, gQos);
  std::vector<Conn*> subs;
  std::vector<Bytes> packets;
  for (size_t i = 0; i < ns; i++) {
    Conn& c = l.addConn(uid("o", 0, i));
    c.clean = false;
    std::string t = fmt("%s/off/%d/%zu", str("prefix").c_str(), int(getpid()), i);
    c.filters = {t};
    subs.push_back(&c);
    packets.push_back(publishPacket(t, gQos, false, gPayload));
  }
  Pub& p = l.addPub(uid("p", 0, 0), packets, gQos, 0, u32(num("window")));
  l.seen.assign(n, false);
  l.openAll();
  for (Conn* c : subs) {
    c->filters.clear(); // the session keeps the subscription
    l.close(*c);
  }
  l.pump(nowNs() + kSec / 2, [] { return false; });
  Usage a = Usage::read();
  double qt = store(l, p, n);
  Usage b = Usage::read();
  u64 from = nowNs();
  for (Conn* c : subs)
    l.open(*c);
  double dt = collect(l, n, from);
  Usage c = Usage::read();
  l.pump(nowNs() + kSec / 5, [] { return false; });
  u64 got = l.received - l.dup;
  for (Conn* s : subs) { // end the sessions: connect once more, clean
    l.close(*s);
    s->clean = true;
  }
  l.openAll(subs);
  puts((head() +
        fmt(",\"sessions\":%zu,\"queued\":%u,\"queue_s\":%.3f,\"queue_msg_s\":%.0f,\"recv\":%lu,"
            "\"lost\":%lu,\"dup\":%lu,\"drain_s\":%.3f,"
            "\"drain_msg_s\":%.0f,\"queue_cpu_s_per_million\":%.3f,\"drain_cpu_s_per_million\":%."
            "3f,\"rss_per_msg_b\":%.0f",
          ns, p.acked, qt, rate(p.acked, qt), got, n - got, l.dup, dt, rate(double(got), dt),
          (b.user + b.sys - a.user - a.sys) * 1e6 / std::max(1u, p.acked),
          (c.user + c.sys - b.user - b.sys) * 1e6 / double(std::max<u64>(1, got)),
          (double(b.rss) - double(a.rss)) / n) +
        cpuJson(a, c, 0) + "}")
         .c_str());
}

// ---------------------------------------------------------------- main

static void usage(const std::string& wrong) {
  if (!wrong.empty())
    fprintf(stderr, "mqload: %s\n", wrong.c_str());
  fprintf(stderr,
    "usage: mqload p2p|fanout|fanin|shared|latency|connect|idle|retained|wildcard|offline "
    "[--v5] [--option value]...\n");
  for (const Opt& o : kOptions)
    fprintf(stderr, "  --%-12s %s (default: %s)\n", o.name.c_str(), o.help.c_str(), o.def.c_str());
  exit(2);
}

int main(int argc, char** argv) {
  for (const Opt& o : kOptions)
    gOpt[o.name] = o.def;
  if (argc < 2)
    usage("which scenario?");
  for (int i = 2; i < argc; i++) {
    std::string k = argv[i];
    if (k == "--v5") {
      gV5 = true;
    } else if (k.rfind("--", 0) == 0 && gOpt.count(k.substr(2)) && i + 1 < argc) {
      gOpt[k.substr(2)] = argv[++i];
    } else {
      usage("bad option " + k);
    }
  }
  gOpt["scenario"] = argv[1];
  const std::string sc = argv[1];
  if (str("host").rfind("127.", 0) != 0)
    usage("only a broker on 127.0.0.0/8 may be loaded");
  if (num("duration") > 600 || num("qos") > 2)
    usage("duration at most 600, qos at most 2");
  gQos = int(num("qos"));
  gSubQos = str("sub-qos") == "-1" ? gQos : int(num("sub-qos"));
  gPayload = std::min<size_t>(std::max<size_t>(kHead, num("payload")), kReadBuf / 2);
  if (num("src-addrs") == 0 && (sc == "idle" || sc == "connect"))
    gOpt["src-addrs"] = sc == "connect" ? "200" : std::to_string(num("conns") / 20000 + 1);
  rlimit r{1 << 20, 1 << 20};
  if (setrlimit(RLIMIT_NOFILE, &r) && !getrlimit(RLIMIT_NOFILE, &r)) {
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
  }
  if (sc == "p2p" || sc == "fanout" || sc == "fanin" || sc == "shared")
    windowed();
  else if (sc == "latency")
    latency();
  else if (sc == "connect")
    connectStorm();
  else if (sc == "idle")
    idle();
  else if (sc == "retained")
    retained();
  else if (sc == "wildcard")
    wildcard();
  else if (sc == "offline")
    offline();
  else
    usage("unknown scenario " + sc);
}
