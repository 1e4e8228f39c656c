#include "app/node_command.hpp"

#include "app/configuration_text.hpp"
#include "app/exit_code.hpp"
#include "app/log.hpp"
#include "app/node.hpp"
#include "app/node_arguments.hpp"

#include <iostream>

namespace callboard::app {

int node_command(const arguments& given) {
  const auto [exit, request] = read_node_arguments(given);
  if (exit)
    return *exit;
  for (const auto& one : request.configuration.faults)
    std::cerr << to_string(one) << '\n';
  if (!request.configuration.faults.empty())
    return exit_code::bad_configuration;
  switch (request.what) {
  case node_request::kind::print_config:
    std::cout << configuration_file_of(request.configuration.settings);
    return exit_code::done;
  case node_request::kind::print_reference:
    std::cout << configuration_reference();
    return exit_code::done;
  case node_request::kind::run:
    break;
  }
  start_log(request.configuration.settings.log_level);
  return run_node(request.configuration.settings);
}

} // namespace callboard::app
