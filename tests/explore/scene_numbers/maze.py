"""The numbers of the scene maze: walks and updates written out here, one after the other."""

from __future__ import annotations

from functools import cache

import numpy as np

from glassnet import rl

CASES = [
    (0, {}),
    (1, {}),
    (4, {"cell": 1}),
    (10, {"cell": 21}),
    (10, {"cell": 28}),
    (2, {"world": "cliff", "cell": 18}),
    (6, {"world": "cliff", "cell": 22}),
    (10, {"world": "cliff", "cell": 20}),
    (10, {"world": "cliff", "cell": 4}),
]
MAPS = {
    "maze": "S..#...\n.#.#.#.\n.#...#.\n...#..G",
    "cliff": ".......\n.......\n.......\nSCCCCCG",
}
EPISODES = (0, 1, 2, 4, 7, 12, 20, 35, 60, 120, 300)


@cache
def walk(world, method, episodes):
    """Return the table, the last update of every state, and the falls after some episodes."""
    place, rng = rl.GridWorld(MAPS[world]), np.random.default_rng(0)
    q, last, falls = np.zeros((place.num_states, 4)), {}, 0
    for episode in range(episodes):
        state, over = place.reset(rng), False
        action = rl.epsilon_greedy(q[state], 0.1, rng)
        while not over:
            after, reward, over, _ = place.step(action)[:4]
            falls += reward == -100
            old, best, then = q[state, action], max(q[after]), None
            if method == "sarsa" and not over:
                then = rl.epsilon_greedy(q[after], 0.1, rng)
            next_value = 0 if over else best if then is None else q[after, then]
            target = reward + next_value
            q[state, action] = new = (old + target) / 2
            last[state] = [None, old, reward, next_value, target, new, episode + 1]
            if then is None and not over:
                then = rl.epsilon_greedy(q[after], 0.1, rng)
            state, action = after, then
    return q, last, falls


def steps_of_the_way(world, q):
    """Steps that the best actions need from the start to the goal, None if they miss it."""
    place = rl.GridWorld(MAPS[world])
    state, steps = place.reset(np.random.default_rng(0)), 0
    while not place.terminal[state] and steps < 30:
        state, steps = place.step(int(q[state].argmax())).observation, steps + 1
    return steps if place.terminal[state] else None


def rows(step, values):
    world = values["world"]
    state = int(rl.GridWorld(MAPS[world]).numbers.flat[values["cell"] - 1])
    table = []
    for method in ("q", "sarsa") if world == "cliff" else ("q",):
        q, last, falls = walk(world, method, EPISODES[step])
        steps = steps_of_the_way(world, q) if step else None
        table.append([*last.get(state, [None] * 7), steps, falls])
    return table
