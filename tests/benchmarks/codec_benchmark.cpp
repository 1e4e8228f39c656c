#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/framer.hpp"
#include "protocol/codec/inbound_aliases.hpp"
#include "protocol/codec/message_properties.hpp"
#include "protocol/codec/outbound_aliases.hpp"
#include "protocol/codec/utf8.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::protocol {

namespace {

constexpr std::string_view topic = "sensors/room/7/temperature";

/// A PUBLISH of about 64 bytes on the wire.
outgoing_publication typical(qos level, std::string_view properties = {}) {
  static const std::string payload(30, 'p');
  return {.qos = level,
    .packet_id = static_cast<packet_id>(level == qos::at_most_once ? 0 : 4711),
    .topic = topic,
    .properties = properties,
    .payload = payload};
}

std::string some_properties() {
  message_properties properties;
  properties.payload_is_utf8 = true;
  properties.content_type = "text/plain";
  properties.user_properties = {{"unit", "C"}};
  return encode(properties);
}

std::string encoded(version version, const outgoing_publication& publication) {
  std::string bytes;
  encode_publish(bytes, version, publication);
  return bytes;
}

void decode_all(benchmark::State& state, version version, const std::string& bytes) {
  arena rest;
  for (auto _ : state) {
    const auto framed = next_frame(bytes, 0);
    benchmark::DoNotOptimize(decode_publish(framed.frame, version, sender::client, rest));
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}

void DecodePublish(benchmark::State& state, version version, qos level) {
  decode_all(state, version, encoded(version, typical(level)));
}

void DecodePublishWithProperties(benchmark::State& state) {
  const auto properties = some_properties();
  decode_all(
    state, version::mqtt_5_0, encoded(version::mqtt_5_0, typical(qos::at_least_once, properties)));
}

void EncodePublish(benchmark::State& state, version version, qos level) {
  std::string out;
  const auto publication = typical(level);
  for (auto _ : state) {
    out.clear();
    encode_publish(out, version, publication);
    benchmark::DoNotOptimize(out.data());
  }
}

void DecodePuback(benchmark::State& state) {
  const std::string bytes{"\x40\x02\x12\x34", 4};
  for (auto _ : state) {
    const auto framed = next_frame(bytes, 0);
    benchmark::DoNotOptimize(decode_acknowledgement(framed.frame, version::mqtt_5_0));
  }
}

void EncodePuback(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    encode_ack(out, version::mqtt_5_0, {ack_type::puback, 4711});
    benchmark::DoNotOptimize(out.data());
  }
}

/// A thousand packets that lie one behind the other.
void Frame(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 1'000; ++i)
    encode_publish(stream, version::mqtt_3_1_1, typical(qos::at_most_once));
  for (auto _ : state) {
    std::string_view left = stream;
    while (true) {
      const auto framed = next_frame(left, 1'000'000);
      if (framed.status != frame_result::status::complete)
        break;
      benchmark::DoNotOptimize(framed.frame.packet.data());
      left.remove_prefix(framed.packet_size);
    }
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
}

void Utf8(benchmark::State& state, std::string_view unit) {
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0)))
    text += unit;
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    benchmark::DoNotOptimize(valid_utf8(text));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void RewriteWithAlias(benchmark::State& state) {
  const auto bytes = encoded(version::mqtt_5_0, typical(qos::at_most_once));
  outbound_aliases aliases{10};
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(aliases.rewrite(bytes, out));
  }
}

void ResolveAlias(benchmark::State& state) {
  inbound_aliases aliases{10};
  publication first;
  first.topic = topic;
  first.topic_alias = 3;
  benchmark::DoNotOptimize(aliases.resolve(first));
  for (auto _ : state) {
    publication next;
    next.topic_alias = 3;
    benchmark::DoNotOptimize(aliases.resolve(next));
  }
}

BENCHMARK_CAPTURE(DecodePublish, v311_qos_0, version::mqtt_3_1_1, qos::at_most_once);
BENCHMARK_CAPTURE(DecodePublish, v311_qos_1, version::mqtt_3_1_1, qos::at_least_once);
BENCHMARK_CAPTURE(DecodePublish, v5_qos_0, version::mqtt_5_0, qos::at_most_once);
BENCHMARK_CAPTURE(DecodePublish, v5_qos_1, version::mqtt_5_0, qos::at_least_once);
BENCHMARK(DecodePublishWithProperties);
BENCHMARK_CAPTURE(EncodePublish, v311_qos_0, version::mqtt_3_1_1, qos::at_most_once);
BENCHMARK_CAPTURE(EncodePublish, v311_qos_1, version::mqtt_3_1_1, qos::at_least_once);
BENCHMARK_CAPTURE(EncodePublish, v5_qos_0, version::mqtt_5_0, qos::at_most_once);
BENCHMARK_CAPTURE(EncodePublish, v5_qos_1, version::mqtt_5_0, qos::at_least_once);
BENCHMARK(DecodePuback);
BENCHMARK(EncodePuback);
BENCHMARK(Frame);
BENCHMARK_CAPTURE(Utf8, ascii, "sensors/")->Arg(24)->Arg(1'024);
BENCHMARK_CAPTURE(Utf8, cyrillic, "датчик/")->Arg(24)->Arg(1'024);
BENCHMARK(RewriteWithAlias);
BENCHMARK(ResolveAlias);

} // namespace

} // namespace callboard::protocol
