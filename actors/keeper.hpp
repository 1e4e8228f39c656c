#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace callboard::actors {

/// The KEEPER. Spawned by the node, on a unit of its own, as it waits for the disk;
/// the only one who touches the store; hears SESSIONs, RETAINED STOREs and the REGISTRY;
/// dies last.
///
/// All that has come while it waited becomes the next commit. What came along with
/// it is let go of when the commit has survived, and not before: that is what
/// acknowledgements wait for. What a publication of QoS 2 brings about is committed
/// together, as far as all who take part say so in time. A commit that fails is
/// tried again until it succeeds.
///
/// Between commits it reads: for clients whose sessions sleep, and when the node starts
/// all that there is, portion by portion.
class keeper final : public actor {
public:
  using handle = keeper_role;

  keeper(caf::actor_config& config, unit& home, company& node,
    std::unique_ptr<persistence::store> store);

  const char* name() const override { return "KEEPER"; }

  void on(const journal& mail);
  void on(const read_queue& mail);
  void on(const find_shares& mail);
  void on(const find_sessions& mail);
  void on(const find_retained& mail);
  void on(const load_session& mail);
  void on(const read_more& mail);
  void on(const work_on& mail);

protected:
  behavior make_behavior() override;
  void flush() override;
  void leave() override;

private:
  bool awaits_more() const;
  time_point wait_ends();
  bool has_all_of(const promise_ptr& one) const;
  void let_know();
  void commit_what_waits();
  void commit();
  void move_places(const persistence::batch& changes);
  void answer_some();
  void load_some();
  void list_some();
  void fold_for_lists();
  void list_shares();
  bool list_sessions(const find_sessions& order);
  bool list_retained(const find_retained& order);
  bool can_try_again(const persistence::store_error& why);
  void read_on();
  void fold();
  bool fold_some(std::size_t rows);
  void fail(const persistence::store_error& why);
  void recover();
  void work_on_at(time_point at);

  company& node_;
  std::unique_ptr<persistence::store> store_;
  persistence::batch waiting_;
  std::vector<slip_ptr> slips_; // of what waits
  std::vector<promise_ptr> promises_;

  /// What SESSIONs want to read, by their numbers, and in which order they asked. Each
  /// asks again only when it has its answer.
  std::unordered_map<std::uint64_t, read_queue> asked_;
  std::deque<std::uint64_t> askers_;
  time_point answers_from_; // after a failure not before this

  /// Clients whose sessions are wanted, and what is to be read of the node that was.
  std::deque<std::string> wanted_;
  std::deque<std::function<bool()>> lists_; // each says whether it is done
  bool wants_shares_ = false;               // before any session
  bool is_folded_ = false;
  unsigned list_failures_ = 0; // one after the other
  time_point lists_from_;      // after a failure not before this
  bool reads_on_ = false;      // read_more is on the way

  std::optional<time_point> waits_since_; // for others who hold a promise too
  std::uint64_t failures_ = 0;            // one after the other
  reminder next_;                         // work_on
  bool resting_ = false;                  // nothing has come for a while
};

} // namespace callboard::actors
