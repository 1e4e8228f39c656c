#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace callboard::protocol {

/// The text of one level in a trie's node: at most 65,535 bytes. Up to ten of
/// them, which most levels have, stand in the twelve bytes of the object itself.
class level_text {
public:
  level_text() = default;
  explicit level_text(std::string_view text) : size_{static_cast<std::uint16_t>(text.size())} {
    char* to = bytes_.data();
    if (on_heap()) {
      to = new char[text.size()];
      std::memcpy(&bytes_[pointer_at], &to, sizeof to);
    }
    if (!text.empty())
      std::memcpy(to, text.data(), text.size());
  }
  level_text(level_text&& other) noexcept
      : size_{std::exchange(other.size_, std::uint16_t{0})}, bytes_{other.bytes_} {}
  level_text& operator=(level_text&& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~level_text() {
    if (on_heap())
      delete[] heap();
  }

  std::string_view view() const { return {on_heap() ? heap() : bytes_.data(), size_}; }

  friend bool operator==(const level_text& a, std::string_view b) {
    return a.size_ == b.size() &&
           (b.empty() || std::memcmp(a.view().data(), b.data(), b.size()) == 0);
  }

  /// Bytes that it holds outside of itself.
  std::size_t heap_bytes() const { return on_heap() ? size_ : 0U; }

private:
  static constexpr std::size_t pointer_at = 2;

  bool on_heap() const { return size_ > bytes_.size(); }
  char* heap() const {
    char* text = nullptr;
    std::memcpy(&text, &bytes_[pointer_at], sizeof text);
    return text;
  }

  std::uint16_t size_ = 0;

  /// The text, or behind two unused bytes a pointer to it.
  std::array<char, pointer_at + sizeof(char*)> bytes_{};
};

} // namespace callboard::protocol
