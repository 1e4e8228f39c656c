# What can be chosen with -D. The presets choose for you.
set(SANITIZE "" CACHE STRING "for example address,undefined or thread")
option(CALLBOARD_PCH "precompile the headers of CAF and Asio" ON)
option(CALLBOARD_CCACHE "compile through ccache where there is one" ON)
option(CALLBOARD_TESTS "build the tests, where GoogleTest is there" ON)
option(CALLBOARD_BENCHMARKS "build the benchmarks, where Google Benchmark is there" ON)
option(CALLBOARD_FUZZ "build the fuzz targets (clang)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Names and lines for a backtrace or a profile, nothing more: -g alone makes the
# binary four times as large and the build slower.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g -D_GLIBCXX_ASSERTIONS")
# How many times as long ctest lets a test run: what is instrumented is slow.
set(CALLBOARD_PATIENCE 1)
if(SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -D_GLIBCXX_ASSERTIONS") # -O0 is slow, and as slow to build
  set(CALLBOARD_PATIENCE 5)
endif()

# What all our code is compiled with.
add_library(callboard_options INTERFACE)
target_include_directories(callboard_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(callboard_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
  # GCC 12 sees these in its own std::string when it inlines much (GCC bugs 105329,
  # 105651): they may be told, and must not stop a build.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=array-bounds;-Wno-error=restrict;-Wno-error=stringop-overflow;-Wno-error=stringop-overread>)

if(SANITIZE)
  target_compile_options(callboard_options INTERFACE
    -fsanitize=${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>) # Asio's fences, which GCC does not follow
  target_link_options(callboard_options INTERFACE -fsanitize=${SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CALLBOARD_CCACHE AND CCACHE_PROGRAM)
  # ccache and precompiled headers: ccache's manual, "Precompiled headers".
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${CCACHE_PROGRAM})
  target_compile_options(callboard_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
