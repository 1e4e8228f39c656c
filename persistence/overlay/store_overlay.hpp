#pragma once

#include "persistence/lmdb/table_reader.hpp"
#include "persistence/lmdb/table_writer.hpp"
#include "persistence/overlay/session_overlay.hpp"
#include "persistence/records/batch_record.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callboard::persistence {

/// Sessions and retained messages as they are, where the tables have them as they
/// were: the journal's content, in memory, by what it is about. The one that has
/// waited longest is folded first, so the journal's beginning can go.
class store_overlay {
public:
  /// Names one that waits to be folded.
  using ticket = std::uint64_t;

  /// Applies a record of the journal, which is the batch but for what is left out. What a
  /// session's tables have of it already is passed over. The census is of the batch.
  void apply(const batch& changes, const left_out& without, const message_census& census,
    std::uint64_t sequence, const table_reader& tables);

  /// Null if it is as the tables have it; one that is not begun() has ended.
  session_overlay* find(std::string_view client_id);

  /// Takes in a session that is as the tables have it, to be changed after this
  /// record of the journal.
  session_overlay& add(
    std::string_view client_id, std::uint64_t sequence, std::optional<session_head> head);

  /// Empty if it is as the tables have it; null: the topic has none.
  std::optional<protocol::message_ptr> find_retained(std::string_view topic) const;

  /// Client ids, or topics, from this one on, ascending; they last until the next
  /// change.
  std::vector<std::string_view> sessions_from(std::string_view first) const;
  std::vector<std::string_view> retained_from(std::string_view first) const;

  /// What has changed of what share groups have, in no order.
  void each_share(const std::function<void(const share_change&)>& visit) const;

  bool empty() const { return waiting_.empty(); }

  /// The first record of the journal that is still needed; empty: none is.
  std::optional<std::uint64_t> oldest() const;

  /// Some that shall be folded, together about so many rows or the first alone:
  /// those that have become many rows, and, if `all`, the others, oldest first.
  std::vector<ticket> choose(std::size_t rows, bool all) const;

  /// The one of this client; it must wait.
  ticket ticket_of(std::string_view client_id) const {
    return sessions_.find(client_id)->second.in;
  }

  /// Writes them into the tables as they are now, which is after this record.
  void fold(const std::vector<ticket>& chosen, std::uint64_t sequence, table_writer& to);

  /// They are in the file now.
  void forget(const std::vector<ticket>& chosen);

  void clear();

  /// For sessions that are looked at only.
  body_register& bodies() { return bodies_; }

private:
  struct changed_session {
    session_overlay state;
    ticket in = 0;
  };

  struct changed_topic {
    protocol::message_ptr message;
    ticket in = 0;
  };

  struct changed_share {
    share_change what;
    ticket in = 0;
  };

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  template <class Value>
  using by_text = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

  enum class subject : std::uint8_t { session, topic, share };

  /// One that waits. The names live as keys of the maps below.
  struct waiting {
    std::uint64_t since; // the first record that is not folded
    subject what;
    std::string_view name;
  };

  ticket queue_up(std::uint64_t sequence, subject what, std::string_view name);
  void apply(const session_changes& changes, const message_census& census, std::uint64_t sequence,
    const table_reader& tables);
  void apply(const retained_change& change, std::uint64_t sequence);
  void apply(const share_change& change, std::uint64_t sequence);
  std::size_t weight_of(const waiting& one) const;

  body_register bodies_;
  by_text<changed_session> sessions_;
  by_text<changed_topic> retained_;
  by_text<changed_share> shares_; // by group and token

  /// By the order in which they began to wait.
  std::map<ticket, waiting> waiting_;

  /// Those of them that have become many rows.
  std::set<ticket> heavy_;

  ticket last_ticket_ = 0;
};

} // namespace callboard::persistence
