"""Decision processes and dynamic programming, against SciPy, Gymnasium and plain enumeration."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet import rl

from ..report import Report, compare_arrays
from .registry import case

STATES, ACTIONS = 7, 3
BIRD = """
...G
.#.P
S...
"""  # the four by three world of Russell and Norvig's textbook


def random_tables(rng, states=STATES, actions=ACTIONS):
    """Transitions, some of them impossible, rewards of transitions, and two terminal states."""
    transitions = rng.dirichlet(np.full(states, 0.5), (states, actions))
    transitions *= rng.random(transitions.shape) < 0.6
    transitions[..., -1] += 0.1
    transitions /= transitions.sum(axis=-1, keepdims=True)
    rewards = rng.standard_normal(transitions.shape)
    terminal = np.arange(states) >= states - 2
    return transitions, rewards, terminal


def random_mdp(rng):
    """A process made of `random_tables`."""
    return rl.TabularMDP(*random_tables(rng))


def _lookahead(values, tables, gamma):
    """Action values, term by term."""
    transitions, rewards, terminal = tables
    q = np.zeros(transitions.shape[:2])
    for s, a, t in np.ndindex(transitions.shape):
        if not terminal[s]:
            q[s, a] += transitions[s, a, t] * (rewards[s, a, t] + gamma * values[t])
    return q


def best_values(transitions, rewards, terminal, gamma):
    """The least values that no action exceeds, as a linear program: SciPy's."""
    from scipy.optimize import linprog

    states, actions, _ = transitions.shape
    rows, limits = [], []
    for s, a in itertools.product(range(states), range(actions)):
        if not terminal[s]:
            rows.append(gamma * transitions[s, a] - (np.arange(states) == s))
            limits.append(-(transitions[s, a] @ rewards[s, a]))
    bounds = [(0, 0) if end else (None, None) for end in terminal]
    return linprog(np.ones(states), np.array(rows), limits, bounds=bounds).x


@case("rl.q_from_v, term by term", "rl.q_from_v", "rl.greedy_policy", "rl.bellman_optimality")
def _q_from_v(rng):
    tables, values = random_tables(rng), np.append(rng.standard_normal(STATES - 2), [0, 0])
    mdp = rl.TabularMDP(*tables)
    q = _lookahead(values, tables, 0.7)
    best = [max(range(ACTIONS), key=lambda a, s=s: q[s, a]) for s in range(STATES)]
    rows = [
        compare_arrays("action values", rl.q_from_v(values, mdp, 0.7), q),
        compare_arrays("best actions", rl.greedy_policy(q), best, 0, 0),
        compare_arrays("one sweep", rl.bellman_optimality(values, mdp, 0.7), q.max(axis=1)),
    ]
    return Report("lookahead", rows)


@case(
    "rl.policy_values, against the series of powers",
    "rl.policy_values",
    "rl.policy_evaluation",
    "rl.Evaluation",
    "rl.bellman_expectation",
    "rl.policy_probabilities",
)
def _policy_values(rng):
    transitions, rewards, terminal = tables = random_tables(rng)
    mdp, gamma = rl.TabularMDP(*tables), 0.8
    policy = rng.dirichlet(np.ones(ACTIONS), STATES)
    moves = (policy[..., None] * transitions).sum(axis=1) * ~terminal[:, None]
    earned = (policy[..., None] * transitions * rewards).sum(axis=(1, 2)) * ~terminal
    series = sum(gamma**t * np.linalg.matrix_power(moves, t) @ earned for t in range(200))
    swept = rl.policy_evaluation(mdp, policy, gamma, tolerance=1e-6)
    guess = rng.standard_normal(STATES) * ~terminal
    once = (policy * _lookahead(guess, tables, gamma)).sum(axis=1)
    definite = rng.integers(0, ACTIONS, STATES)
    chosen = np.array([[float(a == b) for a in range(ACTIONS)] for b in definite])
    change = np.abs(
        gamma ** (swept.sweeps - 1) * np.linalg.matrix_power(moves, swept.sweeps - 1) @ earned
    ).max()
    rows = [
        compare_arrays("exact values", rl.policy_values(mdp, policy, gamma), series),
        compare_arrays("values by sweeps", swept.values, series, 0, 1e-6),
        compare_arrays("last change", swept.history[-1], change, 1e-8, 0),
        compare_arrays("bound", swept.bound, 4 * change, 1e-8, 0),
        compare_arrays("one sweep", rl.bellman_expectation(guess, policy, mdp, gamma), once),
        compare_arrays("probabilities", rl.policy_probabilities(definite, mdp), chosen, 0, 0),
    ]
    return Report("evaluation", rows)


@case(
    "rl.value_iteration, against a linear program",
    "rl.value_iteration",
    "rl.policy_iteration",
    "rl.Plan",
)
def _optimal_values(rng):
    tables, gamma = random_tables(rng), 0.9
    mdp, best = rl.TabularMDP(*tables), best_values(*tables, 0.9)
    swept, improved = rl.value_iteration(mdp, gamma, 1e-10), rl.policy_iteration(mdp, gamma)
    policies = itertools.product(range(ACTIONS), repeat=STATES - 2)
    tried = np.max([rl.policy_values(mdp, [*p, 0, 0], gamma) for p in policies], axis=0)
    before = swept.history[swept.iterations - 2]
    rows = [
        compare_arrays("values by sweeps", swept.values, best, 0, 1e-8),
        compare_arrays("values by improvement", improved.values, best, 0, 1e-8),
        compare_arrays("best of all 243 policies", improved.values, tried, 0, 1e-9),
        compare_arrays("policy", swept.policy[:-2], improved.policy[:-2], 0, 0),
        compare_arrays("bound kept", max(swept.bound, 1e-10), 1e-10, 0, 0),
        compare_arrays("bound used", float(before * 9 > 1e-10), 1.0, 0, 0),
        compare_arrays("bound of the improved", improved.bound, 0, 0, 0),
    ]
    return Report("planning", rows)


@case(
    "rl.TabularMDP, as often as it should",
    "rl.TabularMDP",
    "rl.DiscreteEnvironment",
    "rl.Environment",
    "rl.Step",
)
def _drawn(rng):
    transitions, rewards, terminal = random_tables(rng, 4, 2)
    start = np.array([0.3, 0.7, 0.0, 0.0])
    mdp = rl.TabularMDP(transitions, rewards, terminal, start)
    counts, starts, wrong, ended = np.zeros((2, 2, 4)), np.zeros(4), 0.0, []
    for _ in range(6000):
        state = mdp.reset(rng)
        starts[state] += 1
        for _ in range(200):
            action = int(rng.integers(2))
            step = mdp.step(action)
            counts[state, action, step.observation] += 1
            wrong += abs(step.reward - rewards[state, action, step.observation])
            state = step.observation
            ended.append(step.ended == terminal[state])
            if terminal[state]:
                break
    expected = (transitions * rewards).sum(axis=2)[:2]
    frequencies = counts / counts.sum(axis=2, keepdims=True)
    rows = [
        compare_arrays("first states", starts / starts.sum(), start, 0, 0.03),
        compare_arrays("next states", frequencies, transitions[:2], 0, 0.04),
        compare_arrays("rewards", wrong, 0.0, 0, 0),
        compare_arrays("ends", ended, np.ones(len(ended)), 0, 0),
        compare_arrays("expected rewards", mdp.rewards[:2], expected),
    ]
    return Report("drawn", rows, "Frequencies of more than 1,000 draws; 0.04 is three deviations.")


@case("rl.run_episode, against a filter", "rl.run_episode", "rl.Episode", "rl.discounted_returns")
def _returns(rng):
    """The discounted return is a recursive filter, run backwards in time."""
    from scipy.signal import lfilter

    mdp = random_mdp(rng)
    episode = rl.run_episode(mdp, lambda state, rng: rng.integers(ACTIONS), rng)
    while len(episode.actions) < 4:
        episode = rl.run_episode(mdp, lambda state, rng: rng.integers(ACTIONS), rng)
    path = zip(episode.observations, episode.actions, episode.observations[1:], strict=False)
    earned = np.array([mdp.transition_rewards[step] for step in path])
    theirs = lfilter([1], [1, -0.6], earned[::-1])[::-1]
    rows = [
        compare_arrays("rewards", episode.rewards, earned),
        compare_arrays("returns", episode.returns(0.6), theirs),
        compare_arrays("sum", episode.total, sum(earned)),
        compare_arrays("function", rl.discounted_returns(earned, 0.6), theirs),
        compare_arrays("end", mdp.terminal[episode.observations[-1]], episode.terminated, 0, 0),
    ]
    return Report("episode", rows)


def _gymnasium_tables(name, **options):
    import gymnasium

    table = gymnasium.make(name, **options).unwrapped.P
    actions = len(table[0])
    transitions = np.zeros((len(table), actions, len(table)))
    earned, ends = np.zeros(transitions.shape[:2]), np.zeros(len(table), bool)
    for s, a in itertools.product(table, range(actions)):
        for probability, target, reward, terminated in table[s][a]:
            transitions[s, a, target] += probability
            earned[s, a] += probability * reward
            ends[target] |= terminated
    return table, transitions, np.repeat(earned[..., None], len(table), axis=-1), ends


@case("rl.TabularMDP.from_table, Gymnasium's frozen lake", "rl.TabularMDP")
def _frozen_lake(rng):
    table, *tables = _gymnasium_tables("FrozenLake-v1", map_name="8x8")
    mdp = rl.TabularMDP.from_table(table)
    swept = rl.value_iteration(mdp, 0.97, 1e-9)
    rows = [
        compare_arrays("best values", swept.values, best_values(*tables, 0.97), 0, 1e-8),
        compare_arrays("terminal", mdp.terminal, tables[2], 0, 0),
    ]
    return Report("frozen lake", rows)


@case("rl.cliff_walk, against Gymnasium's", "rl.cliff_walk", "rl.GridWorld")
def _cliff(rng):
    _, transitions, earned, ends = _gymnasium_tables("CliffWalking-v1")
    grid = rl.cliff_walk()
    places = grid.positions @ [12, 1]
    kept = ~grid.terminal
    theirs = transitions[places][:, :, places]
    rows = [
        compare_arrays("transitions", grid.transitions[kept], theirs[kept]),
        compare_arrays("rewards", grid.rewards[kept], earned[places, :, 0][kept]),
        compare_arrays("terminal", grid.terminal, ends[places], 0, 0),
        compare_arrays("start", grid.start @ places, 36, 0, 0),
    ]
    return Report("cliff", rows)


@case("rl.GridWorld, the textbook's utilities", "rl.GridWorld", "rl.policy_iteration")
def _textbook(rng):
    """Printed to three digits; there the reward belongs to the state that is left."""
    grid = rl.GridWorld(BIRD, step_reward=-0.04, goal_reward=0.96, pit_reward=-1.04, slip=0.2)
    printed = [0.812, 0.868, 0.918, 0, 0.762, 0.660, 0, 0.705, 0.655, 0.611, 0.388]
    rows = [compare_arrays("values", rl.policy_iteration(grid, 1.0).values, printed, 0, 6e-4)]
    return Report("four by three", rows)


def _steps_to_goal(grid):
    """Lengths of the shortest ways through the map, by SciPy's search of a graph."""
    from scipy.sparse.csgraph import dijkstra

    cells = {tuple(position): number for number, position in enumerate(grid.positions.tolist())}
    edges = np.zeros((len(cells), len(cells)))
    for (row, column), number in cells.items():
        for near in ((row + 1, column), (row, column + 1)):
            if near in cells:
                edges[number, cells[near]] = edges[cells[near], number] = 1
    (goal,) = np.flatnonzero(grid.terminal)
    return dijkstra(edges, indices=goal), int(edges.sum() / 2)


@case("rl.maze, against a search of its graph", "rl.maze", "rl.random_maze", "rl.GridWorld")
def _mazes(rng):
    rows = []
    drawn = rl.random_maze(4, 6, rng)
    for name, grid in (("fixed", rl.maze()), ("random", drawn)):
        steps, edges = _steps_to_goal(grid)
        values = rl.value_iteration(grid, 1.0).values
        rows.append(compare_arrays(f"{name}: steps to the goal", -values, steps, 0, 0))
    rows.append(compare_arrays("random: a tree", edges, drawn.num_states - 1, 0, 0))
    rows.append(compare_arrays("random: every cell", drawn.num_states, 2 * 4 * 6 - 1, 0, 0))
    return Report("mazes", rows)


@case("rl.windy_gridworld, step by step", "rl.windy_gridworld", "rl.GridWorld")
def _windy(rng):
    """The book's rule, and its 15 steps."""
    grid, wind = rl.windy_gridworld(), [0, 0, 0, 1, 1, 1, 2, 2, 1, 0]
    moves = [(-1, 0), (0, 1), (1, 0), (0, -1)]
    targets = np.zeros((70, 4))
    for row, column, a in itertools.product(range(7), range(10), range(4)):
        to = np.add((row - wind[column], column), moves[a])
        targets[row * 10 + column, a] = np.clip(to, 0, [6, 9]) @ [10, 1]
    going = ~grid.terminal
    values = rl.value_iteration(grid, 1.0).values
    rows = [
        compare_arrays("moves", grid.transitions[going].argmax(axis=2), targets[going], 0, 0),
        compare_arrays("steps from the start", values[grid.state_at(3, 0)], -15, 0, 0),
    ]
    return Report("wind", rows)


@case("rl.random_walk, its chances", "rl.random_walk", "rl.policy_values")
def _random_walk(rng):
    walk = rl.random_walk(6)
    values = rl.policy_values(walk, np.full((8, 2), 0.5), 1.0)
    leaning = rl.policy_values(walk, np.tile([0.25, 0.75], (8, 1)), 1.0)
    ruin = (1 - 3.0 ** -np.arange(1, 7)) / (1 - 3.0**-7)
    rows = [
        compare_arrays("either way alike", values[1:-1], np.arange(1, 7) / 7),
        compare_arrays("to the right three times in four", leaning[1:-1], ruin),
        compare_arrays("start", walk.start, np.arange(8) == 3, 0, 0),
    ]
    return Report("random walk", rows)


@case("rl.ShortestPath, against SciPy's Dijkstra", "rl.ShortestPath", "rl.random_roads")
def _shortest_path(rng):
    from scipy.sparse.csgraph import dijkstra

    costs, positions = rl.random_roads(20, rng, neighbours=2)
    one_way = np.where(rng.random(costs.shape) < 0.8, costs, np.inf)
    one_way = np.where(np.tri(20, dtype=bool), costs, one_way)  # some roads in one direction only
    roads = rl.ShortestPath(one_way, goal=4)
    theirs = dijkstra(np.where(one_way < np.inf, one_way, 0).T, indices=4)
    plan = rl.value_iteration(roads, 1.0)
    lengths = [roads.length(roads.path(plan.policy, town)) for town in range(20)]
    spans = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    given = costs < np.inf
    nearest = np.sort(np.where(np.eye(20), np.inf, spans), axis=1)[:, :2]
    rows = [
        compare_arrays("distances", -plan.values, theirs),
        compare_arrays("lengths of the paths", lengths, theirs),
        compare_arrays("lengths of the roads", costs[given], spans[given]),
        compare_arrays("nearest towns", np.sort(costs, axis=1)[:, :2], nearest),
        compare_arrays("both ways", costs.T[given], costs[given], 0, 0),
    ]
    return Report("roads", rows)
