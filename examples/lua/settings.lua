local settings = {}

--- Settings, with defaults for what they leave out, at any depth. Neither argument is changed.
function settings.merge(defaults, given)
  local merged = {}
  for key, value in pairs(defaults) do
    merged[key] = type(value) == "table" and settings.merge(value, {}) or value
  end
  for key, value in pairs(given) do
    local both = type(value) == "table" and type(merged[key]) == "table"
    merged[key] = both and settings.merge(merged[key], value) or value
  end
  return merged
end

return settings
