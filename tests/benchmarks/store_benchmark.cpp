// What a durable commit costs, beside what LMDB itself takes to commit the same
// bytes in one row: compare store_online with lmdb_alone, where rows go again, and
// store_offline, where nothing does, with lmdb_growing. On a machine that does other
// things too: --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true.

#include "persistence/lmdb/environment.hpp"
#include "persistence/lmdb_store.hpp"
#include "protocol/message.hpp"
#include "protocol/session/operation.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace {

using namespace callboard;

/// In the working directory: /tmp may be memory, which syncs nothing.
class directory {
public:
  directory() {
    if (::mkdtemp(path_.data()) == nullptr)
      std::abort();
  }
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
  ~directory() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

private:
  std::string path_{"store-benchmark-XXXXXX"};
};

constexpr std::size_t payload_size = 100;
constexpr std::size_t clients = 50;

protocol::delivery fresh_delivery() {
  protocol::delivery what;
  what.message = protocol::message::make({}, "sensors/1", {}, std::string(payload_size, 'x'));
  what.qos = protocol::qos::at_least_once;
  return what;
}

/// Messages that 50 clients get; those of the batch before are acknowledged.
class traffic {
public:
  explicit traffic(bool acknowledged) : acknowledged_{acknowledged} {}

  persistence::batch next(std::size_t messages) {
    persistence::batch changes;
    for (std::size_t client = 0; client < clients; ++client)
      changes.sessions.push_back({std::to_string(client), client + 1, {}});
    if (std::exchange(first_, false)) {
      for (auto& one : changes.sessions)
        one.operations.emplace_back(protocol::client_attached{3'600});
    }
    for (std::size_t at = 0; at < messages; ++at)
      put(changes.sessions[at % clients].operations, at);
    std::erase_if(changes.sessions, [](const auto& one) { return one.operations.empty(); });
    return changes;
  }

private:
  void put(std::vector<protocol::operation>& to, std::size_t at) const {
    to.emplace_back(protocol::delivery_enqueued{fresh_delivery()});
    if (!acknowledged_)
      return;
    const auto id = static_cast<protocol::packet_id>(at / clients + 1);
    to.emplace_back(protocol::delivery_sent{id});
    to.emplace_back(protocol::delivery_settled{id});
  }

  bool acknowledged_;
  bool first_ = true;
};

void commit(benchmark::State& state, bool acknowledged) {
  const directory place;
  persistence::lmdb_options options;
  options.directory = place.path();
  auto store = persistence::lmdb_store::open(std::move(options));
  traffic all{acknowledged};
  const auto messages = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    auto changes = all.next(messages);
    state.ResumeTiming();
    if ((*store)->commit(std::move(changes), persistence::durability::disk))
      state.SkipWithError("a commit failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void store_online(benchmark::State& state) {
  commit(state, true);
}

void store_offline(benchmark::State& state) {
  commit(state, false);
}

/// Rows of the size of a batch; `kept`: none of them goes, as of a queue that grows.
void lmdb(benchmark::State& state, bool kept) {
  const directory place;
  persistence::environment file{place.path() + "/file.mdb", {}};
  for (int times = 0; times < 8; ++times) // room for all that a run writes: 16 GiB, if need be
    file.grow();
  const std::string row(static_cast<std::size_t>(state.range(0)) * (payload_size + 10), 'x');
  MDB_dbi table = 0;
  std::uint64_t number = 0;
  const auto key = [](std::uint64_t of) {
    return std::string{reinterpret_cast<const char*>(&of), sizeof of}; // NOLINT
  };
  for (auto _ : state) {
    persistence::transaction in{file, persistence::transaction::kind::writes};
    if (number == 0)
      table = in.open("rows", MDB_CREATE | MDB_INTEGERKEY);
    in.put(table, key(++number), row, MDB_APPEND);
    if (!kept && number > 20)
      in.erase(table, key(number - 20));
    in.commit();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void lmdb_alone(benchmark::State& state) {
  lmdb(state, false);
}

void lmdb_growing(benchmark::State& state) {
  lmdb(state, true);
}

BENCHMARK(lmdb_growing)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->Arg(5'000)->UseRealTime();
BENCHMARK(lmdb_alone)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->Arg(5'000)->UseRealTime();
BENCHMARK(store_online)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->Arg(5'000)->UseRealTime();
BENCHMARK(store_offline)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->Arg(5'000)->UseRealTime();

} // namespace
