%% Says what hangs in the garden, by a Mustache template.
-module(nests).

-export([main/1, render/1]).

-type nest() :: #{string() => string() | pos_integer()}.

%% Each nest is a line; with none there is a line that says so.
-define(TEMPLATE, <<
    "{{#nests}}"
    "{{bird}}: a hole of {{hole}} mm\n"
    "{{/nests}}"
    "{{^nests}}"
    "The garden is empty.\n"
    "{{/nests}}"
>>).

-spec main([string()]) -> ok.
main(_Arguments) ->
    io:put_chars(render([
        #{"bird" => "Blue tit", "hole" => 28},
        #{"bird" => "Great tit", "hole" => 32},
        #{"bird" => "Starling", "hole" => 45}
    ])).

-spec render([nest()]) -> binary().
render(Nests) ->
    bbmustache:render(?TEMPLATE, #{"nests" => Nests}).
