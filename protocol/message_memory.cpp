#include "protocol/message_memory.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <utility>

namespace callboard::protocol {

namespace {

constexpr std::size_t step = 64;
constexpr std::size_t sizes = 32;            // up to 2 KiB
constexpr std::size_t most_kept = 4'194'304; // for all threads

// AddressSanitizer finds the use of a message after its end only if it is freed.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool keeps = false;
#else
constexpr bool keeps = true;
#endif

constexpr std::size_t size_class(std::size_t bytes) {
  return (bytes + step - 1) / step;
}

struct gap {
  gap* next = nullptr;
  gap* next_box = nullptr; // of the first one in a box: those are in the depot
};

/// So many pieces go from thread to thread at a time: about 16 KiB, and not too few.
constexpr std::size_t box_size(std::size_t which) {
  constexpr std::size_t bytes = 16'384;
  return std::max(bytes / (which * step), std::size_t{8});
}

/// Pieces of one size.
class box {
public:
  bool empty() const { return first_ == nullptr; }
  std::size_t count() const { return count_; }

  void put(void* place) noexcept {
    first_ = new (place) gap{first_};
    ++count_;
  }

  void* take() noexcept {
    --count_;
    return std::exchange(first_, first_->next);
  }

  /// All of them, by the first.
  gap* give_away() noexcept {
    count_ = 0;
    return std::exchange(first_, nullptr);
  }

  void get(gap* first, std::size_t count) noexcept {
    first_ = first;
    count_ = count;
  }

private:
  gap* first_ = nullptr;
  std::size_t count_ = 0;
};

/// Full boxes, which threads that give back more than they take leave to those that take
/// more, such as the KEEPER to the units. Who takes one takes all for a moment and puts
/// the others back: so nobody waits, and nobody sees a box that has come back meanwhile.
class depot {
public:
  /// False: it has enough.
  bool put(gap* first, std::size_t which) noexcept {
    const auto bytes = box_size(which) * which * step;
    if (kept_.fetch_add(bytes, std::memory_order_relaxed) + bytes > most_kept) {
      kept_.fetch_sub(bytes, std::memory_order_relaxed);
      return false;
    }
    push(first, first, which);
    return true;
  }

  /// A full box; null if there is none.
  gap* take(std::size_t which) noexcept {
    auto* first = boxes_[which].exchange(nullptr, std::memory_order_acquire);
    if (first == nullptr)
      return nullptr;
    kept_.fetch_sub(box_size(which) * which * step, std::memory_order_relaxed);
    if (auto* rest = first->next_box)
      put_back(rest, which);
    return first;
  }

private:
  void put_back(gap* first, std::size_t which) noexcept {
    gap* nobody = nullptr;
    if (boxes_[which].compare_exchange_strong(
          nobody, first, std::memory_order_release, std::memory_order_relaxed))
      return;
    auto* last = first; // others have come
    while (last->next_box != nullptr)
      last = last->next_box;
    push(first, last, which);
  }

  void push(gap* first, gap* last, std::size_t which) noexcept {
    auto& head = boxes_[which];
    last->next_box = head.load(std::memory_order_relaxed);
    while (!head.compare_exchange_weak(
      last->next_box, first, std::memory_order_release, std::memory_order_relaxed)) {
    }
  }

  std::array<std::atomic<gap*>, sizes + 1> boxes_{};
  std::atomic<std::size_t> kept_ = 0;
};

/// Lives as long as the last thread that ends.
depot& all_threads() {
  static auto& one = *new depot; // NOLINT: nobody knows when that is
  return one;
}

void free_all(gap* first) noexcept {
  while (first != nullptr)
    ::operator delete(std::exchange(first, first->next));
}

/// What one thread keeps, by size: a box that it works with, and a full or an empty one, so
/// that who takes and gives back in turn does not go to the depot each time.
class shelf {
public:
  shelf() = default;
  shelf(const shelf&) = delete;
  shelf& operator=(const shelf&) = delete;
  ~shelf() {
    open_ = false; // what other thread_locals give back later goes to malloc
    for (auto& [at_hand, spare] : unused_) {
      free_all(at_hand.give_away());
      free_all(spare.give_away());
    }
  }

  void* take(std::size_t which) noexcept {
    auto& [at_hand, spare] = unused_.at(which);
    if (at_hand.empty())
      std::swap(at_hand, spare);
    if (at_hand.empty())
      if (auto* first = all_threads().take(which))
        at_hand.get(first, box_size(which));
    return at_hand.empty() ? nullptr : at_hand.take();
  }

  bool put(void* place, std::size_t which) noexcept {
    if (!open_)
      return false;
    auto& [at_hand, spare] = unused_[which];
    if (at_hand.count() == box_size(which)) {
      std::swap(at_hand, spare);
      if (!at_hand.empty())
        make_room(at_hand, which);
    }
    at_hand.put(place);
    return true;
  }

private:
  struct boxes {
    box at_hand, spare;
  };

  /// Of a full one.
  static void make_room(box& full, std::size_t which) noexcept {
    auto* first = full.give_away();
    if (!all_threads().put(first, which))
      free_all(first);
  }

  std::array<boxes, sizes + 1> unused_{};
  bool open_ = true;
};

thread_local shelf here;

} // namespace

void* message_memory::take(std::size_t bytes) {
  const auto which = size_class(bytes);
  if (!keeps || which > sizes)
    return ::operator new(bytes);
  auto* place = here.take(which);
  return place != nullptr ? place : ::operator new(which* step);
}

void message_memory::give_back(void* place, std::size_t bytes) noexcept {
  const auto which = size_class(bytes);
  if (!keeps || which > sizes || !here.put(place, which))
    ::operator delete(place);
}

} // namespace callboard::protocol
