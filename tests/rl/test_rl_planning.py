"""Dynamic programming: exact values, the contraction, the bound; and shortest paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse.csgraph import dijkstra

from glassnet import rl

GAMMA = 0.9


def random_mdp(seed, states=6, actions=3, dtype=np.float64):
    rng = np.random.default_rng(seed)
    transitions = rng.dirichlet(np.full(states, 0.4), (states, actions)).astype(dtype)
    transitions /= transitions.sum(axis=-1, keepdims=True)
    rewards = rng.standard_normal((states, actions)).astype(dtype)
    return rl.TabularMDP(transitions, rewards, np.arange(states) == states - 1)


def best_by_linear_program(mdp, gamma):
    going = np.flatnonzero(~mdp.terminal)
    rows = gamma * mdp.transitions[going] - np.eye(mdp.num_states)[going, None]
    bounds = [(0, 0) if end else (None, None) for end in mdp.terminal]
    return linprog(
        np.ones(mdp.num_states),
        rows.reshape(-1, mdp.num_states),
        -mdp.rewards[going].ravel(),
        bounds=bounds,
    ).x


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.95])
def test_three_ways_to_the_best_values(seed, gamma):
    mdp = random_mdp(seed)
    best = best_by_linear_program(mdp, gamma)
    swept, improved = rl.value_iteration(mdp, gamma, 1e-9), rl.policy_iteration(mdp, gamma)
    np.testing.assert_allclose(swept.values, best, atol=1e-7, rtol=0)
    np.testing.assert_allclose(improved.values, best, atol=1e-7, rtol=0)
    assert np.array_equal(swept.policy[:-1], improved.policy[:-1])


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_holds_and_is_used(seed):
    mdp = random_mdp(seed)
    best = rl.policy_iteration(mdp, GAMMA).values
    for tolerance in (1.0, 1e-3, 1e-6):
        plan = rl.value_iteration(mdp, GAMMA, tolerance)
        assert np.abs(plan.values - best).max() <= plan.bound + 1e-14
        assert plan.bound <= tolerance
        assert plan.history[-2] * 9 > tolerance  # it stopped as soon as it could
        assert plan.iterations == len(plan.history)
    short = rl.value_iteration(mdp, GAMMA, 1e-6, max_iterations=5)
    assert short.iterations == 5
    assert np.abs(short.values - best).max() <= short.bound
    assert short.bound > 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_both_operators_contract(seed):
    mdp, rng = random_mdp(seed), np.random.default_rng(seed)
    policy = rng.dirichlet(np.ones(3), 6)
    for _ in range(20):
        v, w = rng.standard_normal((2, 6)) * 10
        apart = np.abs(v - w).max()
        best = rl.bellman_optimality(v, mdp, GAMMA) - rl.bellman_optimality(w, mdp, GAMMA)
        swept = [rl.bellman_expectation(x, policy, mdp, GAMMA) for x in (v, w)]
        assert np.abs(best).max() <= GAMMA * apart + 1e-12
        assert np.abs(swept[0] - swept[1]).max() <= GAMMA * apart + 1e-12
    shifted = rl.bellman_optimality(v + 1, mdp, GAMMA) - rl.bellman_optimality(v, mdp, GAMMA)
    np.testing.assert_allclose(shifted, GAMMA, rtol=1e-12)  # so the factor is not smaller


def test_changes_shrink_by_the_discount():
    history = rl.value_iteration(random_mdp(0), GAMMA, 1e-6).history
    assert np.all(history[1:] <= GAMMA * history[:-1] + 1e-14)


def test_exact_values_solve_bellmans_equation():
    mdp, policy = random_mdp(1), np.random.default_rng(1).dirichlet(np.ones(3), 6)
    values = rl.policy_values(mdp, policy, GAMMA)
    np.testing.assert_allclose(
        rl.bellman_expectation(values, policy, mdp, GAMMA), values, atol=1e-13
    )
    assert values[-1] == 0
    swept = rl.policy_evaluation(mdp, policy, GAMMA, 1e-9)
    assert np.abs(swept.values - values).max() <= swept.bound + 1e-14 <= 1e-9 + 2e-14
    assert swept.sweeps == len(swept.history)


def test_values_are_mean_returns():
    mdp, policy = random_mdp(2), np.random.default_rng(2).dirichlet(np.ones(3), 6)
    rng = np.random.default_rng(0)
    one = mdp.with_start(0)
    play = rl.table_policy(policy)
    returns = [rl.run_episode(one, play, rng, 100).returns(GAMMA)[0] for _ in range(800)]
    error = np.std(returns) / np.sqrt(len(returns))
    assert abs(np.mean(returns) - rl.policy_values(mdp, policy, GAMMA)[0]) < 4 * error


def test_every_improvement_is_one():
    seen = []
    mdp = random_mdp(3, states=12)
    plan = rl.policy_iteration(mdp, GAMMA, on_sweep=lambda i, values: seen.append((i, values)))
    assert [i for i, _ in seen] == list(range(1, plan.iterations + 1))
    for (_, before), (_, after) in itertools.pairwise(seen):
        assert np.all(after >= before - 1e-12)
    assert np.array_equal(seen[-1][1], plan.values)
    np.testing.assert_allclose(rl.policy_values(mdp, plan.policy, GAMMA), plan.values, rtol=1e-12)
    assert plan.bound == 0


def test_policy_iteration_from_a_given_policy():
    mdp = random_mdp(4)
    best = rl.policy_iteration(mdp, GAMMA)
    again = rl.policy_iteration(mdp, GAMMA, policy=best.policy)
    assert again.iterations == 1
    assert np.array_equal(again.policy, best.policy)
    assert np.isinf(rl.policy_iteration(mdp, GAMMA, max_iterations=1).bound)


def test_sweeps_can_be_watched():
    seen = []
    plan = rl.value_iteration(rl.maze(), 1.0, on_sweep=lambda i, values: seen.append(values))
    assert len(seen) == plan.iterations
    assert np.array_equal(seen[-1], plan.values)
    seen[0][:] = 9  # a copy: the run is not disturbed
    assert plan.values.max() == 0
    for _ in range(2):
        assert np.unique(seen[3]).tolist() == [-4, -3, -2, -1, 0]  # news travel a cell a sweep


def test_without_discount():
    grid = rl.maze()
    plan = rl.value_iteration(grid, 1.0)
    assert plan.history[-1] == 0
    assert plan.bound == 0
    assert np.array_equal(plan.values, rl.policy_iteration(grid, 1.0).values)
    with pytest.raises(ValueError, match="for ever from state 0"):
        rl.policy_values(grid, np.zeros(grid.num_states, int), 1.0)
    started = rl.value_iteration(grid, 1.0, max_iterations=3)
    assert np.isinf(started.bound)


def test_greedy_takes_the_lowest_number_among_equals():
    assert rl.greedy_policy(np.array([[1.0, 2, 2], [0, 0, 0], [3, 1, 3]])).tolist() == [1, 0, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    mdp = random_mdp(0, dtype=dtype)
    policy = np.full((6, 3), 1 / 3, dtype)
    values = np.zeros(6, dtype)
    for found in (
        rl.q_from_v(values, mdp, 0.9),
        rl.bellman_optimality(values, mdp, 0.9),
        rl.bellman_expectation(values, policy, mdp, 0.9),
        rl.policy_probabilities([0] * 6, mdp),
        rl.policy_values(mdp, policy, 0.9),
        rl.policy_evaluation(mdp, policy, 0.9, 1e-3).values,
        rl.value_iteration(mdp, 0.9, 1e-3).values,
        rl.value_iteration(mdp, 0.9, 1e-3).history,
        rl.policy_iteration(mdp, 0.9).values,
    ):
        assert found.dtype == dtype


@pytest.mark.parametrize(
    "call",
    [
        lambda m: rl.value_iteration(m, 1.1),
        lambda m: rl.value_iteration(m, 0.9, tolerance=-1),
        lambda m: rl.value_iteration(m, 0.9, max_iterations=0),
        lambda m: rl.policy_iteration(m, -0.1),
        lambda m: rl.policy_values(m, np.zeros(6), 2),
        lambda m: rl.policy_values(m, np.full(6, 3), 0.9),
        lambda m: rl.policy_values(m, np.full(6, 0.5), 0.9),
        lambda m: rl.policy_values(m, np.zeros(5), 0.9),
        lambda m: rl.policy_values(m, np.full((6, 3), 0.3), 0.9),
        lambda m: rl.policy_evaluation(m, np.eye(6)[:, :3] - 1, 0.9),
    ],
)
def test_bad_arguments(call):
    with pytest.raises(ValueError, match="Received:"):
        call(random_mdp(0))


class TestShortestPath:
    @pytest.mark.parametrize("seed", range(5))
    def test_like_dijkstra(self, seed):
        costs, _ = rl.random_roads(30, np.random.default_rng(seed))
        roads = rl.ShortestPath(costs, goal=seed)
        plan = rl.value_iteration(roads, 1.0)
        theirs = dijkstra(np.where(np.isfinite(costs), costs, 0), indices=seed)
        np.testing.assert_allclose(-plan.values, theirs, rtol=1e-12)
        for town in range(30):
            path = roads.path(plan.policy, town)
            assert path[0] == town
            assert path[-1] == seed
            assert roads.length(path) == pytest.approx(theirs[town], rel=1e-12, abs=1e-12)

    def test_actions_are_edges(self):
        inf = np.inf
        roads = rl.ShortestPath([[inf, 2, 7], [inf, inf, 3], [1, inf, inf]], goal=2, start=0)
        assert roads.neighbours == [[1, 2], [2], [0]]
        assert roads.legal_actions.tolist() == [[True, True], [True, False], [True, False]]
        assert roads.rewards.tolist() == [[-2, -7], [-3, -3], [0, 0]]
        assert rl.value_iteration(roads, 1.0).values.tolist() == [-5, -3, 0]
        roads.reset(np.random.default_rng(0))
        assert roads.step(0).observation == 1
        with pytest.raises(ValueError, match="forbids"):
            roads.step(1)
        with pytest.raises(ValueError, match="does not lead"):
            roads.path([0, 1, 0], 0)
        circle = rl.ShortestPath([[inf, 1, 1], [1, inf, 1], [1, 1, inf]], goal=2)
        with pytest.raises(ValueError, match="does not lead"):
            circle.path([0, 0, 0], 0)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype(self, dtype):
        roads = rl.ShortestPath(np.ones((3, 3), dtype), 0)
        assert roads.rewards.dtype == roads.costs.dtype == dtype

    @pytest.mark.parametrize(
        ("costs", "goal"),
        [
            (np.ones((2, 3)), 0),
            (np.ones((1, 1)), 0),
            (np.ones(3), 0),
            (-np.ones((2, 2)), 0),
            (np.zeros((2, 2)), 0),
            (np.full((2, 2), np.nan), 0),
            (np.full((2, 2), np.inf), 0),
            (np.ones((2, 2)), 2),
            (np.ones((2, 2)), -1),
            (np.ones((2, 2)), 0.5),
            (np.ones((2, 2)), True),
        ],
    )
    def test_bad_graphs(self, costs, goal):
        with pytest.raises(ValueError, match="Received:"):
            rl.ShortestPath(costs, goal)

    def test_random_roads(self):
        costs, positions = rl.random_roads(12, np.random.default_rng(0), neighbours=1)
        assert np.array_equal(costs, costs.T)
        assert positions.shape == (12, 2)
        assert np.isinf(np.diag(costs)).all()
        again, _ = rl.random_roads(12, np.random.default_rng(0), neighbours=1)
        assert np.array_equal(costs, again)
        with pytest.raises(ValueError, match="Received: nodes=3"):
            rl.random_roads(3, np.random.default_rng(0), neighbours=3)
