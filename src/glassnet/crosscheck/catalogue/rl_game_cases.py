"""Tic-tac-toe, against all 362,880 orders in which the nine cells can be taken."""

from __future__ import annotations

import contextlib
import functools
import itertools

import numpy as np

from glassnet import rl
from glassnet.rl import tictactoe

from ..report import Report, compare_arrays
from .registry import case

LINES = [{3 * i + j for j in range(3)} for i in range(3)]
LINES += [{3 * i + j for i in range(3)} for j in range(3)]
LINES += [{0, 4, 8}, {2, 4, 6}]


@contextlib.contextmanager
def fresh():
    """Compute everything anew, and leave nothing behind that was computed here."""
    caches = [value for value in vars(tictactoe).values() if hasattr(value, "cache_clear")]
    for cache in caches:
        cache.cache_clear()
    try:
        yield
    finally:
        for cache in caches:
            cache.cache_clear()


@functools.cache
def _orders():
    """Length and winner of the game, for each order of taking the cells, as arrays."""
    orders = np.array(list(itertools.permutations(range(9))), np.int16)
    marks = 1 << orders
    lines = [sum(1 << cell for cell in line) for line in LINES]
    length, won = np.full(len(orders), 9), np.zeros(len(orders), int)
    for turn in range(9, 4, -1):  # an earlier win overwrites a later one
        player = 2 - turn % 2
        taken = marks[:, (turn - 1) % 2 : turn : 2].sum(axis=1)
        has_line = np.any([(taken & line) == line for line in lines], axis=0)
        length[has_line], won[has_line] = turn, player
    return orders, length, won


def _positions():
    """Every position of a game, as a pair of sets of cells, with the player to move."""
    found, layer = set(), {(frozenset(), frozenset())}
    while layer:
        found |= layer
        layer = {
            (theirs, own | {cell})
            for own, theirs in layer
            if not any(line <= theirs for line in LINES)
            for cell in set(range(9)) - own - theirs
        }
    return found


@functools.cache
def _negamax(own, theirs):
    """Best result for the player to move, who has the first cells; by the other's best answer."""
    if any(line <= theirs for line in LINES):
        return -1
    free = set(range(9)) - own - theirs
    return max((-_negamax(theirs, own | {cell}) for cell in free), default=0)


def _as_board(own, theirs):
    first, second = (own, theirs) if len(own) == len(theirs) else (theirs, own)
    return tuple(1 if c in first else 2 if c in second else 0 for c in range(9))


@case(
    "rl.minimax_value, against all orders of play",
    "rl.count_games",
    "rl.empty_cells",
    "rl.minimax_moves",
    "rl.minimax_value",
    "rl.place",
    "rl.player_to_move",
    "rl.reachable_boards",
    "rl.winner",
)
def _rules(rng):
    orders, length, _ = _orders()
    with fresh():
        positions = {_as_board(*position): position for position in _positions()}
        sign = {board: 1 if len(a) == len(b) else -1 for board, (a, b) in positions.items()}
        values = [sign[board] * _negamax(*positions[board]) for board in positions]
        going_on = [board for board in positions if rl.minimax_moves(board)]
        good = [
            [_negamax(b, a | {cell}) == -_negamax(a, b) for cell in rl.empty_cells(board)]
            for board in going_on
            for a, b in [positions[board]]
        ]
        said = [
            [cell in rl.minimax_moves(board) for cell in rl.empty_cells(board)]
            for board in going_on
        ]
        rows = [
            compare_arrays("positions", len(rl.reachable_boards()), len(positions), 0, 0),
            compare_arrays(
                "each once", len(set(rl.reachable_boards()) & set(positions)), 5478, 0, 0
            ),
            compare_arrays(
                "values", [rl.minimax_value(board) for board in positions], values, 0, 0
            ),
            compare_arrays(
                "best moves", list(itertools.chain(*said)), list(itertools.chain(*good)), 0, 0
            ),
            compare_arrays("games", rl.count_games(), _distinct(orders, length), 0, 0),
            compare_arrays("games going on", len(going_on), 4520, 0, 0),
        ]
    return Report("rules", rows)


def _distinct(orders, length):
    """The number of games: orders that differ only after the end count once."""
    powers = 10 ** np.arange(9)
    shown = np.where(np.arange(9) < length[:, None], orders + 1, 0)
    return len(np.unique(shown @ powers))


@case(
    "rl.outcome_probabilities, against all orders of play",
    "rl.outcome_probabilities",
    "rl.random_player",
    "rl.perfect_player",
)
def _outcomes(rng):
    """Two random players take the cells in an order that is as likely as any other."""
    _, _, won = _orders()
    random, perfect = rl.random_player, rl.perfect_player
    with fresh():
        rows = [
            compare_arrays(
                "random against random",
                rl.outcome_probabilities(random, random),
                np.bincount(won) / len(won),
            ),
            compare_arrays("perfect", rl.outcome_probabilities(perfect, perfect), [1, 0, 0]),
            compare_arrays("first never loses", rl.outcome_probabilities(perfect, random)[2], 0),
            compare_arrays("second never loses", rl.outcome_probabilities(random, perfect)[1], 0),
        ]
    return Report("outcomes", rows)


@case("rl.TicTacToe, as often as it should", "rl.TicTacToe", "rl.outcome_probabilities")
def _environment(rng):
    rows = []
    with fresh():
        for plays in (1, 2):
            game = rl.TicTacToe(rl.random_player, plays)
            policy = np.array([*(row.argmax() for row in game.legal_actions[:-1]), 0])
            me = game.player(policy)
            players = (me, rl.random_player) if plays == 1 else (rl.random_player, me)
            draw, first, second = rl.outcome_probabilities(*players)
            expected = [second, draw, first] if plays == 1 else [first, draw, second]
            totals = [rl.run_episode(game, rl.table_policy(policy), rng).total for _ in range(1500)]
            shares = [np.mean(np.equal(totals, reward)) for reward in (-1, 0, 1)]
            states = sum(1 for a, b in _positions() if _to_learn(a, b, plays))
            rows.append(compare_arrays(f"results, player {plays}", shares, expected, 0, 0.05))
            rows.append(
                compare_arrays(f"states, player {plays}", game.num_states - 1, states, 0, 0)
            )
    return Report("game", rows, "Frequencies of 1,500 games; 0.05 is four deviations.")


def _to_learn(own, theirs, plays):
    over = any(line <= theirs for line in LINES) or len(own) + len(theirs) == 9
    return not over and (1 if len(own) == len(theirs) else 2) == plays


@case("rl.canonical_board, classes of boards", "rl.canonical_board", "rl.show_board")
def _symmetries(rng):
    """As pictures, which NumPy turns and mirrors."""
    boards = [rl.reachable_boards()[i] for i in rng.integers(0, 5478, 200)]
    ours, theirs = [], []
    for board in boards:
        picture = np.reshape(board, (3, 3))
        turned = [np.rot90(form, k) for form in (picture, picture.T) for k in range(4)]
        ours.append(rl.canonical_board(board))
        theirs.append(min(tuple(form.ravel().tolist()) for form in turned))
    text = [".XO".index(mark) for mark in rl.show_board(boards[0]).replace("\n", "")]
    rows = [
        compare_arrays("smallest form", ours, theirs, 0, 0),
        compare_arrays("text", text, boards[0], 0, 0),
    ]
    return Report("symmetries", rows)
