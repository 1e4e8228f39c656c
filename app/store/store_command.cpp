#include "app/store/store_command.hpp"

#include "app/command_line.hpp"
#include "app/exit_code.hpp"
#include "app/nearest.hpp"
#include "app/store/verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>
#include <vector>

namespace callboard::app {

namespace {

struct verb {
  std::string_view name;
  int (*run)(const arguments& given);
};

constexpr std::string_view overview = R"(Look after what a node keeps on disk.

  callboard store check             read everything and say whether it is sound
  callboard store dump              print everything as JSON lines
  callboard store backup FILE       copy it, also while the node runs
  callboard store restore FILE      bring such a copy back; the node is stopped
  callboard store compact           give free pages back; the node is stopped
  callboard store VERB --help       all about a verb

Each takes --data DIR, the node's data directory (default: callboard-data), or
--config FILE, its configuration file. Run them as the user that runs the node.
)";

int print_overview(const arguments&) {
  std::cout << overview;
  return exit_code::done;
}

constexpr std::array verbs{
  verb{"check", store::check},
  verb{"dump", store::dump},
  verb{"backup", store::backup},
  verb{"restore", store::restore},
  verb{"compact", store::compact},
  verb{"help", print_overview},
  verb{"--help", print_overview},
  verb{"-h", print_overview},
};

int refuse_verb(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& one : verbs)
    names.push_back(one.name);
  const auto meant = nearest(name, names);
  return refuse_usage("store", fmt::format("unknown verb store {}", name),
    meant.empty() ? std::string{} : fmt::format("did you mean store {}?", meant));
}

} // namespace

int store_command(const arguments& given) {
  if (given.empty())
    return print_overview(given);
  const auto named = [&](const verb& one) { return one.name == given.front(); };
  const auto* found = std::find_if(verbs.begin(), verbs.end(), named);
  if (found == verbs.end())
    return refuse_verb(given.front());
  return found->run({given.begin() + 1, given.end()});
}

} // namespace callboard::app
