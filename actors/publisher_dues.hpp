#pragma once

#include "actors/audience.hpp"
#include "actors/mail.hpp"
#include "actors/promise.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace callboard::actors {

/// What a SUBTREE owes to those whose publications it routes in a turn: acknowledgements,
/// and to be read on. Owned by the SUBTREE.
///
/// Acknowledgements of publications that have to last leave when they do: whoever makes
/// them last holds the turn's promise. The others leave at the end of the turn. Who gets
/// deliveries holds the turn's credit, and until they let go the publishers are not read on.
class publisher_dues {
public:
  // -- one mail with publications ------------------------------------------------------

  void begin(const publish& mail);

  /// The next of its publications that are to be acknowledged, and who got it.
  void add(const publish& mail, const protocol::publication& publication, const audience& who);

  /// Something of it has to last, if this is so.
  void note_lasting(bool lasts) { lasts_ |= lasts; }

  void end(const publish& mail);

  // -- the turn ------------------------------------------------------------------------

  /// For this turn's mail to those who make things last.
  const promise_ptr& promise();

  /// For this turn's deliveries.
  credit_ptr credit();

  /// All who hold the promise or the credit have got their mail: fills them in.
  void close();

  /// Calls send(to whom, acknowledgement) for each that waits for nobody.
  template <class Send>
  void send_done(Send send) {
    for (auto& [to, mail] : done_)
      send(to, std::move(mail));
    done_.clear(); // keeps its memory
  }

private:
  void note_received(const packet_batch& batch, const protocol::publication& publication);
  void acknowledge(const publish& mail);

  // Of the present mail: a code for each ticket, unless all are success; which tickets are
  // of topics that do not last; what was received at QoS 2 by a session that lasts; and
  // whether any of it has to last.
  std::vector<protocol::reason_code> codes_;
  std::vector<std::size_t> transient_;
  std::size_t ticket_ = 0;
  std::vector<persistence::session_changes> received_here_;
  bool lasts_ = false;

  // Of the turn.
  std::vector<batch_ptr> batches_;
  std::shared_ptr<std::vector<batch_ptr>> credit_; // null: nobody gets deliveries
  promise_ptr promise_;                            // null: nothing has to last so far
  std::vector<persistence::session_changes> received_;
  using acknowledgements = std::vector<std::pair<session_role, routed>>;
  acknowledgements promised_;
  acknowledgements done_;
};

} // namespace callboard::actors
