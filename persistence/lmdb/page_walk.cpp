#include "persistence/lmdb/page_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace callboard::persistence {

namespace {

// LMDB's format, from its mdb.c, which keeps it to itself.
constexpr std::uint32_t magic = 0xBEEFC0DE;
constexpr std::uint32_t format = 1;
constexpr std::size_t header_size = 16;
constexpr std::size_t node_size = 8;
constexpr unsigned deepest = 31;
constexpr std::uint64_t no_page = ~std::uint64_t{0};

namespace page_flag {
constexpr unsigned branch = 0x01, leaf = 0x02, overflow = 0x04, meta = 0x08;
} // namespace page_flag

namespace node_flag {
constexpr unsigned big = 0x01, table = 0x02;
} // namespace node_flag

struct page_header {
  std::uint64_t number;
  std::uint16_t pad;
  std::uint16_t flags;
  std::uint16_t lower; // of an overflow page: how many they are, in 32 bits
  std::uint16_t upper;
};
static_assert(sizeof(page_header) == header_size);

struct tree {
  std::uint32_t page_size; // only in the first tree of a meta page
  std::uint16_t flags;
  std::uint16_t depth;
  std::uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};
static_assert(sizeof(tree) == 48);

struct meta {
  std::uint32_t magic, version;
  std::uint64_t address, map_size;
  tree free, main;
  std::uint64_t last_page, transaction;
};
static_assert(sizeof(meta) == 136);

struct node {
  std::uint16_t low, high, flags, key_size;

  std::uint32_t size() const { return low | std::uint32_t{high} << 16; }
  std::uint64_t page() const { return size() | std::uint64_t{flags} << 32; }
};
static_assert(sizeof(node) == node_size);

/// A copy, as nothing in a damaged file lies where it should.
template <class Part>
Part read(std::string_view from, std::size_t at) {
  Part part{};
  std::memcpy(&part, from.data() + at, sizeof part);
  return part;
}

/// A file, as it lies in memory.
class mapped_file {
public:
  explicit mapped_file(const std::string& name) {
    const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC); // NOLINT: vararg
    struct stat found {};
    if (file >= 0 && ::fstat(file, &found) == 0 && found.st_size > 0) {
      size_ = static_cast<std::size_t>(found.st_size);
      at_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    }
    if (file >= 0)
      ::close(file);
  }
  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;
  ~mapped_file() {
    if (at_ != MAP_FAILED)
      ::munmap(at_, size_);
  }

  std::string_view bytes() const {
    return at_ == MAP_FAILED ? std::string_view{}
                             : std::string_view{static_cast<const char*>(at_), size_};
  }

private:
  void* at_ = MAP_FAILED; // NOLINT: a macro with a cast
  std::size_t size_ = 0;
};

/// What is known of a tree while it is walked through.
struct rows_of_tree {
  std::size_t count = 0;
  std::string_view last_key;
  std::string_view least; // what keys must not lie in front of
};

/// Where in a tree a page stands.
struct place {
  unsigned levels = 0; // below and with it
  std::string_view table;
  rows_of_tree* tree = nullptr;
};

class walker {
public:
  walker(std::string_view file, const page_walk::visit& rows) : file_{file}, rows_{rows} {}

  page_walk::outcome walk() {
    const auto newest = find_meta();
    if (!newest) {
      damaged(0, "it has no beginning that LMDB wrote");
      return outcome_;
    }
    page_size_ = newest->free.page_size;
    last_page_ = newest->last_page;
    transaction_ = newest->transaction;
    outcome_.file_pages = last_page_ + 1;
    seen_.assign(std::min<std::size_t>(last_page_ + 1, file_.size() / page_size_), false);
    // Who only wants the rows takes pages that are free and in use for in use.
    in_free_list_ = true;
    if (!rows_)
      walk_tree(newest->free, {});
    in_free_list_ = false;
    walk_tree(newest->main, {});
    return outcome_;
  }

private:
  /// What is wrong with a file is told once, of the first page; the others count.
  bool damaged(std::uint64_t page, std::string_view what) {
    if (outcome_.damaged++ == 0)
      outcome_.fault = fmt::format("page {}: {}", page, what);
    return false;
  }

  // -- the beginning ------------------------------------------------------------

  std::optional<meta> find_meta() {
    const auto first = meta_at(0);
    const auto second = meta_at(first ? first->free.page_size : std::size_t{4'096});
    if (!first || !second) // LMDB reads neither then
      damaged(first ? 1 : 0, "the beginning is not what LMDB wrote");
    if (!first || !second)
      return first ? first : second;
    if (!alternate(first->transaction, second->transaction) || !plausible(first->last_page) ||
        !plausible(second->last_page))
      damaged(0, "the beginning tells of commits that were not");
    return first->transaction > second->transaction ? first : second;
  }

  /// A commit may leave pages at the end that it took and did not need, but not
  /// more than LMDB lets it write.
  bool plausible(std::uint64_t last_page) const {
    constexpr std::uint64_t most_written = 0x20000;
    return last_page <= file_.size() / 512 + most_written;
  }

  /// Commits are written down in both places in turn, by number.
  static bool alternate(std::uint64_t even, std::uint64_t odd) {
    const bool none = even == 0 && odd == 0;
    return none || (even % 2 == 0 && odd % 2 == 1 && (even + 1 == odd || odd + 1 == even));
  }

  std::optional<meta> meta_at(std::size_t at) const {
    if (file_.size() < at + header_size + sizeof(meta))
      return std::nullopt;
    const auto header = read<page_header>(file_, at);
    const auto found = read<meta>(file_, at + header_size);
    const auto size = found.free.page_size;
    const bool good = (header.flags & page_flag::meta) != 0 && found.magic == magic &&
                      found.version == format && std::has_single_bit(size) && size >= 512 &&
                      size <= 65'536;
    return good ? std::optional{found} : std::nullopt;
  }

  // -- trees --------------------------------------------------------------------
  // NOLINTBEGIN(misc-no-recursion): trees within trees, no deeper than `deepest`

  void walk_tree(const tree& what, std::string_view table) {
    constexpr unsigned integer_keys = 0x08;
    constexpr unsigned one_file = 0x4000; // the whole environment's, but kept there
    if ((what.flags & ~(in_free_list_ ? integer_keys | one_file : 0U)) != 0 ||
        what.depth > deepest) {
      damaged(0, "a table claims to be what no table of a store is");
      return;
    }
    rows_of_tree walking;
    if (what.root != no_page)
      walk_page(what.root, {what.depth, table, &walking});
    if (walking.count != what.entries)
      damaged(0, "a table has not as many rows as it claims");
  }

  /// Marks pages as in use; they must be there and not be in use twice.
  bool take(std::uint64_t first, std::uint64_t count) {
    if (count == 0 || first < 2 || first >= seen_.size() || count > seen_.size() - first)
      return damaged(first, "it lies behind the end of the file");
    for (auto at = first; at < first + count; ++at) {
      if (seen_[at])
        return damaged(at, "it is used twice");
      seen_[at] = true;
    }
    outcome_.pages += count;
    return true;
  }

  std::string_view page(std::uint64_t number) const {
    return file_.substr(number * page_size_, page_size_);
  }

  void walk_page(std::uint64_t number, const place& where) {
    if (!take(number, 1))
      return;
    const auto bytes = page(number);
    const auto header = read<page_header>(bytes, 0);
    const bool branch = where.levels > 1;
    if (where.levels == 0 || header.number != number ||
        header.flags != (branch ? page_flag::branch : page_flag::leaf) || !fits(header)) {
      damaged(number, "it is not the page that it should be");
      return;
    }
    const std::size_t keys = (header.lower - header_size) / 2;
    if (keys < (branch ? 2U : 1U)) {
      damaged(number, "it is empty");
      return;
    }
    if (!all_nodes_fit(bytes, header, keys, branch)) {
      damaged(number, "something in it lies outside of it");
      return;
    }
    for (std::size_t key = 0; key < keys; ++key) {
      check_order(number, bytes, key, where, branch);
      walk_node(bytes, offset_of(bytes, key), where);
    }
  }

  /// LMDB looks keys up by their order. That of the free list is another one.
  void check_order(std::uint64_t number, std::string_view bytes, std::size_t key,
    const place& where, bool branch) {
    const auto at = offset_of(bytes, key);
    const auto one = bytes.substr(at + node_size, read<node>(bytes, at).key_size);
    if (in_free_list_ || (branch && key == 0)) // LMDB does not look at that one
      return;
    auto& tree = *where.tree;
    if ((tree.count > 0 && one <= tree.last_key) || one < tree.least)
      damaged(number, "its keys are not in order");
    (branch ? tree.least : tree.last_key) = one;
  }

  bool fits(const page_header& header) const {
    return header.lower >= header_size && header.lower <= header.upper &&
           header.upper <= page_size_ && header.lower % 2 == 0;
  }

  static std::size_t offset_of(std::string_view bytes, std::size_t key) {
    return read<std::uint16_t>(bytes, header_size + 2 * key);
  }

  /// Nodes fill the page's upper part without gaps, and each keeps to its own.
  bool all_nodes_fit(
    std::string_view bytes, const page_header& header, std::size_t keys, bool branch) const {
    std::vector<std::pair<std::size_t, std::size_t>> taken; // where from, and how much
    for (std::size_t key = 0; key < keys; ++key) {
      const auto at = offset_of(bytes, key);
      if (at < header.upper || at % 2 != 0 || at + node_size > page_size_)
        return false;
      const auto one = read<node>(bytes, at);
      const bool nameless = one.key_size == 0 && !(branch && key == 0);
      if (nameless || one.key_size > 511 || (!branch && !known(one.flags)))
        return false;
      taken.emplace_back(at, size_in_page(one, branch));
    }
    std::ranges::sort(taken);
    std::size_t end = header.upper;
    for (const auto& [at, size] : taken)
      end = at == end ? at + size : page_size_ + 1;
    return end == page_size_;
  }

  static bool known(unsigned flags) {
    return flags == 0 || flags == node_flag::big || flags == node_flag::table;
  }

  static std::size_t size_in_page(const node& one, bool branch) {
    const std::size_t value = branch                        ? 0
                              : one.flags == node_flag::big ? sizeof(std::uint64_t)
                                                            : one.size();
    const auto size = node_size + one.key_size + value;
    return size + size % 2;
  }

  void walk_node(std::string_view bytes, std::size_t at, const place& where) {
    const auto one = read<node>(bytes, at);
    if (where.levels > 1)
      return walk_page(one.page(), {where.levels - 1, where.table, where.tree});
    ++where.tree->count;
    const auto key = bytes.substr(at + node_size, one.key_size);
    auto value = bytes.substr(at + node_size + one.key_size);
    if (one.flags == node_flag::big) {
      const auto found = overflow(read<std::uint64_t>(value, 0), one.size());
      if (!found)
        return;
      value = *found;
    } else {
      value = value.substr(0, one.size());
    }
    tell(where.table, key, value, one.flags == node_flag::table);
  }

  std::optional<std::string_view> overflow(std::uint64_t first, std::size_t size) {
    if (first < 2 || first >= seen_.size()) {
      damaged(first, "it lies behind the end of the file");
      return std::nullopt;
    }
    const auto header = read<page_header>(page(first), 0);
    const auto count = header.lower | std::uint32_t{header.upper} << 16;
    if (header.number != first || header.flags != page_flag::overflow ||
        count != (header_size + size + page_size_ - 1) / page_size_) {
      damaged(first, "it is not the page that it should be");
      return std::nullopt;
    }
    if (!take(first, count))
      return std::nullopt;
    return file_.substr(first * page_size_ + header_size, size);
  }

  // -- what stands in them ------------------------------------------------------

  void tell(std::string_view table, std::string_view key, std::string_view value, bool is_table) {
    if (in_free_list_)
      return check_free(key, value);
    if (table.empty() && is_table && value.size() == sizeof(tree))
      return walk_tree(read<tree>(value, 0), key);
    if (table.empty() || is_table) {
      damaged(0, "there is something among the tables that is none");
      return;
    }
    if (rows_)
      rows_(table, key, value);
  }
  // NOLINTEND(misc-no-recursion)

  /// Pages that a commit has freed: how many, and which, descending.
  void check_free(std::string_view key, std::string_view value) {
    constexpr auto wide = sizeof(std::uint64_t);
    const auto count = value.size() >= wide ? read<std::uint64_t>(value, 0) : no_page;
    const auto freed_by = key.size() == wide ? read<std::uint64_t>(key, 0) : 0;
    if (freed_by <= last_freed_by_ || freed_by > transaction_ || count > value.size() / wide - 1) {
      damaged(0, "the list of free pages is broken");
      return;
    }
    last_freed_by_ = freed_by;
    auto above = last_page_ + 1;
    for (std::size_t at = 1; at <= count; ++at) {
      const auto number = read<std::uint64_t>(value, at * wide);
      if (number < 2 || number >= above || (number < seen_.size() && seen_[number])) {
        damaged(number, "it is free and in use");
        return;
      }
      if (number < seen_.size())
        seen_[number] = true;
      above = number;
    }
  }

  std::string_view file_;
  const page_walk::visit& rows_;
  page_walk::outcome outcome_;
  std::vector<bool> seen_;
  std::size_t page_size_ = 4'096;
  std::uint64_t last_page_ = 0;
  std::uint64_t transaction_ = 0;
  std::uint64_t last_freed_by_ = 0;
  bool in_free_list_ = false;
};

} // namespace

page_walk::outcome page_walk::through(const std::string& file, const visit& rows) {
  const mapped_file mapped{file};
  if (mapped.bytes().empty())
    return {};
  return walker{mapped.bytes(), rows}.walk();
}

} // namespace callboard::persistence
