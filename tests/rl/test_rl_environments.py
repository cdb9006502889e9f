"""Environments step by step: what they refuse, what they keep, what a seed fixes."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import rl
from glassnet.rl.environments import DiscreteEnvironment, Environment, Episode, Step


def tables(dtype=np.float64):
    """Two states to go to and fro, the second of which may end it."""
    transitions = np.zeros((3, 2, 3), dtype)
    transitions[0, 0, 1] = transitions[1, 0, 0] = 1
    transitions[0, 1] = transitions[1, 1] = [0.25, 0.25, 0.5]
    transitions[2] = 7  # not read
    rewards = np.arange(6, dtype=dtype).reshape(3, 2)
    return transitions, rewards, [False, False, True]


@pytest.fixture
def mdp():
    return rl.TabularMDP(*tables(), start=0)


def everywhere(observation, rng):
    return int(rng.integers(2))


class TestTabularMDP:
    def test_a_terminal_state_is_never_left(self, mdp):
        assert np.array_equal(mdp.transitions[2], [[0, 0, 1], [0, 0, 1]])
        assert np.array_equal(mdp.rewards[2], [0, 0])
        assert mdp.transitions.sum() == 6

    def test_the_given_tables_are_not_changed(self):
        transitions, rewards, terminal = tables()
        rl.TabularMDP(transitions, rewards, terminal)
        assert transitions[2, 0, 0] == 7
        assert rewards[2, 1] == 5

    def test_its_own_tables_cannot_be_changed(self, mdp):
        for table in (mdp.transitions, mdp.rewards, mdp.terminal, mdp.start):
            with pytest.raises(ValueError, match="read-only"):
                table[...] = 0

    def test_a_certain_step(self, mdp):
        assert mdp.reset(np.random.default_rng(0)) == 0
        assert mdp.step(0) == Step(1, 0.0, False, False)
        assert mdp.step(0) == Step(0, 2.0, False, False)

    def test_stepping_needs_an_episode(self, mdp):
        with pytest.raises(RuntimeError, match="without an episode"):
            mdp.step(0)
        rl.run_episode(mdp, everywhere, np.random.default_rng(0))
        with pytest.raises(RuntimeError, match="without an episode"):
            mdp.step(0)

    @pytest.mark.parametrize("action", [-1, 2, 0.0, "up", True, None])
    def test_an_unknown_action(self, mdp, action):
        mdp.reset(np.random.default_rng(0))
        with pytest.raises(ValueError, match=r"Received: action="):
            mdp.step(action)
        assert mdp.step(np.int64(0)).observation == 1  # the episode goes on

    def test_a_generator_is_needed(self, mdp):
        with pytest.raises(ValueError, match="Received: rng=0"):
            mdp.reset(0)

    def test_the_seed_fixes_the_episode(self, mdp):
        first, second, other = (
            rl.run_episode(mdp, everywhere, np.random.default_rng(seed)) for seed in (3, 3, 4)
        )
        assert first.observations == second.observations
        assert first.actions == second.actions
        assert (first.actions, first.observations) != (other.actions, other.observations)

    def test_no_global_randomness(self, mdp):
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        rl.run_episode(mdp, everywhere, np.random.default_rng(0))
        assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype_is_kept(self, dtype):
        transitions, rewards, terminal = tables(dtype)
        mdp = rl.TabularMDP(transitions, rewards, terminal)
        per_transition = np.repeat(rewards[..., None], 3, axis=-1)
        other = rl.TabularMDP(transitions, per_transition, terminal)
        for table in (mdp.transitions, mdp.rewards, mdp.start, other.rewards):
            assert table.dtype == dtype
        assert other.transition_rewards.dtype == dtype

    def test_starts(self, mdp):
        assert np.array_equal(mdp.start, [1, 0, 0])
        anywhere = mdp.with_start()
        assert np.array_equal(anywhere.start, [0.5, 0.5, 0])
        assert np.array_equal(mdp.with_start([0.1, 0.9, 0]).start, [0.1, 0.9, 0])
        assert mdp.with_start(1).reset(np.random.default_rng(0)) == 1
        mdp.reset(np.random.default_rng(0))
        with pytest.raises(RuntimeError):
            mdp.with_start().step(0)
        firsts = {anywhere.reset(np.random.default_rng(seed)) for seed in range(20)}
        assert firsts == {0, 1}

    def test_reachable(self, mdp):
        assert mdp.reachable().all()
        island = rl.TabularMDP(np.eye(3)[:, None], np.zeros((3, 1)), [False] * 3, start=1)
        assert np.array_equal(island.reachable(), [False, True, False])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t, r, e: (t[:, :, :2], r, e), "states, actions, states"),
            (lambda t, r, e: (t, r[:2], e), "`rewards` must have shape"),
            (lambda t, r, e: (t, r * np.nan, e), "finite"),
            (lambda t, r, e: (t, r, [0, 0, 1]), "booleans"),
            (lambda t, r, e: (t, r, [True] * 3), "booleans"),
            (lambda t, r, e: (t * 0.9, r, e), r"Received: .* in row \(0, 0\)"),
            (lambda t, r, e: (t - [[[1], [0]]], r, e), "probabilities"),
            (lambda t, r, e: (t * np.nan, r, e), "probabilities"),
        ],
    )
    def test_bad_tables(self, change, message):
        with pytest.raises(ValueError, match=message) as info:
            rl.TabularMDP(*change(*tables()))
        assert "Received:" in str(info.value)

    @pytest.mark.parametrize("start", [3, -1, [0.5, 0.5], [0, 0, 1], [0.5, 0.4, 0], [-1, 2, 0]])
    def test_bad_starts(self, start):
        with pytest.raises(ValueError, match="Received:"):
            rl.TabularMDP(*tables(), start=start)


class TestFromTable:
    def test_probabilities_are_added_and_rewards_averaged(self):
        table = {
            0: {0: [(0.25, 1, 4.0, True), (0.25, 1, 8.0, True), (0.5, 0, 1.0, False)]},
            1: {0: [(1.0, 1, 0.0, True)]},
        }
        mdp = rl.TabularMDP.from_table(table)
        assert np.array_equal(mdp.transitions[0, 0], [0.5, 0.5])
        assert mdp.rewards[0, 0] == 3.5
        assert mdp.transition_rewards[0, 0, 1] == 6
        assert np.array_equal(mdp.terminal, [False, True])

    def test_a_state_that_ends_only_sometimes(self):
        table = {
            0: {0: [(1.0, 1, 0.0, True)], 1: [(1.0, 1, 0.0, False)]},
            1: {0: [(1.0, 0, 0.0, False)], 1: [(1.0, 0, 0.0, False)]},
        }
        with pytest.raises(ValueError, match="Received: one into state 1"):
            rl.TabularMDP.from_table(table)

    @pytest.mark.parametrize("name", ["FrozenLake-v1", "CliffWalking-v1", "Taxi-v4"])
    def test_gymnasium(self, name):
        """The best policy earns in Gymnasium's own tables what its value says."""
        gymnasium = pytest.importorskip("gymnasium")
        world = gymnasium.make(name).unwrapped
        mdp = rl.TabularMDP.from_table(world.P, world.initial_state_distrib)
        plan = rl.value_iteration(mdp, 0.9, 1e-9)
        np.testing.assert_allclose(
            plan.values, rl.policy_values(mdp, plan.policy, 0.9), atol=1e-7, rtol=0
        )
        values = np.zeros(mdp.num_states)  # by sweeps over the table, which knows no terminal state
        for _ in range(200):
            values = np.array(
                [
                    sum(p * (r + 0.9 * (not end) * values[s]) for p, s, r, end in world.P[state][a])
                    for state, a in enumerate(plan.policy)
                ]
            )
        there = mdp.reachable() & ~mdp.terminal
        np.testing.assert_allclose(plan.values[there], values[there], atol=1e-6, rtol=0)


class TestEpisodes:
    def test_what_is_written_down(self, mdp):
        episode = rl.run_episode(mdp, everywhere, np.random.default_rng(0))
        assert len(episode.observations) == len(episode.actions) + 1 == len(episode.rewards) + 1
        assert episode.terminated
        assert episode.observations[-1] == 2
        assert episode.rewards.dtype == np.float64

    def test_the_limit_of_steps(self, mdp):
        episode = rl.run_episode(mdp, lambda state, rng: 0, np.random.default_rng(0), max_steps=7)
        assert len(episode.actions) == 7
        assert not episode.terminated
        assert episode.total == 0 + 2 + 0 + 2 + 0 + 2 + 0

    def test_a_truncated_step_ends_it_too(self):
        class Short(DiscreteEnvironment):
            num_states, num_actions = 1, 1

            def begin(self, rng):
                return 0

            def advance(self, state, action, rng):
                return Step(0, 1.0, False, True)

        short = Short()
        episode = rl.run_episode(short, lambda state, rng: 0, np.random.default_rng(0))
        assert len(episode.actions) == 1
        assert not episode.terminated
        with pytest.raises(RuntimeError):
            short.step(0)

    def test_returns(self):
        episode = Episode([0, 1, 2, 3], [0, 0, 0], np.array([1.0, 2.0, 4.0]), True)
        assert episode.returns(0.5).tolist() == [3.0, 4.0, 4.0]
        assert episode.returns(0).tolist() == [1.0, 2.0, 4.0]
        assert episode.total == 7

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_returns_keep_the_dtype(self, dtype):
        assert rl.discounted_returns(np.ones(3, dtype), 0.9).dtype == dtype

    def test_bad_returns(self):
        with pytest.raises(ValueError, match="Received: shape"):
            rl.discounted_returns(np.ones((2, 2)), 0.9)
        with pytest.raises(ValueError, match="Received: gamma"):
            rl.discounted_returns([1.0], 1.1)

    @pytest.mark.parametrize(("terminated", "truncated"), [(0, 0), (0, 1), (1, 0)])
    def test_ended(self, terminated, truncated):
        assert bool(Step(0, 0.0, terminated, truncated).ended) == bool(terminated or truncated)


def test_the_base_classes_say_what_is_missing():
    with pytest.raises(TypeError, match=r"reset.*step"):
        Environment()
    with pytest.raises(TypeError, match=r"advance.*begin"):
        DiscreteEnvironment()


class TestGridWorld:
    def test_moves_and_walls(self):
        grid = rl.GridWorld("S.G\n.#.")
        assert grid.num_states == 5
        moves = grid.transitions.argmax(axis=2)
        # up, right, down, left; from the start, the cell right of it, and the two below
        assert moves[0].tolist() == [0, 1, 3, 0]
        assert moves[1].tolist() == [1, 2, 1, 0]
        assert moves[3].tolist() == [0, 3, 3, 3]
        assert moves[4].tolist() == [2, 4, 4, 4]
        assert grid.rewards[:2].tolist() == [[-1] * 4] * 2
        assert grid.terminal.tolist() == [False, False, True, False, False]

    def test_rewards_by_cell(self):
        grid = rl.GridWorld("GSP", step_reward=-2, goal_reward=5, pit_reward=-7)
        assert grid.rewards[1].tolist() == [-2, -7, -2, 5]
        assert grid.terminal.tolist() == [True, False, True]

    def test_slipping_goes_to_either_side(self):
        grid = rl.GridWorld("...\n.S.\n..G", slip=0.4)
        centre = grid.state_at(1, 1)
        up = grid.transitions[centre, 0]
        assert up[grid.state_at(0, 1)] == pytest.approx(0.6)
        assert up[grid.state_at(1, 0)] == up[grid.state_at(1, 2)] == pytest.approx(0.2)

    def test_pictures(self):
        grid = rl.GridWorld("S.G\n.#.")
        picture = grid.values_as_grid(np.arange(5))
        assert picture[0].tolist() == [0, 1, 2]
        assert picture[1, 0] == 3
        assert np.isnan(picture[1, 1])
        assert grid.values_as_grid(np.zeros((5, 4), np.float32)).shape == (2, 3, 4)
        assert grid.values_as_grid(np.zeros(5, np.float32)).dtype == np.float32
        assert grid.policy_as_text([1, 1, 0, 0, 0]) == "→→G\n↑#↑"
        assert grid.path_as_text([3, 0, 1, 2]) == "S*G\n*# "

    def test_starts(self):
        assert rl.GridWorld("S.SG").start.tolist() == [0.5, 0, 0.5, 0]
        assert rl.GridWorld("..G").start.tolist() == [0.5, 0.5, 0]

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype(self, dtype):
        grid = rl.GridWorld("S.G", slip=0.1, dtype=dtype)
        assert grid.transitions.dtype == grid.rewards.dtype == grid.start.dtype == dtype

    @pytest.mark.parametrize(
        ("text", "options"),
        [
            ("S.G\n..", {}),
            ("S.x", {}),
            ("S..", {}),
            ("", {}),
            (".CG", {}),
            ("SCS\n..G", {}),
            ("S.G", {"slip": 1.5}),
            ("S.G", {"wind": [1, 2]}),
            ("S.G", {"wind": [0.5, 0, 0]}),
        ],
    )
    def test_bad_maps(self, text, options):
        with pytest.raises(ValueError, match="Received:"):
            rl.GridWorld(text, **options)

    @pytest.mark.parametrize("place", [(1, 1), (2, 0), (0, 3), (-1, 0)])
    def test_no_state_there(self, place):
        with pytest.raises(ValueError, match="Received: row"):
            rl.GridWorld("S.G\n.#.").state_at(*place)

    def test_wrong_number_of_values(self):
        with pytest.raises(ValueError, match="Received: shape"):
            rl.GridWorld("S.G").values_as_grid(np.zeros(4))

    def test_the_fixed_maze(self):
        grid = rl.maze()
        values = rl.value_iteration(grid, 1.0).values
        assert values @ grid.start == -18
        assert np.isfinite(values).all()
        assert rl.maze(slip=0.2).slip == 0.2

    @pytest.mark.parametrize("seed", range(5))
    def test_random_mazes(self, seed):
        tree = rl.random_maze(6, 4, np.random.default_rng(seed))
        again = rl.random_maze(6, 4, np.random.default_rng(seed))
        assert tree.text == again.text
        assert len(tree.text) == 11
        assert len(tree.text[0]) == 7
        assert tree.num_states == 2 * 24 - 1
        assert tree.text != rl.random_maze(6, 4, np.random.default_rng(seed + 9)).text
        loops = rl.random_maze(6, 4, np.random.default_rng(seed), loops=0.5)
        assert loops.num_states > tree.num_states
        pillars = [loops.text[r][c] for r in range(1, 11, 2) for c in range(1, 7, 2)]
        assert set(pillars) == {"#"}

    def test_a_maze_needs_two_cells(self):
        with pytest.raises(ValueError, match="Received: rows=1"):
            rl.random_maze(1, 1, np.random.default_rng(0))


class TestChains:
    def test_random_walk(self):
        walk = rl.random_walk(5)
        assert walk.num_states == 7
        assert walk.start.argmax() == 3
        assert walk.terminal.tolist() == [True] + [False] * 5 + [True]
        with pytest.raises(ValueError, match="Received: length=0"):
            rl.random_walk(0)

    def test_the_trap(self):
        trap = rl.MaximizationBias(choices=3, deviation=0.0)
        trap.reset(np.random.default_rng(0))
        with pytest.raises(ValueError, match="forbids"):
            trap.step(2)
        assert trap.step(0) == Step(1, 0.0, False, False)
        assert trap.step(2) == Step(2, -0.1, True, False)
        with pytest.raises(ValueError, match="Received: choices=1"):
            rl.MaximizationBias(choices=1)
