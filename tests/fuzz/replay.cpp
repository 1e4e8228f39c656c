// Stands in for libFuzzer where a fuzz target shall only read its corpus again:
// everything that once was a fault stays a test, with every compiler.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  file.exceptions(std::ios::badbit);
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// Feeds every file of this folder to the target. Returns how many there were.
std::size_t replay(const std::filesystem::path& corpus) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{corpus}) {
    const auto bytes = bytes_of(entry.path());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++count;
  }
  return count;
}

} // namespace

int main(int count, char** arguments) try {
  if (count != 2) {
    std::cerr << "usage: " << arguments[0] << " FOLDER\n";
    return 2;
  }
  const auto inputs = replay(arguments[1]);
  std::cout << inputs << " inputs\n";
  return inputs == 0 ? 1 : 0; // a corpus that has gone is a fault too
} catch (const std::exception& fault) {
  std::cerr << fault.what() << '\n';
  return 1;
}
