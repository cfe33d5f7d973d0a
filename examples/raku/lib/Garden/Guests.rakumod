use JSON::Fast;

#| Says who was at the feeder.
unit module Garden::Guests;

#| The visits of each bird as JSON, sorted by name; a visit is a line: the hour and the bird.
sub guests(Str $log --> Str) is export {
    my %hours;
    for $log.lines {
        my ($hour, $bird) = .split(' ', 2);
        %hours{$bird}.push: +$hour;
    }
    to-json %hours, :!pretty, :sorted-keys
}
