defmodule Brood.MixProject do
  use Mix.Project

  def project do
    [
      app: :brood,
      version: "1.0.0",
      elixir: "~> 1.14",
      deps: [{:nimble_parsec, "~> 1.4"}],
      # One file with Elixir and all dependencies in it: what runtime needs.
      escript: [main_module: Brood]
    ]
  end
end
