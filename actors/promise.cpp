#include "actors/promise.hpp"

namespace callboard::actors {

promise::~promise() {
  for (auto& [to, mail] : acknowledgements) {
    mail.are_known = is_known;
    tell(to, std::move(mail));
  }
}

} // namespace callboard::actors
