"""Says when young birds leave the nest."""

import sys

# Where mip has put the dependencies.
sys.path.insert(0, "lib")

from datetime import date, timedelta

# Days from the laying of the last egg until the young can fly.
DAYS = {"Blue tit": 14 + 19, "Robin": 13 + 14, "Wren": 14 + 17}


def leaves(bird, laid):
    """The day on which the bird's young leave the nest, or None for a bird that nothing is known of."""
    if bird not in DAYS:
        return None
    return laid + timedelta(days=DAYS[bird])


if __name__ == "__main__":
    for bird in sorted(DAYS):
        print("%s: %s" % (bird, leaves(bird, date(2026, 4, 20)).isoformat()))
