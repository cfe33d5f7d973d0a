defmodule Brood do
  @moduledoc """
  Tells how long a clutch is brooded, from durations as people write them: `2w`, `1d12h`.
  """

  import NimbleParsec

  @hours %{"w" => 7 * 24, "d" => 24, "h" => 1}

  part =
    integer(min: 1)
    |> ascii_string([?w, ?d, ?h], 1)
    |> reduce(:hours_of_part)

  defparsecp(:parse, times(part, min: 1) |> eos())

  @doc "The hours in a duration such as `1d12h`."
  @spec hours(String.t()) :: {:ok, pos_integer()} | {:error, String.t()}
  def hours(duration) do
    case parse(duration) do
      {:ok, parts, "", _context, _position, _offset} -> {:ok, Enum.sum(parts)}
      {:error, reason, _rest, _context, _position, _offset} -> {:error, reason}
    end
  end

  @doc false
  def main(_arguments) do
    for {bird, duration} <- [{"Blue tit", "2w"}, {"Great tit", "13d12h"}, {"Starling", "1w5d"}] do
      {:ok, hours} = hours(duration)
      IO.puts("#{bird}: #{duration} is #{hours} hours")
    end
  end

  defp hours_of_part([number, unit]), do: number * Map.fetch!(@hours, unit)
end
