#include "app/wrap.hpp"

#include <algorithm>

namespace callboard::app {

std::string wrap(std::string_view text, std::string_view margin, std::size_t width) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column != 0 && column + 1 + word.size() > width) {
      lines += '\n';
      column = 0;
    }
    const auto before = column == 0 ? margin : std::string_view{" "};
    lines.append(before).append(word);
    column += before.size() + word.size();
  }
  return column == 0 ? lines : lines + '\n';
}

} // namespace callboard::app
