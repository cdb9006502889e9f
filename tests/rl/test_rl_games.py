"""Tic-tac-toe: known counts, perfect play, and learning not to lose; bandits."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import rl

LOST_TO_A_FORK = (1, 0, 0, 0, 2, 0, 0, 0, 1)


class TestRules:
    def test_known_counts(self):
        assert len(rl.reachable_boards()) == 5478
        assert rl.count_games() == 255_168
        assert len({rl.canonical_board(board) for board in rl.reachable_boards()}) == 765

    def test_games_by_enumeration(self):
        """Every course of the game, without remembering anything."""

        def games(own, theirs):
            if any(theirs & line == line for line in lines):
                return 1
            free = 511 & ~(own | theirs)
            if not free:
                return 1
            total = 0
            while free:
                cell = free & -free
                total += games(theirs, own | cell)
                free ^= cell
            return total

        lines = [0o7, 0o70, 0o700, 0o111, 0o222, 0o444, 0o421, 0o124]
        assert rl.count_games() == games(0, 0)

    def test_nobody_can_force_a_win(self):
        assert rl.minimax_value(rl.EMPTY_BOARD) == 0
        assert rl.minimax_moves(rl.EMPTY_BOARD) == tuple(range(9))

    def test_a_double_threat(self):
        board = rl.place(LOST_TO_A_FORK, 2)  # a corner: the first player now takes the other
        assert rl.player_to_move(board) == 1
        assert rl.minimax_value(board) == 1
        assert rl.minimax_moves(board) == (5,) or 6 in rl.minimax_moves(board)
        assert rl.minimax_value(rl.place(LOST_TO_A_FORK, 1)) == 0

    @pytest.mark.parametrize(
        ("board", "who"),
        [((1, 1, 1, 2, 2, 0, 0, 0, 0), 1), ((2, 1, 1, 1, 2, 0, 0, 0, 2), 2), (rl.EMPTY_BOARD, 0)],
    )
    def test_winner(self, board, who):
        assert rl.winner(board) == who

    @pytest.mark.parametrize("cell", [0, 9, -1])
    def test_moves_that_are_none(self, cell):
        with pytest.raises(ValueError, match="Received: cell="):
            rl.place((1,) + (0,) * 8, cell)

    def test_the_game_is_over(self):
        with pytest.raises(ValueError, match="Received"):
            rl.place((1, 1, 1, 2, 2, 0, 0, 0, 0), 8)
        assert rl.minimax_moves((1, 1, 1, 2, 2, 0, 0, 0, 0)) == ()

    def test_pictures(self):
        assert rl.show_board((1, 0, 0, 0, 2, 0, 0, 0, 1)) == "X..\n.O.\n..X"

    def test_outcomes_of_known_players(self):
        random, perfect = rl.random_player, rl.perfect_player
        chances = rl.outcome_probabilities(random, random)
        assert chances.round(4).tolist() == [0.1270, 0.5849, 0.2881]
        assert rl.outcome_probabilities(perfect, perfect) == pytest.approx([1, 0, 0], abs=1e-12)
        assert rl.outcome_probabilities(perfect, random)[2] == 0
        assert rl.outcome_probabilities(random, perfect)[1] == 0


class TestEnvironment:
    def test_states(self):
        first, second = rl.TicTacToe(rl.random_player), rl.TicTacToe(rl.random_player, plays=2)
        assert first.num_states == 2423 + 1
        assert second.num_states == 2097 + 1
        assert len(set(first.boards)) == 2423
        assert first.boards[0] == rl.EMPTY_BOARD
        assert not first.legal_actions[-1].any()

    def test_a_taken_cell(self):
        game = rl.TicTacToe(rl.random_player)
        game.reset(np.random.default_rng(0))
        state = game.step(4).observation
        assert game.boards[state][4] == 1
        with pytest.raises(ValueError, match="forbids"):
            game.step(4)

    @pytest.mark.parametrize("plays", [1, 2])
    def test_rewards(self, plays):
        game, rng, totals = rl.TicTacToe(rl.random_player, plays), np.random.default_rng(0), set()

        def anything(state, rng):
            return int(rng.choice(np.flatnonzero(game.legal_actions[state])))

        for _ in range(60):
            episode = rl.run_episode(game, anything, rng)
            assert episode.terminated
            assert not episode.rewards[:-1].any()
            assert episode.observations[-1] == game.num_states - 1
            totals.add(episode.total)
        assert totals == {-1, 0, 1}

    @pytest.mark.parametrize(
        "player",
        [
            lambda board: np.ones(9) / 9,  # also the cells that are taken
            lambda board: np.ones(9),
            lambda board: np.ones(8) / 8,
        ],
    )
    def test_bad_players(self, player):
        game = rl.TicTacToe(player)
        game.reset(np.random.default_rng(0))
        with pytest.raises(ValueError, match="Received:"):
            game.step(0)

    def test_bad_side(self):
        with pytest.raises(ValueError, match="Received: plays=3"):
            rl.TicTacToe(rl.random_player, plays=3)

    @pytest.mark.parametrize("seed", range(3))
    def test_learns_never_to_lose_to_the_perfect_player(self, seed):
        game, rng = rl.TicTacToe(rl.perfect_player), np.random.default_rng(seed)
        start = rl.outcome_probabilities(rl.random_player, rl.perfect_player)
        learnt = rl.q_learning(game, 2000, rng, alpha=0.3, epsilon=0.3)
        found = rl.outcome_probabilities(game.player(learnt.policy), rl.perfect_player)
        assert start[2] > 0.7
        assert found == pytest.approx([1, 0, 0], abs=1e-12)

    def test_learns_to_beat_the_random_player(self):
        game, rng = rl.TicTacToe(rl.random_player), np.random.default_rng(0)
        learnt = rl.q_learning(game, 6000, rng, alpha=0.1, epsilon=0.3)
        found = rl.outcome_probabilities(game.player(learnt.policy), rl.random_player)
        assert found[1] > 0.93  # 0.58 by chance, and at most 0.9948
        assert found[2] < 0.03
        assert np.all(learnt.q[~game.legal_actions] == -np.inf)
        assert learnt.values[-1] == 0
        assert np.isfinite(learnt.values).all()


class TestBandits:
    MEANS = np.random.default_rng(1).standard_normal((400, 10))

    def play(self, seed=0, steps=300, **options):
        return rl.play_bandits(self.MEANS, steps, np.random.default_rng(seed), **options)

    def test_exploring_pays(self):
        greedy = self.play().optimal[-100:].mean()
        explored = self.play(epsilon=0.1).optimal[-100:].mean()
        hopeful = self.play(initial=5.0, alpha=0.1).optimal[-100:].mean()
        bounded = self.play(confidence=2.0).optimal[-100:].mean()
        assert greedy < 0.45 < 0.55 < min(explored, hopeful, bounded)

    def test_regret_is_a_sum(self):
        run = self.play(epsilon=0.1)
        assert np.all(np.diff(run.regret) >= 0)
        assert self.play(epsilon=1.0).regret[-1] > 2 * run.regret[-1]

    def test_arms_never_tried_come_first(self):
        actions = self.play(steps=10, confidence=1.0).actions
        assert np.array_equal(np.sort(actions, axis=0), np.tile(np.arange(10)[:, None], 400))
        bounds = rl.upper_confidence_bounds(np.array([1.0, 2.0]), np.array([0, 4]), 5, 2.0)
        assert bounds.tolist() == [np.inf, 2 + 2 * np.sqrt(np.log(5) / 4)]

    def test_the_seed_fixes_the_run(self):
        first, again, other = self.play(3), self.play(3), self.play(4)
        assert np.array_equal(first.rewards, again.rewards)
        assert not np.array_equal(first.rewards, other.rewards)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_dtype(self, dtype):
        run = rl.play_bandits(
            self.MEANS[:3].astype(dtype), 5, np.random.default_rng(0), 0.5, confidence=1.0
        )
        assert run.rewards.dtype == run.estimates.dtype == run.means.dtype == dtype
        bounds = rl.upper_confidence_bounds(np.ones(2, dtype), np.ones(2, int), 3, 1.0)
        assert bounds.dtype == dtype

    @pytest.mark.parametrize(
        ("means", "options"),
        [
            (np.ones(3), {}),
            (np.full((2, 3), np.nan), {}),
            (np.ones((2, 3)), {"steps": 0}),
            (np.ones((2, 3)), {"epsilon": 2}),
        ],
    )
    def test_bad_arguments(self, means, options):
        with pytest.raises(ValueError, match="Received:"):
            rl.play_bandits(means, **{"steps": 3, "rng": np.random.default_rng(0)} | options)
