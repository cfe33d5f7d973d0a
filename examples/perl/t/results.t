use strict;
use warnings;

use Results qw(results);
use Test::More;

is_deeply [ results( Bob => 61, Alice => 60 ) ], [ '1. Alice: 1 minute', '2. Bob: 1 second behind' ],
    'the fastest comes first';

is_deeply [ results( Bob => 60, Alice => 60 ) ], [ '1. Alice: 1 minute', '2. Bob: 1 minute' ],
    'who is not behind has a time';

is_deeply [ results() ], [], 'without runners there are no results';

done_testing;
