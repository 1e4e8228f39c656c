#include "network/output_queue.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace callboard::network {

namespace {

constexpr std::size_t pieces_per_write = 64;

/// Buffers of a thread that no queue uses at present: at most 4 MiB of them.
class spare_buffers {
public:
  void lend_to(std::string& empty) {
    if (!spare_.empty()) {
      empty = std::move(spare_.back());
      spare_.pop_back();
    }
  }

  /// Leaves it without memory of its own.
  void take_from(std::string& used) {
    std::string buffer{std::move(used)};
    used = {};
    buffer.clear();
    if (buffer.capacity() > least && buffer.capacity() <= largest && spare_.size() < most)
      spare_.push_back(std::move(buffer));
  }

private:
  static constexpr std::size_t least = 64;
  static constexpr std::size_t largest = 65'536;
  static constexpr std::size_t most = 64;

  std::vector<std::string> spare_;
};

thread_local spare_buffers spare;

} // namespace

void output_queue::append(std::string_view bytes) {
  size_ += bytes.size();
  tail().append(bytes);
}

/// Where copied bytes go.
std::string& output_queue::tail() {
  if (!rest_) {
    if (front_.empty())
      spare.lend_to(front_);
    return front_;
  }
  if (rest_->empty() || rest_->back().kept.owner)
    rest_->emplace_back();
  return rest_->back().copied;
}

void output_queue::append(const slice& bytes) {
  if (bytes.bytes.size() < worth_sharing)
    return append(bytes.bytes);
  if (!rest_)
    rest_ = std::make_unique<std::deque<run>>();
  size_ += bytes.bytes.size();
  rest_->push_back({{}, bytes});
}

progress output_queue::write_to(stream& stream) {
  while (size_ > 0) {
    const auto result = write_some(stream);
    if (result.progress != progress::done)
      return result.progress;
    if (result.bytes == size_)
      forget_all();
    else
      forget(result.bytes);
  }
  return progress::done;
}

transfer output_queue::write_some(stream& stream) const {
  std::array<std::string_view, pieces_per_write> pieces;
  std::size_t count = 0;
  if (written_ < front_.size())
    pieces[count++] = std::string_view{front_}.substr(written_);
  if (rest_) {
    for (const auto& next : *rest_) {
      if (count == pieces.size())
        break;
      pieces.at(count++) = next.bytes();
    }
  }
  return stream.write(std::span{pieces.data(), count});
}

void output_queue::forget(std::size_t written) {
  size_ -= written;
  const auto of_front = std::min(written, front_.size() - written_);
  written_ += of_front;
  written -= of_front;
  // A queue that is never quite empty must not grow by what it has written.
  if (written_ > front_.size() / 2) {
    front_.erase(0, written_);
    written_ = 0;
  }
  while (written > 0) {
    auto& next = rest_->front();
    const auto bytes = next.bytes();
    if (written < bytes.size()) {
      // The rest of a copied run becomes the new front: a view into a string
      // that still grows would not last.
      if (next.kept.owner) {
        next.kept.bytes.remove_prefix(written);
      } else {
        front_ = next.copied.substr(written);
        written_ = 0;
        rest_->pop_front();
      }
      return;
    }
    written -= bytes.size();
    rest_->pop_front();
  }
}

void output_queue::forget_all() {
  size_ = 0;
  written_ = 0;
  rest_.reset();
  spare.take_from(front_);
}

} // namespace callboard::network
