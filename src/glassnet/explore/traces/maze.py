"""Q-learning in a maze, and beside Sarsa on a cliff: every value, and what made it."""

from __future__ import annotations

import numpy as np

from glassnet import rl
from glassnet._validation import one_of, real_in
from glassnet.explore.trace import Trace, range_control, select

__all__ = ["maze_picture", "maze_trace"]

WORLDS = {
    "maze": """
S..#...
.#.#.#.
.#...#.
...#..G
""",
    "cliff": """
.......
.......
.......
SCCCCCG
""",
}
METHODS = {"q": rl.q_learning, "sarsa": rl.sarsa}
ALPHA = 0.5  # the texts spell it out
LEARNERS = {"maze": ("q",), "cliff": ("q", "sarsa")}

#: After how many episodes the tables are shown: close together at first.
EPISODES = (0, 1, 2, 4, 7, 12, 20, 35, 60, 120, 300)

TEXT = {
    "en": {
        "title": "Q-learning in a maze, and beside Sarsa on a cliff",
        "alt": (
            "Two maps of a cliff, with an arrow for the best action in every cell. After 300 "
            "episodes the way of Q-learning leads straight along the edge, in eight steps; that "
            "of Sarsa leads up, far away from the edge, and down again, in twelve."
        ),
        "hint": (
            "Scrub through the episodes, and click a cell to see how its last update came about. "
            "Then choose the cliff. Two updates differ in one term: which learner ends on the "
            "shorter way, and which of them falls less?"
        ),
        "table": [
            "method", "action", "old value", "reward", "next value", "target", "new value",
            "in episode", "steps of the way", "falls",
        ],
        "world": "World",
        "maze": "maze",
        "cliff": "cliff",
        "cell": "Cell, row by row",
        "q": "Q-learning",
        "sarsa": "Sarsa",
        "map_q": "what Q-learning has learnt",
        "map_sarsa": "what Sarsa has learnt",
        "say": "After {n} episodes. {q} {sarsa}",
        "say_0": "Nothing is known yet: all values are 0, and the first walk is blind.",
        "way": "{method}: {steps} steps to the goal{falls}.",
        "no_way": "{method}: the arrows do not lead to the goal{falls}.",
        "fell": ", {n} falls so far",
        "last": "Episode {n}, “{action}”:",
        "best_next": "best next",
        "next_of": "next, “{action}”",
        "the_end": "the end",
        "terms": "target = reward + {next}",
        "target": "= {reward} {next} = {target}",
        "new": "new value = old + ½ (target − old)",
        "sum": "= {old} + ½ ({target} {less}) = {new}",
        "never": "no action of this cell has been tried",
        "nothing": "nothing is learnt in this place",
        "up": "up",
        "right": "right",
        "down": "down",
        "left": "left",
    }
}  # fmt: skip


def maze_trace(world="maze", epsilon=0.1, seed=0):
    """Let Q-learning walk in a maze, and beside Sarsa on a cliff, and note every update.

    Parameters
    ----------
    world : str
        Which one is shown first, "maze" or "cliff".
    epsilon : float
        Share of the actions taken at random, from 0 to 1.
    seed : int

    Returns
    -------
    Trace
    """
    one_of(world, tuple(WORLDS), "world")
    real_in(epsilon, "epsilon", 0, 1)
    worlds = {name: rl.GridWorld(text) for name, text in WORLDS.items()}
    runs = {
        name: [learn(place, METHODS[key], epsilon, seed) for key in LEARNERS[name]]
        for name, place in worlds.items()
    }
    return Trace(
        "maze",
        text=TEXT,
        static={
            "maps": {name: list(place.text) for name, place in worlds.items()},
            "cells": {name: place.positions for name, place in worlds.items()},
            "terminal": {name: np.flatnonzero(place.terminal) for name, place in worlds.items()},
            "next": {name: place.transitions.argmax(axis=2) for name, place in worlds.items()},
            "rewards": {name: place.rewards for name, place in worlds.items()},
            "alpha": ALPHA,
        },
        frames=[
            {"n": n} | {name: [moments[k] for moments in of] for name, of in runs.items()}
            for k, n in enumerate(EPISODES)
        ],
        controls=[
            select("world", "world", world, {name: name for name in WORLDS}),
            range_control("cell", "cell", 17, 1, 28, 1),
        ],
        digits=7,
    )


def learn(world, method, epsilon, seed):
    """Run a learner of the package and note, for every moment shown, what has changed.

    Parameters
    ----------
    world : GridWorld
        Without chance, so that state and action tell the reward and the next state.
    method : callable
        `rl.q_learning` or `rl.sarsa`.
    epsilon : float
    seed : int

    Returns
    -------
    list of dict
        ``"u"``: for each state updated since the moment before, its number, the action of its
        last update, the episode, the old value, the value of what came next, the next action (-1
        after the end); and, unless this action is now the best, the best one and its value.
        ``"falls"``: how often it has stepped off the cliff.
    """
    last, shown, moments, falls = {}, {}, [], 0  # of this episode, of this moment, all, all
    before = []  # the update before this one, which lacks its next action

    def note(state, action, target, error):
        nonlocal falls
        reward = world.rewards[state, action]
        falls += int(reward < -1)
        if before:
            before[0][3] = action
            before.clear()
        entry = [action, target - error, target - reward, -1]
        if not world.terminal[world.transitions[state, action].argmax()]:
            before.append(entry)
        last[state] = entry

    def end(episode, q):
        shown.update({state: [entry[0], episode + 1, *entry[1:]] for state, entry in last.items()})
        last.clear()
        if episode + 1 in EPISODES:
            updates = []
            for state, entry in sorted(shown.items()):
                best = int(q[state].argmax())
                more = [] if best == entry[0] else [best, q[state, best]]
                updates.append([state, *entry, *more])
            moments.append({"u": updates, "falls": falls})
            shown.clear()

    options = {"on_update": note, "on_episode": end}
    method(world, EPISODES[-1], np.random.default_rng(seed), ALPHA, 1.0, epsilon, **options)
    return [{"u": [], "falls": 0}, *moments]


def best_actions(trace, world, which):
    """Return the best action of every state after the last episode, -1 where none was tried."""
    best = np.full(len(trace["static"]["cells"][world]), -1)
    for frame in trace["frames"]:
        for update in frame[world][which]["u"]:
            best[update[0]] = update[6] if len(update) > 6 else update[1]
    return best


def maze_picture(trace):
    """Draw what both have learnt on the cliff: arrows, and the way that they lead."""
    from glassnet import plots

    static = trace["static"]
    cells, lead = np.array(static["cells"]["cliff"]), np.array(static["next"]["cliff"])
    axes = plots.panels(2, width=4.6, height=2.9)
    for which, (ax, method) in enumerate(zip(axes, METHODS, strict=True)):
        best = best_actions(trace, "cliff", which)
        state = int(np.flatnonzero((cells == (3, 0)).all(axis=1))[0])
        way = [state]
        while state not in static["terminal"]["cliff"] and len(way) < len(cells):
            state = lead[state, best[state]]
            way.append(state)
        ax.axhspan(2.5, 3.5, color=plots.COLOURS[1], alpha=0.25)
        ax.plot(*cells[way].T[::-1], color=plots.COLOURS[0], linewidth=9, alpha=0.35)
        for (row, column), action in zip(cells, best, strict=True):
            mark = rl.gridworld.ARROWS[action] if action >= 0 else "G"
            ax.text(column, row, mark, ha="center", va="center", fontsize=13)
        ax.text(3, 3, plots.label(trace.text("cliff")), ha="center", va="center")
        ax.spines[:].set_visible(False)
        ax.set(xlim=(-0.5, 6.5), ylim=(3.5, -0.5), xticks=[], yticks=[], aspect="equal")
        steps = f"{len(way) - 1}"
        ax.set_title(
            plots.label(trace.text("way")).format(
                method=plots.label(trace.text(method)), steps=steps, falls=""
            )
        )
    return axes[0].figure
