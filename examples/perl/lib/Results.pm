package Results;

use strict;
use warnings;

use Exporter qw(import);
use Time::Duration qw(duration_exact);

our @EXPORT_OK = qw(results);

# The lines of a race's table of results, the fastest first: the winner's time, and how far behind the others
# are. Takes pairs of a name and a time in seconds.
sub results {
    my %seconds = @_;
    my @names   = sort { $seconds{$a} <=> $seconds{$b} || $a cmp $b } keys %seconds;
    my $best    = $seconds{ $names[0] // return };

    my $place = 0;
    return map { ++$place . ". $_: " . standing( $seconds{$_}, $best ) } @names;
}

sub standing {
    my ( $seconds, $best ) = @_;
    my $behind = $seconds - $best;
    return $behind > 0 ? duration_exact($behind) . ' behind' : duration_exact($seconds);
}

1;
