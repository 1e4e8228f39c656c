#pragma once

#include <initializer_list>
#include <string_view>

namespace callboard::conformance {

/// Says which statements the running test is about. If the environment variable
/// CALLBOARD_CONFORMANCE_LOG names a file, a line per statement is added to it when
/// the test ends: "id<TAB>Suite.Name<TAB>passed|failed|skipped". So a tag counts
/// only where the test has run.
void record_statements(std::initializer_list<std::string_view> ids);

} // namespace callboard::conformance

/// At the top of a test: STATEMENT("MQTT5-3.1.2-4", "E39"); report.py finds it too.
#define STATEMENT(...) ::callboard::conformance::record_statements({__VA_ARGS__})
