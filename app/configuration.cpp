#include "app/configuration.hpp"

#include "app/cross_rules.hpp"
#include "app/nearest.hpp"
#include "app/option_value.hpp"
#include "app/options.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <map>
#include <set>

namespace callboard::app {

namespace {

/// `table.key` in two; `group` is empty and `dotted` false for a plain key.
struct split_key {
  explicit split_key(std::string_view text)
      : key{text.substr(0, text.find('.'))}, dotted{key.size() < text.size()},
        group{dotted ? text.substr(key.size() + 1) : std::string_view{}} {}

  std::string_view key;
  bool dotted;
  std::string_view group;
};

/// Why there is no such key.
complaint unknown_key(std::string_view whole, const split_key& name) {
  const auto cause = fmt::format("unknown key {}", whole);
  if (find_option(name.group) != nullptr)
    return {cause, fmt::format("{} stands at the top level, above every [table]", name.group)};
  const auto meant = nearest(name.key, option_keys());
  if (meant.empty())
    return {cause, "'callboard node --help' lists all keys"};
  return {cause, fmt::format("did you mean {}?", meant)};
}

/// Why the key cannot be given a value in this form.
complaint wrong_form(const option& one) {
  if (is_table(one))
    return {fmt::format("{} is a table", one.key),
      fmt::format("write {}.NAME = {}", one.key, quoted(one.example))};
  return {fmt::format("{} is not a table", one.key), fmt::format("write {} = ...", one.key)};
}

/// Collects settings and faults, and remembers where each value came from.
class builder {
public:
  void take(const assignments& place);
  configuration finish() &&;

private:
  void take(const assignment& given, bool first_of_place);
  void blame(std::string where, complaint what);
  std::string origin(std::string_view key, std::size_t index) const;

  configuration result_;

  /// By key; for lists one for each element.
  std::map<std::string_view, std::vector<std::string>> origins_;
};

void builder::take(const assignments& place) {
  std::set<std::string_view> seen;
  for (const auto& given : place)
    take(given, seen.insert(given.key).second);
}

void builder::take(const assignment& given, bool first_of_place) {
  if (given.wrong)
    return blame(given.where, *given.wrong);
  const split_key name{given.key};
  const auto* one = find_option(name.key);
  if (one == nullptr)
    return blame(given.where, unknown_key(given.key, name));
  if (is_table(*one) != name.dotted)
    return blame(given.where, wrong_form(*one));
  auto& origins = origins_[one->key];
  if (first_of_place || !is_list(*one)) {
    clear_list(result_.settings, *one);
    origins.clear();
  }
  if (auto wrong = assign(result_.settings, *one, name.group, given.text)) {
    if (!given.where_is_key)
      wrong->cause = fmt::format("{}: {}", given.key, wrong->cause);
    return blame(given.where, std::move(*wrong));
  }
  origins.push_back(given.where);
}

configuration builder::finish() && {
  for (auto& [key, index, what] : check_together(result_.settings))
    blame(origin(key, index), std::move(what));
  return std::move(result_);
}

void builder::blame(std::string where, complaint what) {
  result_.faults.push_back({std::move(where), std::move(what.cause), std::move(what.advice)});
}

std::string builder::origin(std::string_view key, std::size_t index) const {
  const auto at = origins_.find(key);
  return at == origins_.end() || index >= at->second.size() ? "default" : at->second[index];
}

} // namespace

configuration configure(const std::vector<assignments>& places) {
  builder settings;
  for (const auto& place : places)
    settings.take(place);
  return std::move(settings).finish();
}

} // namespace callboard::app
