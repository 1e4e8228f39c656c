// Feeds lines to the topic trees and compares all their answers with matches().
// A line is a filter to subscribe to, or with `-` in front one to unsubscribe
// from, with `?` a topic to publish to (and to retain), with `!` one whose
// retained message to remove.

#include "protocol/message.hpp"
#include "protocol/topics/filter_tree.hpp"
#include "protocol/topics/retained_tree.hpp"
#include "protocol/topics/shared_filter.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

namespace callboard::protocol {

namespace {

void require(bool holds) {
  if (!holds)
    std::abort();
}

struct subscriber {
  std::string filter;
  std::uint64_t key() const { return filter.size() % 2; }
};

class play {
public:
  void line(std::string_view text) {
    const auto rest = text.empty() ? text : text.substr(1);
    if (text.starts_with('-'))
      unsubscribe(rest);
    else if (text.starts_with('?'))
      publish(rest);
    else if (text.starts_with('!'))
      clear(rest);
    else
      subscribe(text);
  }

  /// What is retained comes to every subscription, in batches of any size.
  void finish() const {
    for (const auto& filter : filters_) {
      std::set<std::string_view> wanted;
      for (const auto& topic : topics_)
        if (matches(filter, topic))
          wanted.insert(topic);
      for (retained_cursor cursor; !cursor.done();)
        for (const auto& message : retained_.batch(filter, cursor, {1 + filter.size() % 3, 2}))
          require(wanted.erase(message->topic()) == 1);
      require(wanted.empty());
    }
    std::size_t told = 0;
    tree_.for_each([&](std::string_view filter, const subscriber& found) {
      require(filter == found.filter && filters_.contains(found.filter));
      ++told;
    });
    require(told == filters_.size() && tree_.filters() == told);
  }

private:
  void subscribe(std::string_view text) {
    const auto parsed = parse_shared_filter(text);
    if (!parsed)
      return;
    require(valid_topic_filter(parsed->filter));
    const std::string filter{parsed->filter};
    const auto replaced = tree_.insert(filter, {filter});
    require(replaced.has_value() == !filters_.insert(filter).second);
  }

  void unsubscribe(std::string_view filter) {
    if (!valid_topic_filter(filter))
      return;
    const auto gone = tree_.erase(filter, filter.size() % 2);
    require(gone.has_value() == (filters_.erase(std::string{filter}) == 1));
  }

  void publish(std::string_view topic) {
    if (!valid_topic_name(topic))
      return;
    std::set<std::string_view> wanted;
    for (const auto& filter : filters_)
      if (matches(filter, topic)) {
        wanted.insert(filter);
        require(may_match_below(filter, first_levels(topic, 1 + topic.size() % 3)));
      }
    tree_.match(topic, [&](const subscriber& found) { require(wanted.erase(found.filter) == 1); });
    require(wanted.empty());
    const auto replaced = retained_.set(message::make({}, topic, {}, {}));
    require(static_cast<bool>(replaced) == !topics_.insert(std::string{topic}).second);
  }

  void clear(std::string_view topic) {
    if (valid_topic_name(topic))
      require(
        static_cast<bool>(retained_.remove(topic)) == (topics_.erase(std::string{topic}) == 1));
  }

  filter_tree<subscriber> tree_;
  retained_tree retained_;
  std::set<std::string> filters_;
  std::set<std::string> topics_;
};

} // namespace

} // namespace callboard::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size}; // NOLINT
  callboard::protocol::play play;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    play.line(text.substr(at, end - at));
    at = end + 1;
  }
  play.finish();
  return 0;
}
