#include "actors/routes.hpp"

#include "actors/mail.hpp"

#include <utility>

namespace callboard::actors {

/// What waits behind one fence.
struct routes::held {
  subtree_role to;
  std::vector<publish> mails;
};

routes::routes() = default;
routes::~routes() = default;

void routes::send(const subtree_role& to, publish mail) {
  // Behind the youngest fence: an older one may not let it overtake.
  for (auto fence = fences_.rbegin(); fence != fences_.rend(); ++fence) {
    if (fence->second->to == to) {
      fence->second->mails.push_back(std::move(mail));
      return;
    }
  }
  tell(to, std::move(mail));
}

std::uint64_t routes::follow(directory_ptr next, const subtree_role& to) {
  now_ = std::move(next);
  fences_.emplace(++last_fence_, std::make_unique<held>(held{to, {}}));
  return last_fence_;
}

void routes::release(std::uint64_t fence) {
  const auto found = fences_.extract(fence);
  if (found.empty())
    return;
  for (auto& mail : found.mapped()->mails)
    send(found.mapped()->to, std::move(mail));
}

} // namespace callboard::actors
