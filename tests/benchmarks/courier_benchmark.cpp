// What the way between two nodes costs besides the link: frames of 100 bytes, in blobs of
// so many.

#include "cluster/courier.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace {

using namespace callboard;
using cluster::lane;

void courier(benchmark::State& state) {
  constexpr protocol::time_point now{std::chrono::hours{1}};
  const std::string body(100, 'x');
  const auto frames = state.range(0);
  cluster::courier from{1};
  cluster::courier to{2};
  const auto hello = from.make_hello();
  from.on_hello(to.make_hello());
  to.on_hello(hello);
  std::uint64_t arrived = 0;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < frames; ++i)
      from.send(lane::durable, 1, body);
    while (const auto blob = from.next_blob(now)) {
      const auto found = to.on_blob(*blob, now);
      arrived += found->items.size();
      to.finish(found->ticket);
    }
    from.on_blob(*to.next_blob(now), now); // the receipt
  }
  if (arrived != static_cast<std::uint64_t>(state.iterations() * frames))
    state.SkipWithError("not all arrived");
  state.SetItemsProcessed(state.iterations() * frames);
}

} // namespace

BENCHMARK(courier)->Arg(1)->Arg(64)->Arg(512); // NOLINT
