#include "app/verbs.hpp"

#include "app/client/pub_command.hpp"
#include "app/client/sub_command.hpp"
#include "app/command_line.hpp"
#include "app/exit_code.hpp"
#include "app/nearest.hpp"
#include "app/node_command.hpp"
#include "app/store/store_command.hpp"
#include "app/version.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <fmt/format.h>
#include <iostream>
#include <string_view>

namespace callboard::app {

namespace {

struct verb {
  std::string_view name;
  int (*run)(const arguments& given);
};

int print_version(const arguments&) {
  std::cout << "callboard " << version << '\n';
  return exit_code::done;
}

constexpr std::string_view overview = R"(Callboard, an MQTT broker (3.1, 3.1.1, 5.0) made of actors.

  callboard node                                     run a node on 127.0.0.1:1883
  callboard sub -t 'hall/#' -v                       subscribe, and print what comes
  callboard pub -t hall/door -m open                 publish a message
  callboard node --print-config > node.toml          start a configuration file
  callboard store backup FILE                        copy what a node keeps; check, restore it
  callboard version                                  say which version this is
  callboard help VERB                                all about a verb
)";

int print_overview(const arguments&) {
  std::cout << overview;
  return exit_code::done;
}

constexpr std::array verbs{
  verb{"node", node_command},
  verb{"pub", pub_command},
  verb{"sub", sub_command},
  verb{"store", store_command},
  verb{"version", print_version},
  verb{"--version", print_version},
  verb{"help", print_overview},
  verb{"--help", print_overview},
  verb{"-h", print_overview},
};

int refuse_verb(std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(verbs.size());
  for (const auto& one : verbs)
    names.push_back(one.name);
  const auto meant = nearest(name, names);
  return refuse_usage("", fmt::format("unknown verb {}", name),
    meant.empty() ? "'callboard help' lists them" : fmt::format("did you mean {}?", meant));
}

int run(const arguments& given) {
  if (given.empty())
    return print_overview(given);
  if (given.front() == "help" && given.size() > 1)
    return run({given[1], "--help"});
  const auto named = [&](const verb& one) { return one.name == given.front(); };
  const auto* found = std::find_if(verbs.begin(), verbs.end(), named);
  if (found == verbs.end())
    return refuse_verb(given.front());
  return found->run({given.begin() + 1, given.end()});
}

} // namespace

int run_verb(const arguments& given) noexcept {
  try {
    return run(given);
  } catch (const std::exception& wrong) {
    std::cerr << "error: " << wrong.what()
              << " — this is a mistake in Callboard, please report it\n";
    return exit_code::internal_error;
  }
}

} // namespace callboard::app
