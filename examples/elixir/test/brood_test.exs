defmodule BroodTest do
  use ExUnit.Case, async: true

  test "adds up the parts of a duration" do
    assert Brood.hours("1w1d1h") == {:ok, 7 * 24 + 24 + 1}
  end

  test "refuses what is no duration" do
    assert {:error, _reason} = Brood.hours("2 weeks")
    assert {:error, _reason} = Brood.hours("")
  end
end
