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
  return reads<journal, supersede, superseded_ended>(*this);
}

void keeper::on(const journal& mail) {
  if (superseded_.contains(mail.session))
    return;
  move_behind(waiting_.sessions, mail.changes.sessions);
  move_behind(waiting_.retained, mail.changes.retained);
}

void keeper::on(const supersede& mail) {
  superseded_.insert(mail.session);
  waiting_.sessions.push_back({mail.client_id, {protocol::session_ended{}}});
}

void keeper::on(const superseded_ended& mail) {
  superseded_.erase(mail.session);
}

void keeper::flush() {
  // A store in memory does not fail; what is promised when one does comes with
  // the store on disk.
  if (!waiting_.empty())
    store_->commit(std::exchange(waiting_, {}));
}

} // namespace callboard::actors
