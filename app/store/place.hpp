#pragma once

#include "app/arguments.hpp"
#include "app/store/failure.hpp"
#include "persistence/directory_lock.hpp"
#include "protocol/expected.hpp"

#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace callboard::app::store {

/// What all help says of the flags that follow.
inline constexpr const char* place_help =
  R"(  --data DIR       the data directory of the node; default: callboard-data
  --config FILE    the node's configuration file, which says where that is
  --help           print this, and exit
)";

/// Which store a command is about.
class place {
public:
  /// Binds its flags to the parser, which keeps its address.
  void add_to(CLI::App& parser);

  /// Once they were parsed: finds the directory as the node does. An exit code if
  /// that went wrong; it has been said.
  std::optional<int> settle();

  const std::string& directory() const { return directory_; }
  std::string file() const { return directory_ + "/store.mdb"; }

  /// Nothing if there is a store.
  std::optional<failure> missing() const;

  /// Keeps nodes out for as long as it lives; refused while one is in.
  protocol::expected<std::unique_ptr<persistence::directory_lock>, failure> take() const;

private:
  std::optional<std::string> data_;
  std::string config_;
  std::string directory_;
};

} // namespace callboard::app::store
