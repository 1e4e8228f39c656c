#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace callboard::protocol {

/// The subscription identifiers that go with one delivery (MQTT5-3.3.4-3, E88).
/// Nearly always none or one, which cost no allocation.
class subscription_identifiers {
public:
  subscription_identifiers() = default;
  subscription_identifiers(std::uint32_t only) : first_{only} {} // NOLINT(google-explicit-*)
  subscription_identifiers(const subscription_identifiers& other)
      : many_{other.many_ ? std::make_unique<std::vector<std::uint32_t>>(*other.many_) : nullptr},
        first_{other.first_} {}
  subscription_identifiers(subscription_identifiers&&) noexcept = default;
  subscription_identifiers& operator=(const subscription_identifiers& other) {
    return *this = subscription_identifiers{other};
  }
  subscription_identifiers& operator=(subscription_identifiers&&) noexcept = default;
  ~subscription_identifiers() = default;

  /// 1 to 268,435,455; 0 stands for none and adds nothing.
  void add(std::uint32_t identifier) {
    if (identifier == 0)
      return;
    if (first_ == 0) {
      first_ = identifier;
      return;
    }
    if (!many_)
      many_ = std::make_unique<std::vector<std::uint32_t>>(1, first_);
    many_->push_back(identifier);
  }

  /// In the order in which they were added. Until the next change.
  std::span<const std::uint32_t> all() const {
    if (many_)
      return *many_;
    return {&first_, first_ == 0 ? std::size_t{0} : std::size_t{1}};
  }

  bool empty() const { return first_ == 0; }

  friend bool operator==(
    const subscription_identifiers& left, const subscription_identifiers& right) {
    return std::ranges::equal(left.all(), right.all());
  }

private:
  std::unique_ptr<std::vector<std::uint32_t>> many_; // all of them, if there are two or more
  std::uint32_t first_ = 0;
};

} // namespace callboard::protocol
