require_relative "receipt"

items = [
  Receipt::Item.new("bread", 2, 340),
  Receipt::Item.new("cheese", 1, 1225),
]

puts Receipt.new("The Corner Shop", items).render
