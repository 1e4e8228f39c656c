#include "network/block.hpp"

#include <utility>

namespace callboard::network {

namespace {

/// How many unused blocks a pool keeps: 4 MiB.
constexpr std::size_t most_on_the_shelf = 64;

} // namespace

block_pool::block_pool() : shelf_{std::make_shared<shelf>()} {}

const block_ptr& block_pool::with_room(std::size_t room) {
  if (room > block_size) {
    large_ = std::make_shared<block>(room);
    return large_;
  }
  large_.reset();
  if (!current_ || current_->room() < room)
    current_ = take(shelf_);
  return current_;
}

block_ptr block_pool::take(const std::shared_ptr<shelf>& from) {
  std::unique_ptr<block> taken;
  {
    const std::scoped_lock lock{from->mutex};
    if (!from->blocks.empty()) {
      taken = std::move(from->blocks.back());
      from->blocks.pop_back();
    }
  }
  if (!taken)
    taken = std::make_unique<block>(block_size);
  taken->used = 0;
  return {taken.release(), [from](block* used) {
            std::unique_ptr<block> back{used};
            const std::scoped_lock lock{from->mutex};
            if (from->blocks.size() < most_on_the_shelf)
              from->blocks.push_back(std::move(back));
          }};
}

} // namespace callboard::network
