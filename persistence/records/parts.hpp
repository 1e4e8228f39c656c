#pragma once

#include "persistence/clock_reading.hpp"
#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"
#include "protocol/message.hpp"
#include "protocol/session/operation.hpp"

#include <cstddef>

// The parts that records are made of. What is read from a reader that fails on
// the way means nothing.

namespace callboard::persistence {

void write_time(record_writer& to, protocol::time_point at, const clock_reading& clock);
protocol::time_point read_time(record_reader& from, const clock_reading& clock);

void write_message(record_writer& to, const protocol::message& what, const clock_reading& clock);
void write_message(field_writer& to, const protocol::message& what, const clock_reading& clock);

/// How many bytes that takes.
std::size_t written_size(const protocol::message& what);

/// Null if the reader has failed.
protocol::message_ptr read_message(record_reader& from, const clock_reading& clock);

/// Null is a will, too.
void write_will(record_writer& to, const protocol::will_ptr& what);
protocol::will_ptr read_will(record_reader& from);

void write_subscription(record_writer& to, const protocol::subscription& what);
protocol::subscription read_subscription(record_reader& from);

/// All of a delivery but its message.
void write_terms(record_writer& to, const protocol::delivery& what);
void write_terms(field_writer& to, const protocol::delivery& what);

/// How many bytes that takes.
std::size_t terms_size(const protocol::delivery& what);

protocol::delivery read_terms(record_reader& from);

} // namespace callboard::persistence
