"""Learning from experience: towards exact values, along the cliff, into the trap."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import rl

WALK = rl.random_walk(5)
EVEN = rl.table_policy(np.full((7, 2), 0.5))
EXACT = np.arange(7) / 6 * (np.arange(7) < 6)
CONTROL = [
    rl.q_learning,
    rl.sarsa,
    rl.expected_sarsa,
    rl.double_q_learning,
    lambda *a, **k: rl.n_step_sarsa(*a, n=3, **k),
]


def falling(episode):
    """A step size whose sum diverges and whose squares' sum does not."""
    return 0.5 / (1 + episode / 50)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "learn",
    [
        lambda rng: rl.td_prediction(WALK, EVEN, 2000, rng, alpha=falling),
        lambda rng: rl.n_step_td(WALK, EVEN, 2000, rng, 3, alpha=falling),
        lambda rng: rl.monte_carlo_prediction(WALK, EVEN, 2000, rng),
        lambda rng: rl.monte_carlo_prediction(WALK, EVEN, 2000, rng, first_visit=False),
    ],
    ids=["td", "n-step td", "first visit", "every visit"],
)
def test_predictions_come_close_to_the_exact_values(learn, seed):
    result = learn(np.random.default_rng(seed))
    error = np.sqrt(np.mean((result.values - EXACT)[1:-1] ** 2))
    assert error < 0.035
    assert result.mean_return == pytest.approx(0.5, abs=0.05)


def test_td_learns_faster_than_monte_carlo():
    """Figure 6.2 of Sutton and Barto, with the step sizes given there, over 20 runs."""
    start = np.array([0, 0.5, 0.5, 0.5, 0.5, 0.5, 0])
    errors = []
    for method, alpha in ((rl.td_prediction, 0.05), (rl.monte_carlo_prediction, 0.02)):
        values = [
            method(WALK, EVEN, 100, np.random.default_rng(s), alpha=alpha, values=start).values
            for s in range(20)
        ]
        errors.append(np.sqrt(np.mean((np.array(values) - EXACT)[:, 1:-1] ** 2)))
    assert errors[0] < 0.6 * errors[1]


@pytest.mark.parametrize("seed", range(5))
class TestMaze:
    BEST = rl.value_iteration(rl.maze(), 1.0).values

    def way(self, policy):
        return rl.run_episode(rl.maze(), rl.table_policy(policy), np.random.default_rng(0), 99)

    def test_q_learning_finds_the_shortest_way(self, seed):
        learnt = rl.q_learning(rl.maze(), 300, np.random.default_rng(seed), alpha=0.5)
        assert self.way(learnt.policy).total == -18
        assert learnt.returns[-50:].mean() > 3 * learnt.returns[:10].mean()

    def test_q_learning_finds_it_from_everywhere(self, seed):
        anywhere, rng = rl.maze().with_start(), np.random.default_rng(seed)
        learnt = rl.q_learning(anywhere, 1000, rng, alpha=1.0)
        reached = rl.policy_values(anywhere, learnt.policy, 1.0)
        assert np.array_equal(reached, self.BEST)

    def test_sarsa_finds_the_shortest_way_when_exploration_ends(self, seed):
        epsilon, rng = rl.linear_decay(0.3, 0.0, 800), np.random.default_rng(seed)
        learnt = rl.sarsa(rl.maze(), 1000, rng, alpha=0.5, epsilon=epsilon)
        assert self.way(learnt.policy).total == -18


@pytest.mark.parametrize("seed", range(5))
def test_the_cliff(seed):
    """The best way is dangerous while one explores, and Sarsa knows it."""
    cliff, found = rl.cliff_walk(), {}
    for method in (rl.q_learning, rl.sarsa):
        learnt = method(cliff, 500, np.random.default_rng(seed), alpha=0.5, epsilon=0.1)
        way = rl.run_episode(
            cliff, rl.table_policy(learnt.policy), np.random.default_rng(0), max_steps=99
        )
        found[method] = learnt.returns[100:].mean(), way.total
    assert found[rl.q_learning][1] == -13
    assert found[rl.sarsa][1] <= -15
    assert found[rl.sarsa][0] > found[rl.q_learning][0] + 10


def test_a_maximum_of_estimates_is_too_large():
    """Figure 6.5: how often the worse action is taken; 0.05 is what exploration alone makes."""
    lefts = {}
    for method in (rl.q_learning, rl.double_q_learning):
        lengths = [
            method(rl.MaximizationBias(), 300, np.random.default_rng(seed)).lengths
            for seed in range(40)
        ]
        lefts[method] = np.mean(np.array(lengths) == 2, axis=0)
    single, double = lefts[rl.q_learning], lefts[rl.double_q_learning]
    assert single[:100].mean() > 0.6
    assert double[:100].mean() < 0.4
    assert double[200:].mean() < 0.12 < single[100:200].mean()


def test_the_bias_in_numbers():
    """Ten estimates of the value m: the greatest is too large by its expectation, the pair's not.

    Each of the ten is one reward; the expected greatest of ten standard normals is 1.5388.
    """
    rng, single, double = np.random.default_rng(0), [], []
    for _ in range(3000):
        q, other = np.zeros((3, 10)), np.zeros((3, 10))
        q[1], other[1] = rng.normal(-0.1, 1.0, (2, 10))
        single.append(rl.q_learning_update(q.copy(), 0, 0, 0.0, 1, False, 0.1, 1.0)[0])
        double.append(rl.double_q_update(q, other, 0, 0, 0.0, 1, False, 0.1, 1.0)[0])
    assert np.mean(single) == pytest.approx(1.5388 - 0.1, abs=0.05)
    assert np.mean(double) == pytest.approx(-0.1, abs=0.08)


@pytest.mark.parametrize("seed", range(3))
def test_shortest_path_without_a_map(seed):
    costs, _ = rl.random_roads(20, np.random.default_rng(seed))
    roads = rl.ShortestPath(costs, goal=4)
    learnt = rl.q_learning(roads, 500, np.random.default_rng(seed), alpha=1.0, epsilon=0.2)
    best = rl.value_iteration(roads, 1.0)
    np.testing.assert_allclose(learnt.values, best.values, atol=1e-12)
    assert roads.length(roads.path(learnt.policy, 0)) == pytest.approx(-best.values[0])


def test_one_step_of_n_step_sarsa_is_sarsa():
    options = {"alpha": 0.3, "epsilon": 0.2}
    one = rl.n_step_sarsa(rl.maze(), 30, np.random.default_rng(0), n=1, **options)
    plain = rl.sarsa(rl.maze(), 30, np.random.default_rng(0), **options)
    np.testing.assert_allclose(one.q, plain.q, rtol=1e-12)
    assert np.array_equal(one.lengths, plain.lengths)


def test_many_steps_are_monte_carlo():
    options = {"alpha": 0.1, "gamma": 0.9}
    many = rl.n_step_td(WALK, EVEN, 40, np.random.default_rng(0), n=10_000, **options)
    whole = rl.monte_carlo_prediction(
        WALK, EVEN, 40, np.random.default_rng(0), first_visit=False, **options
    )
    np.testing.assert_allclose(many.values, whole.values, rtol=1e-12)


def test_expected_sarsa_without_exploration_is_q_learning():
    options = {"alpha": 0.3, "epsilon": 0.0}
    expected = rl.expected_sarsa(rl.maze(), 20, np.random.default_rng(0), **options)
    learnt = rl.q_learning(rl.maze(), 20, np.random.default_rng(0), **options)
    np.testing.assert_allclose(expected.q, learnt.q, rtol=1e-12)


def test_monte_carlo_control():
    for seed in range(3):
        learnt = rl.monte_carlo_control(WALK, 300, np.random.default_rng(seed), gamma=0.9)
        assert learnt.policy[1:-1].tolist() == [1] * 5


def test_an_episode_that_is_cut_off_teaches_monte_carlo_nothing():
    result = rl.monte_carlo_prediction(
        rl.maze(), lambda state, rng: 0, 2, np.random.default_rng(0), max_steps=5
    )
    assert not result.values.any()
    assert result.lengths.tolist() == [5, 5]
    assert result.returns.tolist() == [-5, -5]


@pytest.mark.parametrize(("n", "left"), [(1, 7), (3, 9)])
def test_an_episode_that_is_cut_off_goes_on_in_the_estimates(n, left):
    """Upwards is a wall. With three steps the targets are 10 - 3, 10 - 2 and 10 - 1, in turn."""
    values = np.full(rl.maze().num_states, 10.0)
    result = rl.n_step_td(
        rl.maze(), lambda s, r: 0, 1, np.random.default_rng(0), n, 1.0, values=values, max_steps=3
    )
    assert result.values[0] == left


@pytest.mark.parametrize("method", CONTROL)
class TestEveryMethod:
    def test_the_seed_fixes_the_run(self, method):
        first, again, other = (
            method(rl.maze(), 5, np.random.default_rng(seed)) for seed in (1, 1, 2)
        )
        assert np.array_equal(first.q, again.q)
        assert np.array_equal(first.returns, again.returns)
        assert not np.array_equal(first.q, other.q)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_table_is_kept(self, method, dtype):
        start = np.zeros((7, 2), dtype)
        result = method(WALK, 10, np.random.default_rng(0), q=start)
        assert result.q.dtype == result.values.dtype == dtype
        assert not start.any()
        assert result.q.any()

    def test_forbidden_actions_are_never_done(self, method):
        result = method(rl.MaximizationBias(), 50, np.random.default_rng(0), epsilon=0.9)
        assert np.all(result.q[0, 2:] == -np.inf)
        assert np.isfinite(result.q[0, :2]).all()
        assert result.values[2] == 0

    def test_updates_are_told(self, method):
        told, seen, alpha = [], [], 0.25
        result = method(
            WALK,
            15,
            np.random.default_rng(0),
            alpha=alpha,
            on_update=lambda *update: told.append(update),
            on_episode=lambda episode, q: seen.append((episode, q.copy())),
        )
        assert len(told) == result.lengths.sum()
        assert [episode for episode, _ in seen] == list(range(15))
        assert np.array_equal(seen[-1][1], result.q)
        states, actions, targets, errors = map(np.array, zip(*told, strict=True))
        assert set(states) <= set(range(1, 6))
        assert set(actions) <= {0, 1}
        assert np.isfinite(targets).all()
        total = np.zeros((7, 2))
        np.add.at(total, (states, actions), alpha * errors)
        share = 2 if method is rl.double_q_learning else 1  # the mean of two tables
        np.testing.assert_allclose(result.q, total / share, atol=1e-12)

    def test_schedules_are_asked_once_an_episode(self, method):
        asked = []

        def alpha(episode):
            asked.append(episode)
            return 0.1

        changing = method(WALK, 6, np.random.default_rng(0), alpha=alpha, epsilon=lambda e: 0.1)
        fixed = method(WALK, 6, np.random.default_rng(0), alpha=0.1, epsilon=0.1)
        assert asked == list(range(6))
        assert np.array_equal(changing.q, fixed.q)

    @pytest.mark.parametrize(
        "options",
        [
            {"alpha": -0.1},
            {"alpha": 1.5},
            {"alpha": lambda episode: 2.0},
            {"gamma": 1.01},
            {"epsilon": -1},
            {"q": np.zeros((3, 2))},
            {"q": np.zeros((7, 2), int)},
            {"max_steps": 0},
        ],
    )
    def test_bad_arguments(self, method, options):
        with pytest.raises(ValueError, match="Received:"):
            method(WALK, 3, np.random.default_rng(0), **options)

    def test_a_table_needs_numbered_states(self, method):
        with pytest.raises(ValueError, match="numbered states"):
            method(rl.CartPole(), 3, np.random.default_rng(0))

    def test_unknown_options(self, method):
        with pytest.raises(TypeError, match="on_updates"):
            method(WALK, 3, np.random.default_rng(0), on_updates=print)


def test_any_behaviour_will_do_for_q_learning():
    def wander(values, episode, rng):
        return int(rng.integers(4))

    def boltzmann(values, episode, rng):
        return rl.draw_action(rl.softmax_probabilities(values, 1.0), rng)

    small = rl.GridWorld("S...\n.##.\n...G")
    for grid, behaviour, episodes in ((small, wander, 200), (rl.maze(), boltzmann, 1000)):
        anywhere, rng = grid.with_start(), np.random.default_rng(0)
        learnt = rl.q_learning(anywhere, episodes, rng, alpha=1.0, behaviour=behaviour)
        reached = rl.policy_values(grid, learnt.policy, 1.0)
        assert np.array_equal(reached, rl.value_iteration(grid, 1.0).values)


class TestChoices:
    def test_ties_are_drawn(self):
        rng, values = np.random.default_rng(0), np.array([1.0, 3.0, 3.0])
        assert {rl.epsilon_greedy(values, 0.0, rng) for _ in range(30)} == {1, 2}
        assert isinstance(rl.epsilon_greedy(values, 1.0, rng), int)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype(self, dtype):
        values = np.array([[0.0, 1.0], [2.0, -np.inf]], dtype)
        for found in (
            rl.epsilon_greedy_probabilities(values, 0.1),
            rl.softmax_probabilities(values, 0.5),
        ):
            assert found.dtype == dtype
            np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
            assert found[1].tolist() == [1, 0]

    def test_softmax_is_stable(self):
        found = rl.softmax_probabilities(np.array([1000.0, 0.0, -1000.0]), 1e-3)
        assert found.tolist() == [1, 0, 0]
        with pytest.raises(ValueError, match="Received: temperature"):
            rl.softmax_probabilities(np.ones(2), 0.0)

    def test_policies_of_tables(self):
        rng = np.random.default_rng(0)
        assert rl.table_policy([2, 0])(0, rng) == 2
        assert {rl.table_policy([[0.5, 0.5, 0.0]])(0, rng) for _ in range(30)} == {0, 1}
        for bad in ([0.5, 1.5], [[1, 0]], 3):
            with pytest.raises(ValueError, match="Received:"):
                rl.table_policy(bad)

    def test_linear_decay(self):
        decay = rl.linear_decay(1.0, 0.0, 4)
        assert [decay(e) for e in range(6)] == [1, 0.75, 0.5, 0.25, 0, 0]
        with pytest.raises(ValueError, match="Received: episodes"):
            rl.linear_decay(1.0, 0.0, 0)


class TestUpdates:
    def test_only_one_entry_changes(self):
        rng = np.random.default_rng(0)
        start, other = rng.standard_normal((2, 5, 3))
        calls = [
            lambda q: rl.q_learning_update(q, 1, 2, 0.5, 3, False, 0.1, 0.9),
            lambda q: rl.sarsa_update(q, 1, 2, 0.5, 3, 0, False, 0.1, 0.9),
            lambda q: rl.expected_sarsa_update(q, 1, 2, 0.5, 3, np.ones(3) / 3, False, 0.1, 0.9),
            lambda q: rl.double_q_update(q, other, 1, 2, 0.5, 3, False, 0.1, 0.9),
            lambda q: rl.monte_carlo_update(q, (1, 2), 0.5, 0.1),
        ]
        before = other.copy()
        for call in calls:
            q = start.copy()
            target, error = call(q)
            changed = np.argwhere(q != start)
            assert changed.tolist() == [[1, 2]]
            assert error == pytest.approx(target - start[1, 2])
            assert q[1, 2] == pytest.approx(start[1, 2] + 0.1 * error)
        assert np.array_equal(other, before)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype(self, dtype):
        q = np.ones((2, 2), dtype)
        target, error = rl.q_learning_update(q, 0, 0, 0.5, 1, False, 0.1, 0.9)
        assert target.dtype == error.dtype == q.dtype == dtype

    def test_forbidden_next_actions(self):
        q = np.array([[0.0, 0.0], [2.0, -np.inf]])
        probabilities = rl.epsilon_greedy_probabilities(q[1], 0.5)
        assert rl.expected_sarsa_update(q, 0, 0, 1.0, 1, probabilities, False, 0.1, 0.5)[0] == 2

    def test_n_step_return(self):
        assert rl.n_step_return([1.0, 2.0], 8.0, 0.5) == 1 + 1 + 2
        assert rl.n_step_return([], 8.0, 0.5) == 8
