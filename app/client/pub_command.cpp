#include "app/client/pub_command.hpp"

#include "app/client/pub_arguments.hpp"
#include "app/client/publisher.hpp"
#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <array>

namespace callboard::app {

namespace {

constexpr std::array<std::string_view, 4> commands{"connect", "publish", "will", "disconnect"};

constexpr const char* about = R"(Publish a message to a broker.

  callboard pub -t hall/door -m open
  callboard pub -t hall/door -m open -q 1 -r -D publish message-expiry-interval 60
)";

} // namespace

int pub_command(const arguments& given) {
  auto rest = given;
  client::pub_arguments asked;
  if (const auto wrong = client::take_properties(rest, commands, asked.properties))
    return refuse_usage("pub", *wrong);
  CLI::App parser{about, "callboard pub"};
  asked.add_to(parser);
  parser.footer("MQTT 5 properties, each may be repeated:\n" + client::property_help(commands));
  if (const auto code = parse(parser, "pub", rest))
    return *code;
  if (const auto wrong = asked.check())
    return refuse_usage("pub", *wrong);
  return client::publisher{asked}.run();
}

} // namespace callboard::app
