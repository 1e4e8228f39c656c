#include "actors/runtime/caf.hpp"

#include <exception>
#include <iostream>
#include <utility>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace callboard::actors {

namespace {

/// ThreadSanitizer (GCC only: clang names that build otherwise) cannot see the
/// reference count in libcaf_core that decides when an actor ends, and on which
/// thread. These tell it: all turns come before the end.
#if defined(__SANITIZE_THREAD__)
void turn_is_over(void* actor) {
  __tsan_release(actor);
}
void end_begins(void* actor) {
  __tsan_acquire(actor);
}
#else
void turn_is_over(void*) {}
void end_begins(void*) {}
#endif

} // namespace

caf_actor::caf_actor(caf::actor_config& config, executor& place)
    : caf::local_actor{config}, place_{place} {}

caf_actor::~caf_actor() = default;

enqueue_result caf_actor::enqueue(caf::mailbox_element_ptr mail, execution_context*) {
  if (inbox_.push_front(std::move(mail)) != caf::intrusive::inbox_result::unblocked_reader)
    return;
  intrusive_ptr_add_ref_impl(); // for the turn that it will have
  place_.schedule(this);
}

void caf_actor::launch(execution_context*, bool, bool hide) {
  if (!hide)
    register_at_system();
  turn_is_over(this); // to be made is like a turn
  intrusive_ptr_add_ref_impl();
  place_.schedule(this);
}

/// The turn of an actor: at most so many mails, then what they have collected.
auto caf_actor::resume(execution_context*, std::size_t mails) -> resume_result {
  if (getf(is_terminated_flag))
    return done;
  if (behavior_ == nullptr)
    behavior_ = make_behavior();
  auto result = resume_later;
  for (; mails > 0 && !leaving_ && result == resume_later; --mails) {
    if (const auto mail = next_mail())
      read(*mail);
    else if (inbox_.try_block()) // nothing has come meanwhile
      result = awaiting_message;
  }
  if (leaving_) {
    on_exit();
    cleanup(caf::exit_reason::normal, &place_);
    result = done;
  } else {
    flush();
  }
  return result;
}

caf::mailbox_element_ptr caf_actor::next_mail() {
  if (first_ == nullptr) {
    for (auto* youngest = inbox_.take_head(); youngest != nullptr;) {
      auto* older = static_cast<caf::mailbox_element*>(youngest->next);
      youngest->next = std::exchange(first_, youngest);
      youngest = older;
    }
  }
  if (first_ == nullptr)
    return nullptr;
  return caf::mailbox_element_ptr{
    std::exchange(first_, static_cast<caf::mailbox_element*>(first_->next))};
}

void caf_actor::read(caf::mailbox_element& mail) {
  auto& content = mail.content();
  try {
    if (!behavior_(*this, content) && content.match_elements<caf::exit_msg>())
      quit();                             // dismiss(), or an actor that it is linked to has left
  } catch (const std::exception& fault) { // no handler throws on what clients send
    std::cerr << "*** " << name() << " has to leave: " << fault.what() << '\n';
    quit();
  }
}

bool caf_actor::cleanup(caf::error&& reason, execution_context* host) {
  while (first_ != nullptr)
    next_mail();
  if (!inbox_.closed())
    inbox_.close();
  // What local_actor does besides is to wake CAF's clock for nothing.
  unregister_from_system();
  return caf::monitorable_actor::cleanup(std::move(reason), host);
}

void caf_actor::on_destroy() {
  end_begins(this);
  caf::local_actor::on_destroy();
}

void caf_actor::intrusive_ptr_add_ref_impl() {
  intrusive_ptr_add_ref(ctrl());
}

/// What a turn holds.
void caf_actor::intrusive_ptr_release_impl() {
  turn_is_over(this);
  intrusive_ptr_release(ctrl());
}

} // namespace callboard::actors
