require "minitest/autorun"
require_relative "receipt"

class ReceiptTest < Minitest::Test
  def test_adds_up_what_was_bought
    receipt = Receipt.new("Market", [Receipt::Item.new("apple", 3, 50), Receipt::Item.new("pear", 1, 75)])
    assert_equal <<~TEXT, receipt.render
      Market
      3 x apple: 1.50
      1 x pear: 0.75
      Total: 2.25
    TEXT
  end

  def test_nothing_costs_nothing
    assert_equal "Market\nTotal: 0.00\n", Receipt.new("Market", []).render
  end
end
