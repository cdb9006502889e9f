"""The scene of the maze: what its texts say of the two learners, and its options."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import rl
from glassnet.explore.traces import maze


@pytest.fixture(scope="module")
def trace():
    return maze.maze_trace()


def way(trace, world, which):
    """Steps that the arrows need after the last episode, followed in a real world."""
    place = rl.GridWorld(maze.WORLDS[world])
    best = maze.best_actions(trace, world, which)
    state, steps = place.reset(np.random.default_rng(0)), 0
    while not place.terminal[state]:
        state, steps = place.step(int(best[state])).observation, steps + 1
    return steps


def test_the_picture_says_eight_steps_and_twelve(trace):
    assert way(trace, "cliff", 0) == 8
    assert way(trace, "cliff", 1) == 12
    shortest = -rl.value_iteration(rl.GridWorld(maze.WORLDS["maze"]), 1.0).values[0]
    assert way(trace, "maze", 0) == shortest


def test_the_longer_way_is_the_safer_one(trace):
    q, sarsa = (moment["falls"] for moment in trace["frames"][-1]["cliff"])
    assert q > 2 * sarsa


@pytest.mark.parametrize("options", [{"world": "lake"}, {"epsilon": 2}])
def test_options_out_of_range_raise(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        maze.maze_trace(**options)
