#include "protocol/codec/inbound_aliases.hpp"

#include <cstddef>

namespace callboard::protocol {

expected<topic_holder, error> inbound_aliases::resolve(publication& publication) {
  const std::size_t alias = publication.topic_alias;
  if (alias == 0)
    return topic_holder{};
  if (alias > maximum_) // MQTT5-3.3.2-9
    return error{reason_code::topic_alias_invalid,
      "the topic alias is above the topic alias maximum that was announced"};
  if (publication.topic.empty())
    return look_up(alias, publication);
  learn(alias, publication.topic);
  return topic_holder{};
}

void inbound_aliases::learn(std::size_t alias, std::string_view topic) {
  if (!topics_)
    topics_ = std::make_unique<topics>();
  if (topics_->size() < alias)
    topics_->resize(alias);
  auto& known = (*topics_)[alias - 1];
  if (!known || *known != topic)
    known = std::make_shared<const std::string>(topic);
}

expected<topic_holder, error> inbound_aliases::look_up(
  std::size_t alias, publication& publication) const {
  if (!topics_ || topics_->size() < alias || !(*topics_)[alias - 1])
    return error{reason_code::protocol_error,
      "the topic alias has no topic on this connection: send the topic with it first"};
  const auto& known = (*topics_)[alias - 1];
  publication.topic = *known;
  return known;
}

} // namespace callboard::protocol
