-module(nests_tests).

-include_lib("eunit/include/eunit.hrl").

one_line_for_each_nest_test() ->
    Nests = [#{"bird" => "Wren", "hole" => 30}, #{"bird" => "Robin", "hole" => 60}],
    ?assertEqual(<<"Wren: a hole of 30 mm\nRobin: a hole of 60 mm\n">>, nests:render(Nests)).

empty_garden_test() ->
    ?assertEqual(<<"The garden is empty.\n">>, nests:render([])).
