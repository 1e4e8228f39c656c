#pragma once

#include "actors/audience.hpp"
#include "actors/correspondents.hpp"
#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/subscriber.hpp"
#include "protocol/topics/filter_tree.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callboard::actors {

/// Who gets what is published on a SUBTREE's topics: the subscriptions that can match them,
/// and for each topic the audience that they make, remembered until they change. Owned by
/// the SUBTREE.
class audiences {
public:
  /// Those who are served by mail are among `by_mail`.
  audiences(house& place, correspondents& by_mail) : place_{place}, by_mail_{by_mail} {}

  /// So that nobody can guess which filters fall together. Before all else.
  void begin(std::mt19937_64& random);

  void add(const std::string& filter, const subscribed_session& who);
  void add(const std::string& filter, const subscribed_group& who);
  void remove_session(std::string_view filter, std::uint64_t key);
  void remove_group(std::string_view filter, std::uint64_t key);

  /// All subscriptions of one session.
  void forget_session(std::uint64_t key);

  void clear();

  /// The client is connected so now, or not at all. False: it has no such subscription.
  bool connect(const lend& mail);

  /// Null: it has no such subscription.
  const subscribed_session* find(std::string_view filter, std::uint64_t key) const {
    return sessions_.find(filter, key);
  }

  /// Until the next change of subscriptions.
  audience& of(std::string_view topic);

  // -- how the topics are divided ------------------------------------------------------

  /// What a new SUBTREE has to know that gets the topics below the prefix. What concerns no
  /// others is not kept.
  adopt split_off(std::string_view prefix);

  /// What a SUBTREE has to know that gets all of them.
  adopt all() const;

  void take(const adopt& mail);

private:
  /// The answer for one topic, as long as the subscriptions do not change.
  struct remembered {
    std::string topic;
    audience who;
  };

  void find_audience(std::string_view topic, audience& found);

  house& place_;
  correspondents& by_mail_;
  protocol::filter_tree<subscribed_session> sessions_;
  protocol::filter_tree<subscribed_group> groups_;

  /// Counts their changes.
  std::uint64_t version_ = 1;

  /// Answers of the trees, each in the place that the hash of its topic gives;
  /// a topic that falls on another's place takes it.
  std::vector<remembered> remembered_;
  audience other_; // for topics that are not worth remembering
  std::unordered_map<std::uint64_t, std::unique_ptr<member_group>> member_groups_;
};

} // namespace callboard::actors
