#include "app/store/property_object.hpp"

#include "app/store/base64.hpp"
#include "protocol/codec/message_properties.hpp"

namespace callboard::app::store {

object properties_of(std::string_view encoded) {
  if (encoded.empty())
    return nullptr;
  const auto found = protocol::decode_message_properties(encoded);
  object all = object::object();
  if (found.payload_is_utf8)
    all["payload_format_indicator"] = *found.payload_is_utf8 ? 1 : 0;
  if (found.content_type)
    all["content_type"] = *found.content_type;
  if (found.response_topic)
    all["response_topic"] = *found.response_topic;
  if (found.correlation_data)
    all["correlation_data_base64"] = base64(*found.correlation_data);
  for (const auto& [name, value] : found.user_properties)
    all["user_properties"].push_back({name, value});
  return all;
}

} // namespace callboard::app::store
