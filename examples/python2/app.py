# -*- coding: utf-8 -*-
"""Counts what was seen at the feeder."""

from __future__ import print_function, unicode_literals

import os
import sys

# Where pip has put the dependencies.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import inflection  # noqa: E402


def tally(birds):
    """A line for each bird: how often it is in the list, sorted by its name."""
    lines = []
    for bird in sorted(set(birds)):
        count = birds.count(bird)
        name = bird if count == 1 else inflection.pluralize(bird)
        lines.append("{} {}".format(count, name))
    return lines


if __name__ == "__main__":
    print("\n".join(tally(["finch", "wren", "finch", "goose", "wren", "wren"])))
