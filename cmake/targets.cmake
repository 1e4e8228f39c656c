include(GoogleTest)

# All sources below the folders that follow, in `result`. A new file is seen by
# the next build; a folder that is empty or missing is no error.
function(callboard_sources result pattern)
  list(TRANSFORM ARGN APPEND /${pattern})
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${ARGN})
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# callboard_library(name LINK ... [PCH headers...] [WITHOUT files...])
# A library of all sources of this folder.
function(callboard_library name)
  cmake_parse_arguments(arg "" "" "LINK;PCH;WITHOUT" ${ARGN})
  callboard_sources(sources *.cpp ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(file IN LISTS arg_WITHOUT)
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC callboard_options ${arg_LINK})
    callboard_precompile(${name} ${arg_PCH})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE callboard_options ${arg_LINK})
  endif()
endfunction()

# Lets a target compile these headers once.
function(callboard_precompile name)
  if(CALLBOARD_PCH AND ARGN)
    target_precompile_headers(${name} PRIVATE ${ARGN})
  endif()
endfunction()

# callboard_tests(name FOLDERS ... LINK ... [PCH headers...] [TIMEOUT seconds])
# One program of all *_test.cpp below these folders; each TEST is one for ctest.
function(callboard_tests name)
  cmake_parse_arguments(arg "" "TIMEOUT" "FOLDERS;LINK;PCH;PATTERN" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${CALLBOARD_PATIENCE}")
  if(NOT arg_PATTERN)
    set(arg_PATTERN *_test.cpp)
  endif()
  list(TRANSFORM arg_FOLDERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  callboard_sources(sources ${arg_PATTERN} ${arg_FOLDERS})
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock_main)
  # EXPECT_EQ() holds an if and its else, and what keeps them together.
  target_compile_options(${name} PRIVATE -Wno-dangling-else)
  callboard_precompile(${name} ${arg_PCH})
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${name}
      ENVIRONMENT "CALLBOARD_BINARY=${PROJECT_BINARY_DIR}/callboard")
endfunction()

# callboard_tests_again(name PREFIX prefix TESTS patterns... SET variable:value)
# Some tests of a program (GoogleTest's patterns) once more, as prefix.Suite.Name and
# with this label, in an environment that differs in one variable.
function(callboard_tests_again name)
  cmake_parse_arguments(arg "" "PREFIX;SET" "TESTS" ${ARGN})
  if(NOT TARGET ${name})
    return()
  endif()
  list(JOIN arg_TESTS ":" filter)
  string(REPLACE ":" "=set:" modification ${arg_SET})
  math(EXPR seconds "60 * ${CALLBOARD_PATIENCE}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    TEST_PREFIX ${arg_PREFIX}. TEST_FILTER ${filter} TEST_LIST ${name}_${arg_PREFIX}
    PROPERTIES TIMEOUT ${seconds} LABELS ${arg_PREFIX}
      ENVIRONMENT "CALLBOARD_BINARY=${PROJECT_BINARY_DIR}/callboard"
      ENVIRONMENT_MODIFICATION ${modification})
endfunction()
