#pragma once

#include "persistence/lmdb/environment.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// The tables of a store's file. Each record but the pieces' is sealed (see
/// records/seal.hpp).
struct tables {
  /// "schema" and "numbers".
  MDB_dbi meta = 0;

  /// Sequence and piece: what was committed and is not folded yet, in pieces.
  MDB_dbi journal = 0;

  /// Client id (see name_key): head.
  MDB_dbi sessions = 0;

  /// Name of a session's rows and subscription number: subscription.
  MDB_dbi subscriptions = 0;

  /// Name of a session's rows and position: body and terms.
  MDB_dbi deliveries = 0;

  /// Number and piece: a message that deliveries refer to, in pieces.
  MDB_dbi bodies = 0;

  /// Number of a body: how many deliveries refer to it, if not just one.
  MDB_dbi shared_bodies = 0;

  /// Topic (see name_key): message.
  MDB_dbi retained = 0;

  /// Name of a share group, as a number, and token: the group and a message.
  MDB_dbi shares = 0;

  /// Names of rows that nobody needs any more and that are not removed yet.
  MDB_dbi dropped = 0;

  /// A number: a record that could not be read, with the place where it lay.
  MDB_dbi damaged = 0;

  /// Opens them all, made if need be.
  static tables open(transaction& in);

  /// Whether they all are there.
  static bool complete(transaction& in);

  /// A table's name.
  std::string_view name_of(MDB_dbi table) const;

  /// The one of this name, or of one that differs in a letter: for rows of a file
  /// that is damaged, as they are sealed and do not pass for what they are not.
  std::optional<MDB_dbi> find_like(std::string_view name) const;

  /// Pages of the file that they all take.
  std::size_t pages(const transaction& in) const;
};

/// Keys that order like the numbers in them.
std::string number_key(std::uint64_t number);
std::string pair_key(std::uint64_t first, std::uint64_t second);

/// The numbers of such a key; 0 where it is too short.
std::uint64_t first_of(std::string_view key);
std::uint64_t second_of(std::string_view key);

/// LMDB's keys end at 511 bytes, names at 65,535: of a long one only the front
/// stands in the key, and a hash of all of it. So keys order as their names do,
/// but for long ones with the same front. `seed` is the store's secret, so that
/// nobody makes names that share a key.
std::string name_key(std::string_view name, std::uint64_t seed);

/// A number for a name, from the same secret.
std::uint64_t name_number(std::string_view name, std::uint64_t seed);

/// The key where those of this name and of all behind it begin; those of long
/// names in front of it may be among them.
std::string first_key_of(std::string_view name);

/// Whether it stands for its name instead of being it; then the record has the
/// name.
bool stands_for_name(std::string_view key);

/// What keys of long names with the same front have in common.
std::string_view front_of(std::string_view key);

} // namespace callboard::persistence
