#include "protocol/message_memory.hpp"

#include <array>
#include <new>
#include <utility>

namespace callboard::protocol {

namespace {

constexpr std::size_t step = 64;
constexpr std::size_t sizes = 32; // up to 2 KiB
constexpr std::size_t most_kept = 2'097'152;

// AddressSanitizer finds the use of a message after its end only if it is freed.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool keeps = false;
#else
constexpr bool keeps = true;
#endif

constexpr std::size_t size_class(std::size_t bytes) {
  return (bytes + step - 1) / step;
}

/// What one thread keeps, by size.
class shelf {
public:
  shelf() = default;
  shelf(const shelf&) = delete;
  shelf& operator=(const shelf&) = delete;
  ~shelf() {
    open_ = false; // what other thread_locals give back later goes to malloc
    for (auto* first : unused_)
      while (first != nullptr)
        ::operator delete(std::exchange(first, first->next));
  }

  void* take(std::size_t which) {
    auto*& first = unused_.at(which);
    if (first == nullptr)
      return nullptr;
    kept_ -= which * step;
    return std::exchange(first, first->next);
  }

  bool put(void* place, std::size_t which) noexcept {
    if (!open_ || kept_ + which * step > most_kept)
      return false;
    kept_ += which * step;
    auto*& first = unused_[which];
    first = new (place) gap{first};
    return true;
  }

private:
  struct gap {
    gap* next = nullptr;
  };

  std::array<gap*, sizes + 1> unused_{};
  std::size_t kept_ = 0;
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
