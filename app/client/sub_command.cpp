#include "app/client/sub_command.hpp"

#include "app/client/message_format.hpp"
#include "app/client/sub_arguments.hpp"
#include "app/client/subscriber.hpp"
#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <array>

namespace callboard::app {

namespace {

constexpr std::array<std::string_view, 5> commands{
  "connect", "subscribe", "unsubscribe", "will", "disconnect"};

constexpr const char* about = R"(Subscribe at a broker, and print what comes.

  callboard sub -t 'hall/#' -v
  callboard sub -t 'hall/#' -q 1 -C 1 -W 5 -F '%I %t %p'
)";

} // namespace

int sub_command(const arguments& given) {
  auto rest = given;
  client::sub_arguments asked;
  if (const auto wrong = client::take_properties(rest, commands, asked.properties))
    return refuse_usage("sub", *wrong);
  CLI::App parser{about, "callboard sub"};
  asked.add_to(parser);
  parser.footer(std::string{client::format_help} + "\nMQTT 5 properties, each may be repeated:\n" +
                client::property_help(commands));
  if (const auto code = parse(parser, "sub", rest))
    return *code;
  if (const auto wrong = asked.check())
    return refuse_usage("sub", *wrong);
  return client::subscriber{asked}.run();
}

} // namespace callboard::app
