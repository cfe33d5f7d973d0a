# What `bundle install --standalone` writes: it finds the gems without Bundler.
require_relative "bundle/bundler/setup"
require "mustache"

# A shop's receipt. Prices are in cents.
class Receipt < Mustache
  Item = Struct.new(:name, :count, :price) do
    def total = count * price
  end

  self.template = <<~TEMPLATE
    {{shop}}
    {{#lines}}
    {{count}} x {{name}}: {{amount}}
    {{/lines}}
    Total: {{total}}
  TEMPLATE

  attr_reader :shop

  def initialize(shop, items)
    super()
    @shop = shop
    @items = items
  end

  def lines
    @items.map { |item| { count: item.count, name: item.name, amount: money(item.total) } }
  end

  def total = money(@items.sum(&:total))

  private

  def money(cents) = format("%.2f", cents / 100.0)
end
