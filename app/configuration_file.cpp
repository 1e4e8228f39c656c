#include "app/configuration_file.hpp"

#include "app/option_value.hpp"
#include "app/options.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <toml++/toml.h>
#include <utility>

namespace callboard::app {

namespace {

/// What a node of the file would be called by a person.
std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
  case toml::node_type::table:
    return "a table";
  case toml::node_type::array:
    return "an array";
  case toml::node_type::string:
    return "a string";
  case toml::node_type::integer:
    return "a number";
  case toml::node_type::floating_point:
    return "a number with a fraction";
  case toml::node_type::boolean:
    return "true or false";
  default:
    return "a date or time";
  }
}

/// The type of value that the option takes in a file.
toml::node_type type_of(const option& one) {
  if (is_switch(one))
    return toml::node_type::boolean;
  return is_number(one) ? toml::node_type::integer : toml::node_type::string;
}

/// What to write instead of a value of the wrong type.
std::string advice_for(const option& one) {
  if (type_of(one) == toml::node_type::string)
    return fmt::format("write a string in quotes, for example {}", quoted(one.example));
  return fmt::format("write {}, without quotes", describe_range(one));
}

/// The value as it would stand behind `--set key=`.
std::string text_of(const toml::node& node) {
  if (const auto* number = node.as_integer())
    return std::to_string(number->get());
  if (const auto* truth = node.as_boolean())
    return truth->get() ? "true" : "false";
  return node.value_or(std::string{});
}

/// Walks the parsed file and collects its values.
class walk {
public:
  explicit walk(const std::string& file_name) : file_name_{file_name} {}

  assignments over(const toml::table& file) &&;

private:
  void take(const toml::key& key, const toml::node& node);
  void take_unknown(const toml::key& key, const toml::node& node);
  void take_table(const option& one, const toml::table& table);
  void take_list(const option& one, const toml::array& list);
  void take_value(const option& one, const std::string& name, const toml::node& node);
  void add(const toml::source_region& at, const std::string& name, std::string text,
    std::optional<complaint> wrong = {});

  const std::string& file_name_;

  /// The file's order, which TOML's tables forget.
  std::map<std::pair<toml::source_index, toml::source_index>, assignment> found_;
};

assignments walk::over(const toml::table& file) && {
  for (const auto& [key, node] : file)
    take(key, node);
  assignments in_order;
  for (auto& [position, one] : found_)
    in_order.push_back(std::move(one));
  return in_order;
}

void walk::take(const toml::key& key, const toml::node& node) {
  const auto* one = find_option(key.str());
  const auto* table = node.as_table();
  const auto* list = node.as_array();
  if (one == nullptr)
    take_unknown(key, node);
  else if ((table != nullptr) != is_table(*one))
    add(key.source(), std::string{key.str()} + (table != nullptr ? "." : ""), {});
  else if (table != nullptr)
    take_table(*one, *table);
  else if (list != nullptr && is_list(*one))
    take_list(*one, *list);
  else
    take_value(*one, std::string{key.str()}, node);
}

void walk::take_unknown(const toml::key& key, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr || table->empty())
    return add(key.source(), std::string{key.str()}, {});
  for (const auto& [inner, ignored] : *table)
    add(inner.source(), fmt::format("{}.{}", key.str(), inner.str()), {});
}

void walk::take_table(const option& one, const toml::table& table) {
  for (const auto& [key, node] : table) {
    const auto name = fmt::format("{}.{}", one.key, key.str());
    if (find_option(key.str()) != nullptr && node.type() != type_of(one))
      add(key.source(), name, {},
        complaint{fmt::format("{} is not a share group but a key", name),
          fmt::format("move {} above [{}]", key.str(), one.key)});
    else
      take_value(one, name, node);
  }
}

void walk::take_list(const option& one, const toml::array& list) {
  if (list.empty() && !may_be_empty(one))
    add(list.source(), std::string{one.key}, {},
      complaint{fmt::format("{}: the list is empty", one.key),
        fmt::format("name at least one, for example [{}]", quoted(one.example))});
  for (const auto& node : list)
    take_value(one, std::string{one.key}, node);
}

void walk::take_value(const option& one, const std::string& name, const toml::node& node) {
  if (node.type() == type_of(one))
    return add(node.source(), name, text_of(node));
  add(node.source(), name, {},
    complaint{fmt::format("{}: {} does not fit", name, kind_of(node)), advice_for(one)});
}

void walk::add(const toml::source_region& at, const std::string& name, std::string text,
  std::optional<complaint> wrong) {
  const auto [line, column] = std::pair{at.begin.line, at.begin.column};
  auto where = fmt::format("{}:{}:{}", file_name_, line, column);
  found_.insert_or_assign(
    {line, column}, assignment{name, std::move(text), std::move(where), std::move(wrong)});
}

/// A file of which nothing can be used.
assignments nothing_but(std::string where, complaint wrong) {
  return {{{}, {}, std::move(where), std::move(wrong)}};
}

} // namespace

assignments parse_configuration(std::string_view text, const std::string& file_name) {
  try {
    return walk{file_name}.over(toml::parse(text, file_name));
  } catch (const toml::parse_error& wrong) {
    const auto at = wrong.source().begin;
    return nothing_but(fmt::format("{}:{}:{}", file_name, at.line, at.column),
      {fmt::format("not TOML: {}", wrong.description()),
        "see https://toml.io for how to write it"});
  }
}

assignments read_configuration(const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf(); // fails for an empty file too, but without a reason
  if (const auto reason = errno; (!file || !text) && reason != 0)
    return nothing_but(path, {fmt::format("cannot be read: {}", std::strerror(reason)), // NOLINT
                               "check the path and who may read it"});
  return parse_configuration(text.str(), path);
}

} // namespace callboard::app
