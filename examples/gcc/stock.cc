#include "stock.h"

#include <nlohmann/json.hpp>

long worth(const std::string& list) {
  long cents = 0;
  for (const auto& item : nlohmann::json::parse(list)) {
    cents += item.at("count").get<long>() * item.at("cents").get<long>();
  }
  return cents;
}
