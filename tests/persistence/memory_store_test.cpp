#include "persistence/memory_store.hpp"

#include "tests/persistence/store_contract.hpp"

namespace callboard::persistence {

namespace {

/// Memory has no other place: what is opened again is the same store.
class memory_place {
public:
  persistence::store& store() { return store_; }
  void reopen() {}

private:
  memory_store store_;
};

} // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(InMemory, StoreContract, memory_place);

} // namespace callboard::persistence
