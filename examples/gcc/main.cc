#include <iostream>

#include "stock.h"

int main() {
  const std::string list = R"([
    {"name": "nest box", "count": 12, "cents": 1850},
    {"name": "feeder", "count": 30, "cents": 790}
  ])";
  const long cents = worth(list);
  std::cout << "The stock is worth " << cents / 100 << " euros.\n";
}
