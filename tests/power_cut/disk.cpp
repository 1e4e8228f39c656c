#include "tests/power_cut/disk.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <variant>

namespace callboard::persistence {

namespace {

constexpr std::size_t page_size = 4'096;
constexpr std::size_t sector_size = 512;

/// Any number from 0 to below the bound.
std::size_t below(std::size_t bound, std::mt19937& chance) {
  return chance() % bound;
}

} // namespace

// -- what happens -----------------------------------------------------------------

void disk::apply(const file_event& what) {
  std::visit([this](const auto& one) { happened(one); }, what);
}

void disk::happened(const bytes_written& what) {
  if (files_.size() <= what.file)
    files_.resize(what.file + 1);
  auto& in = files_[what.file];
  for (std::size_t done = 0; done < what.bytes.size();) {
    const auto at = what.at + done;
    const auto within = at % page_size;
    const auto size = std::min(page_size - within, what.bytes.size() - done);
    auto& one = in.pages[at / page_size];
    auto next = one.versions.back();
    next.resize(page_size);
    next.replace(within, size, what.bytes, done, size);
    one.versions.push_back(std::move(next));
    one.dirty = true;
    done += size;
  }
  in.sizes.push_back(std::max(in.sizes.back(), what.at + what.bytes.size()));
}

void disk::settle(page& one, bool failed) {
  if (one.dirty && !failed)
    one.versions.erase(one.versions.begin(), one.versions.end() - 1);
  one.dirty = false;
}

void disk::happened(const range_synced& what) {
  auto& in = files_[what.file];
  for (auto at = what.at / page_size; at * page_size < what.at + what.size; ++at)
    settle(in.pages[at], what.failed);
  if (!what.failed)
    in.sizes = {in.sizes.back()};
}

void disk::happened(const file_synced& what) {
  auto& in = files_[what.file];
  for (auto& [at, one] : in.pages)
    settle(one, what.failed);
  if (!what.failed)
    in.sizes = {in.sizes.back()};
}

void disk::happened(const names_synced&) {
  for (const auto& one : pending_)
    rename(names_, one);
  pending_.clear();
}

void disk::rename(names& in, const file_event& what) {
  if (const auto* given = std::get_if<name_given>(&what)) {
    in.insert_or_assign(given->name, given->file);
  } else if (const auto* changed = std::get_if<name_changed>(&what)) {
    in.insert_or_assign(changed->to, in.at(changed->from));
    in.erase(changed->from);
  } else if (const auto* removed = std::get_if<name_removed>(&what)) {
    in.erase(removed->name);
  }
}

// -- power cuts -------------------------------------------------------------------

void disk::leave(const std::string& directory, cut how, std::mt19937& chance) const {
  auto left = names_;
  auto renamed = how == cut::everything ? pending_.size()
                 : how == cut::nothing  ? 0
                                        : below(pending_.size() + 1, chance);
  for (std::size_t one = 0; one < renamed; ++one)
    rename(left, pending_[one]);
  for (const auto& [name, number] : left)
    std::ofstream{directory + '/' + name, std::ios::binary}
      << (number < files_.size() ? content(files_[number], how, chance) : std::string{});
}

std::string disk::content(const file& of, cut how, std::mt19937& chance) {
  auto size = how == cut::nothing ? of.sizes.front() : of.sizes.back();
  if (how == cut::pages || how == cut::sectors)
    size = of.sizes[below(of.sizes.size(), chance)];
  std::string bytes(size, '\0');
  for (const auto& [at, one] : of.pages)
    if (at * page_size < size)
      bytes.replace(at * page_size, page_size, content(one, how, chance), 0,
        std::min<std::size_t>(page_size, size - at * page_size));
  return bytes;
}

std::string disk::content(const page& of, cut how, std::mt19937& chance) {
  if (of.versions.size() == 1)
    return of.versions.front();
  std::string bytes(page_size, below(2, chance) == 0 ? '\0' : 'g'); // what others left
  auto which = of.versions.size() - 1;
  for (std::size_t at = 0; at < page_size; at += sector_size) {
    if (how == cut::nothing)
      which = 0;
    else if (how == cut::sectors || (how == cut::pages && at == 0))
      which = below(of.versions.size(), chance);
    if (!of.versions[which].empty())
      bytes.replace(at, sector_size, of.versions[which], at, sector_size);
  }
  return bytes;
}

} // namespace callboard::persistence
