#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace callboard::actors {

/// A slip that goes along with mail to several actors, who may send it on to
/// more. When the last of them has let go, all have done what the mail asked
/// for, and whoever wrote the slip is told. Works across units, and also when an
/// actor leaves without reading its mail.
class completion {
public:
  explicit completion(std::function<void()> when_done) : when_done_{std::move(when_done)} {}
  completion(const completion&) = delete;
  completion& operator=(const completion&) = delete;
  ~completion() { when_done_(); }

private:
  std::function<void()> when_done_;
};

using completion_ptr = std::shared_ptr<const completion>;

/// Anything that goes along with mail and is let go of when that has been dealt
/// with: a completion, or a credit.
using slip_ptr = std::shared_ptr<const void>;

} // namespace callboard::actors
