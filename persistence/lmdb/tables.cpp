#include "persistence/lmdb/tables.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <numeric>

namespace callboard::persistence {

namespace {

constexpr std::size_t longest_front = 480;

struct named_table {
  const char* name;
  MDB_dbi tables::*table;
};

constexpr std::array named{
  named_table{"meta", &tables::meta},
  named_table{"journal", &tables::journal},
  named_table{"sessions", &tables::sessions},
  named_table{"subscriptions", &tables::subscriptions},
  named_table{"deliveries", &tables::deliveries},
  named_table{"bodies", &tables::bodies},
  named_table{"shared_bodies", &tables::shared_bodies},
  named_table{"retained", &tables::retained},
  named_table{"shares", &tables::shares},
  named_table{"dropped", &tables::dropped},
  named_table{"damaged", &tables::damaged},
};

void append(std::string& key, std::uint64_t number) {
  std::array<char, 8> bytes{};
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at, number >>= 8)
    *at = static_cast<char>(number);
  key.append(bytes.data(), bytes.size());
}

std::uint64_t number_at(std::string_view key, std::size_t from) {
  if (key.size() < from + 8)
    return 0;
  std::uint64_t number = 0;
  for (const char byte : key.substr(from, 8))
    number = number << 8 | static_cast<std::uint8_t>(byte);
  return number;
}

} // namespace

tables tables::open(transaction& in) {
  tables all;
  for (const auto& [name, table] : named)
    all.*table = in.open(name, MDB_CREATE);
  return all;
}

std::string_view tables::name_of(MDB_dbi table) const {
  const auto* at =
    std::ranges::find_if(named, [&](const auto& one) { return this->*one.table == table; });
  return at == named.end() ? std::string_view{"?"} : std::string_view{at->name};
}

bool tables::complete(transaction& in) {
  return std::ranges::all_of(
    named, [&](const auto& one) { return in.open_if_there(one.name).has_value(); });
}

std::optional<MDB_dbi> tables::find_like(std::string_view name) const {
  const auto like = [&](std::string_view other) {
    return other.size() == name.size() &&
           std::inner_product(other.begin(), other.end(), name.begin(), 0, std::plus<>{},
             std::not_equal_to<>{}) <= 1;
  };
  const auto* at = std::ranges::find_if(named, like, &named_table::name);
  return at == named.end() ? std::nullopt : std::optional{this->*at->table};
}

std::size_t tables::pages(const transaction& in) const {
  std::size_t all = 0;
  for (const auto& one : named)
    all += in.pages(this->*one.table);
  return all;
}

std::string number_key(std::uint64_t number) {
  std::string key;
  append(key, number);
  return key;
}

std::string pair_key(std::uint64_t first, std::uint64_t second) {
  std::string key;
  key.reserve(16);
  append(key, first);
  append(key, second);
  return key;
}

std::uint64_t first_of(std::string_view key) {
  return number_at(key, 0);
}

std::uint64_t second_of(std::string_view key) {
  return number_at(key, 8);
}

std::string name_key(std::string_view name, std::uint64_t seed) {
  if (name.empty())
    return std::string(1, '\0'); // LMDB has no empty keys, MQTT has no such name
  if (name.size() <= longest_front)
    return std::string{name};
  const auto hash = XXH3_128bits_withSeed(name.data(), name.size(), seed);
  std::string key{name.substr(0, longest_front)};
  append(key, hash.high64);
  append(key, hash.low64);
  return key;
}

std::uint64_t name_number(std::string_view name, std::uint64_t seed) {
  return XXH3_64bits_withSeed(name.data(), name.size(), seed);
}

std::string first_key_of(std::string_view name) {
  return name.empty() ? std::string(1, '\0') : std::string{front_of(name)};
}

bool stands_for_name(std::string_view key) {
  return key.size() > longest_front;
}

std::string_view front_of(std::string_view key) {
  return key.substr(0, longest_front);
}

} // namespace callboard::persistence
