#pragma once

#include "actors/cast.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace callboard::actors {

class client_output;

/// Names the way out of one connection on its unit. May be kept after the
/// connection has gone: it then leads nowhere, also when the place is taken by
/// another connection.
struct sink_id {
  std::uint32_t place = 0;
  std::uint32_t generation = 0; // 0: no sink

  explicit operator bool() const { return generation != 0; }
  friend bool operator==(const sink_id&, const sink_id&) = default;
};

/// Some connections of one unit. Nearly always there is one, which costs no
/// allocation; many are shared by all copies.
class sink_list {
public:
  sink_list() = default;
  explicit sink_list(sink_id only) : one_{only} {}

  /// Only before the list is copied.
  void add(sink_id more) {
    if (!many_ && !one_) {
      one_ = more;
      return;
    }
    if (!many_)
      many_ = std::make_shared<std::vector<sink_id>>(1, std::exchange(one_, {}));
    many_->push_back(more);
  }

  template <class Visit>
  void for_each(Visit visit) const {
    if (many_)
      std::ranges::for_each(*many_, visit);
    else
      visit(one_);
  }

  /// The same list, not just an equal one.
  bool is(const sink_list& other) const { return one_ == other.one_ && many_ == other.many_; }

private:
  sink_id one_;
  std::shared_ptr<std::vector<sink_id>> many_;
};

/// The ways out of a unit's connections, so that one mail can serve many of
/// them. Belongs to the unit's thread.
class sink_table {
public:
  /// The output of this CONNECTION, which is held until remove().
  sink_id add(client_output& output, connection_role owner);
  void remove(sink_id id);

  /// Null if that connection has gone.
  client_output* find(sink_id id) const {
    if (id.place >= places_.size())
      return nullptr;
    const auto& found = places_[id.place];
    return found.generation == id.generation ? found.output : nullptr;
  }

  /// Calls visit(owner) for each CONNECTION that is here.
  template <class Visit>
  void for_each_owner(Visit visit) const {
    for (const auto& one : places_)
      if (one.output != nullptr)
        visit(one.owner);
  }

private:
  struct place {
    client_output* output = nullptr;
    connection_role owner;
    std::uint32_t generation = 1;
  };

  std::vector<place> places_;
  std::vector<std::uint32_t> free_;
};

} // namespace callboard::actors
