#pragma once

#include "app/arguments.hpp"
#include "app/configuration.hpp"

#include <optional>

namespace callboard::app {

/// What `callboard node` was asked for.
struct node_request {
  enum class kind { run, print_config, print_reference };

  kind what = kind::run;

  /// Put together from the file, the `--set`s and the flags.
  app::configuration configuration;
};

/// Reads the command line and the file that it names. An exit code instead if
/// nothing is left to do, see parse().
struct node_arguments {
  std::optional<int> exit;
  node_request request;
};
node_arguments read_node_arguments(const arguments& given);

} // namespace callboard::app
