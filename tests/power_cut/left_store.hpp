#pragma once

#include "persistence/store_check.hpp"

#include "tests/power_cut/disk.hpp"
#include "tests/power_cut/stage.hpp"

#include <memory>
#include <random>
#include <string>
#include <utility>

namespace callboard::persistence {

/// A store on what a power cut has left of its files. Each step says what is wrong;
/// empty: nothing is.
class left_store {
public:
  left_store(const disk& from, disk::cut how, std::mt19937& chance) {
    from.leave(directory_.path(), how, chance);
  }

  lmdb_store& kept() { return *kept_; }

  std::string open() {
    kept_.reset();
    auto opened = lmdb_store::open(options_of_a_store_in(directory_.path()));
    if (!opened)
      return opened.error().text;
    kept_ = *std::move(opened);
    if (!kept_->report().losses.empty())
      return kept_->report().losses.front();
    return kept_->damaged_records() == 0 ? "" : "some records are damaged";
  }

  /// Commits more and opens again, takes it back and folds all, and opens once more.
  std::string go_on() {
    const auto session = kept_->highest_session();
    const protocol::operation brought =
      protocol::delivery_enqueued{protocol::make_delivery(std::string(5'000, 'p'))};
    auto wrong = commit({"probe", session, {protocol::client_attached{60}, brought}});
    if (wrong.empty())
      wrong = open();
    if (!wrong.empty())
      return wrong;
    const auto loaded = kept_->load_session("probe", {});
    if (!loaded || !*loaded)
      return "what was committed behind the cut is missing";
    wrong = commit({"probe", session, {protocol::session_ended{}}});
    if (wrong.empty())
      wrong = fold_all();
    return wrong.empty() ? open() : wrong;
  }

  /// Reads all of the file once more; the store is closed then.
  std::string check() {
    kept_.reset();
    const auto checked = check_store(directory_.path() + "/store.mdb");
    return checked.good() ? "" : checked.faults.front();
  }

private:
  std::string commit(session_changes changes) {
    batch one;
    one.sessions.push_back(std::move(changes));
    const auto failed = kept_->commit(one, durability::disk);
    return failed ? failed->text : "";
  }

  std::string fold_all() {
    for (;;) {
      const auto more = kept_->fold(100);
      if (!more)
        return more.error().text;
      if (!*more)
        return {};
    }
  }

  temporary_directory directory_;
  std::unique_ptr<lmdb_store> kept_;
};

} // namespace callboard::persistence
