#include "actors/keeper.hpp"

#include <iterator>
#include <utility>

namespace callboard::actors {

namespace {

template <class Changes>
void move_behind(Changes& to, Changes& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

behavior keeper::make_behavior() {
  return reads<journal>(*this);
}

void keeper::on(const journal& mail) {
  move_behind(waiting_.sessions, mail.changes.sessions);
  move_behind(waiting_.retained, mail.changes.retained);
  credits_.insert(credits_.end(), mail.credits.begin(), mail.credits.end());
}

void keeper::flush() {
  // A store in memory does not fail; what is promised when one does comes with
  // the store on disk.
  if (!waiting_.empty())
    store_->commit(std::exchange(waiting_, {}), persistence::durability::disk);
  credits_.clear();
}

} // namespace callboard::actors
