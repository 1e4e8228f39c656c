#include "app/arguments.hpp"
#include "app/verbs.hpp"

int main(int count, char** words) {
  const callboard::app::arguments given{words, words + count}; // NOLINT(*-pointer-arithmetic)
  return callboard::app::run_verb({given.begin() + (count > 0 ? 1 : 0), given.end()});
}
