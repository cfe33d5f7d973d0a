#pragma once

#include <string>

/**
 * What the goods in a stock list are worth.
 *
 * @param list JSON: an array of objects with `count` and `cents`
 * @return cents
 * @throws nlohmann::json::exception when the list is not like that
 */
long worth(const std::string& list);
