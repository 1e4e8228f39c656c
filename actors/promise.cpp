#include "actors/promise.hpp"

namespace callboard::actors {

promise::~promise() {
  for (auto& [to, mail] : acknowledgements) {
    mail.stored = is_known ? protocol::reception::known : protocol::reception::told;
    tell(to, std::move(mail));
  }
}

} // namespace callboard::actors
