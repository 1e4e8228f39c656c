#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

/// Bytes in, bytes out, on Boost.Asio. Knows no MQTT and no actors.
namespace callboard::network {

/// A piece of memory that reads fill from front to back. What was filled stays
/// as it is, so slices of it can be shared while the rest is still being filled.
struct block {
  explicit block(std::size_t bytes) : data{new char[bytes]}, size{bytes} {}

  char* free_space() const { return data.get() + used; }
  std::size_t room() const { return size - used; }

  std::unique_ptr<char[]> data; // NOLINT(*-c-arrays): as many as are asked for
  std::size_t size;
  std::size_t used = 0;
};

using block_ptr = std::shared_ptr<block>;

/// Some bytes, and whoever keeps them in memory.
struct slice {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
};

/// Blocks of one size for one unit. A block comes back when its last slice is
/// gone, wherever that happens, and is used again: given back to malloc, blocks
/// cost more than all else with large payloads.
class block_pool {
public:
  /// Bytes of a block: a block fits a 64 KiB size class with malloc's own head.
  static constexpr std::size_t block_size = 65'536 - 128;

  /// Bytes that a read needs in front of it, so that one read usually empties a
  /// socket.
  static constexpr std::size_t read_size = 16'384;

  block_pool();

  /// The block that is being filled, with at least `room` bytes free; a larger
  /// one of its own if no block of the pool could have them.
  const block_ptr& with_room(std::size_t room);

private:
  /// What has come back; shared with the blocks that are out.
  struct shelf {
    std::mutex mutex;
    std::vector<std::unique_ptr<block>> blocks;
  };

  static block_ptr take(const std::shared_ptr<shelf>& from);

  std::shared_ptr<shelf> shelf_;
  block_ptr current_;
  block_ptr large_;
};

} // namespace callboard::network
