#!/usr/bin/env perl

use strict;
use warnings;

use FindBin;

# Beside the app's own modules those that `cpanm --local-lib-contained local` puts there.
use lib "$FindBin::Bin/local/lib/perl5", "$FindBin::Bin/lib";
use Results qw(results);

print "$_\n" for results( Grace => 9_172, Ada => 9_072, Katherine => 12_675 );
