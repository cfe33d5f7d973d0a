#include "stock.h"

#undef NDEBUG
#include <cassert>
#include <iostream>
#include <stdexcept>

static bool refuses(const std::string& list) {
  try {
    worth(list);
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

int main() {
  assert(worth("[]") == 0);
  assert(worth(R"([{"count": 2, "cents": 150}, {"count": 1, "cents": 99}])") == 399);
  assert(refuses(R"([{"count": 2}])"));
  assert(refuses("two nest boxes"));
  std::cout << "ok\n";
}
