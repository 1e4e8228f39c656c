#include "persistence/lmdb_store.hpp"

#include "tests/persistence/lmdb_place.hpp"
#include "tests/persistence/store_contract.hpp"

namespace callboard::persistence {

namespace {

/// Folds all when it is opened again, so that what is read comes from tables.
class folded_place : public lmdb_place {
public:
  void reopen() {
    lmdb_place::reopen();
    for (auto more = store().fold(7); more && *more;)
      more = store().fold(7);
    lmdb_place::reopen();
  }
};

} // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(InLmdb, StoreContract, lmdb_place);
INSTANTIATE_TYPED_TEST_SUITE_P(InLmdbTables, StoreContract, folded_place);

} // namespace callboard::persistence
