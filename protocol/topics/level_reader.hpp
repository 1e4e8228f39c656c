#pragma once

#include <string_view>

namespace callboard::protocol {

/// Reads a topic name or filter level by level. `a//b` has three levels, one of
/// them empty; `` has one, which is empty. Holds a view of the text.
class level_reader {
public:
  explicit level_reader(std::string_view text)
      : at_{text.data()}, end_{text.data() + text.size()} {}

  /// The next level. Only if there is one.
  std::string_view next() {
    const auto* begin = at_;
    while (at_ != end_ && *at_ != '/')
      ++at_;
    const std::string_view level{begin, at_};
    if (at_ == end_)
      done_ = true;
    else
      ++at_;
    return level;
  }

  /// Whether all levels were read.
  bool done() const { return done_; }

  /// What was not read yet, without the separator in front.
  std::string_view rest() const { return {at_, end_}; }

private:
  const char* at_;
  const char* end_;
  bool done_ = false;
};

} // namespace callboard::protocol
