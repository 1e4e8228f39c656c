# What others wrote. Debian's package of each is in cmake/packages.txt.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED) # headers only: Asio, Beast
find_package(OpenSSL 3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)

# LMDB and xxHash come without CMake packages.
find_package(PkgConfig REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

# CAF 0.17 comes without a CMake package.
find_path(CAF_INCLUDE_DIR caf/actor.hpp)
find_library(CAF_CORE_LIBRARY caf_core)
if(NOT CAF_INCLUDE_DIR OR NOT CAF_CORE_LIBRARY)
  message(FATAL_ERROR "CAF not found. Debian, Ubuntu: apt install libcaf-dev; "
                      "elsewhere: add its prefix to CMAKE_PREFIX_PATH.")
endif()
add_library(caf::core UNKNOWN IMPORTED)
set_target_properties(caf::core PROPERTIES
  IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR})

if(CALLBOARD_TESTS)
  find_package(GTest QUIET)
  if(NOT GTest_FOUND)
    message(STATUS "GoogleTest is not installed: this build has no tests.")
    set(CALLBOARD_TESTS OFF)
  endif()
endif()
if(CALLBOARD_BENCHMARKS)
  find_package(benchmark QUIET)
  if(NOT benchmark_FOUND)
    message(STATUS "Google Benchmark is not installed: this build has no benchmarks.")
    set(CALLBOARD_BENCHMARKS OFF)
  endif()
endif()
