#pragma once

#include <utility>
#include <variant>

namespace callboard::protocol {

/// A value, or what is wrong instead. Stands in for std::expected, which
/// C++20 does not have.
template <class Value, class Error>
class expected {
public:
  expected(Value value) : content_{std::in_place_index<0>, std::move(value)} {} // NOLINT
  expected(Error error) : content_{std::in_place_index<1>, std::move(error)} {} // NOLINT

  explicit operator bool() const { return content_.index() == 0; }

  /// Only when there is a value.
  Value& operator*() & { return *std::get_if<0>(&content_); }
  const Value& operator*() const& { return *std::get_if<0>(&content_); }
  Value&& operator*() && { return std::move(*std::get_if<0>(&content_)); }
  Value* operator->() { return std::get_if<0>(&content_); }
  const Value* operator->() const { return std::get_if<0>(&content_); }

  /// Only when there is none.
  const Error& error() const { return *std::get_if<1>(&content_); }

private:
  std::variant<Value, Error> content_;
};

} // namespace callboard::protocol
