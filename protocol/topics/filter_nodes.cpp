#include "protocol/topics/filter_nodes.hpp"

namespace callboard::protocol {

filter_nodes::filter_nodes(std::uint64_t seed) : seed_{seed} {
  nodes_.put({});
}

std::optional<filter_nodes::place> filter_nodes::find(std::string_view filter) const {
  auto at = root;
  for (level_reader levels{filter}; !levels.done();) {
    const auto level = levels.next();
    if (level == "#")
      return place{at, true};
    at = child(at, level);
    if (at == root)
      return std::nullopt;
  }
  return place{at, false};
}

filter_nodes::place filter_nodes::obtain(std::string_view filter) {
  auto at = root;
  for (level_reader levels{filter}; !levels.done();) {
    const auto level = levels.next();
    if (level == "#")
      return {at, true};
    const auto known = child(at, level);
    at = known != root ? known : add_child(at, level);
  }
  return {at, false};
}

void filter_nodes::release(place where) {
  for (auto at = where.node; at != root && !nodes_[at].needed();) {
    const auto parent = nodes_[at].parent;
    remove(at);
    at = parent;
  }
  if (nodes_.sparse())
    compact();
}

filter_nodes::index filter_nodes::child(index parent, std::string_view level) const {
  if (level == "+")
    return nodes_[parent].plus;
  return nodes_[parent].literals == 0 ? root
                                      : literal_child(parent, level, hash_level(level, seed_));
}

filter_nodes::index filter_nodes::add_child(index parent, std::string_view level) {
  node added;
  added.parent = parent;
  added.level = level_text{level};
  text_bytes_ += added.level.heap_bytes();
  const auto at = nodes_.put(std::move(added));
  if (level == "+") {
    nodes_[parent].plus = at;
    return at;
  }
  edges_.insert(edge_hash(parent, hash_level(level, seed_)), at);
  ++nodes_[parent].literals;
  return at;
}

void filter_nodes::remove(index leaf) {
  const auto gone = nodes_.take(leaf);
  auto& parent = nodes_[gone.parent];
  text_bytes_ -= gone.level.heap_bytes();
  if (parent.plus == leaf) {
    parent.plus = root;
    return;
  }
  edges_.erase(edge_hash(gone.parent, hash_level(gone.level.view(), seed_)), leaf);
  --parent.literals;
}

void filter_nodes::compact() {
  const auto moved = nodes_.compact();
  nodes_.for_each([&](index, node& here) {
    here.parent = moved[here.parent];
    here.plus = moved[here.plus];
  });
  edges_.clear();
  nodes_.for_each([&](index at, const node& here) {
    if (at != root && nodes_[here.parent].plus != at)
      edges_.insert(edge_hash(here.parent, hash_level(here.level.view(), seed_)), at);
  });
}

void filter_nodes::append_levels(index at, std::vector<index>& path, std::string& filter) const {
  path.clear();
  for (; at != root; at = nodes_[at].parent)
    path.push_back(at);
  filter.clear();
  for (; !path.empty(); path.pop_back()) {
    filter += nodes_[path.back()].level.view();
    if (path.size() > 1)
      filter += '/';
  }
}

} // namespace callboard::protocol
