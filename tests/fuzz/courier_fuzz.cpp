#include "cluster/courier.hpp"

#include "tests/fuzz/codec_input.hpp"

#include <algorithm>
#include <chrono>

/// Whatever a peer sends, a courier takes it or says what is wrong, and goes on with a
/// peer that keeps to the rules.
namespace callboard::cluster::fuzz {

namespace {

using protocol::fuzz::require;

constexpr protocol::time_point now{std::chrono::hours{1}};

/// Blobs, each with one byte for its size in front.
void feed(courier& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = static_cast<std::uint8_t>(bytes.front());
    const auto blob = bytes.substr(1, size);
    bytes.remove_prefix(1 + blob.size());
    const auto found = to.on_blob(blob, now);
    if (!found)
      return require(!found.error().reason.empty(), "faults say why");
    for (const auto& item : found->items)
      require(item.body.size() <= 1'000, "nothing is larger than it may be");
    to.finish(found->ticket);
  }
}

void check(std::string_view bytes) {
  courier one{1,
    {.credit = 1'000, .control_reserve = 100, .waiting = 500, .blob = 100, .largest_whole = 1'000}};
  one.send(lane::durable, 1, "something");
  if (const auto first = decode_hello(bytes.substr(0, std::min<std::size_t>(bytes.size(), 22)))) {
    if (one.on_hello(*first))
      return;
    one.next_blob(now);
    feed(one, bytes.substr(22));
  }
  courier other{1};
  require(!other.on_hello({2, 0, {}, {}}), "a first hello is always right");
  feed(other, bytes);
}

} // namespace

} // namespace callboard::cluster::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  callboard::cluster::fuzz::check({reinterpret_cast<const char*>(bytes), size}); // NOLINT
  return 0;
}
