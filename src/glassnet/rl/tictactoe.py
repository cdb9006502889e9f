"""Tic-tac-toe: the rules, perfect play, and the game as an environment.

A board is a tuple of nine cells, row by row: 0 empty, 1 the first player's (X), 2 the second's (O).
"""

from __future__ import annotations

import functools

import numpy as np

from glassnet._validation import one_of
from glassnet.rl.environments import DiscreteEnvironment, Step

__all__ = [
    "EMPTY_BOARD",
    "TicTacToe",
    "canonical_board",
    "count_games",
    "empty_cells",
    "minimax_moves",
    "minimax_value",
    "outcome_probabilities",
    "perfect_player",
    "place",
    "player_to_move",
    "random_player",
    "reachable_boards",
    "show_board",
    "winner",
]

EMPTY_BOARD = (0,) * 9

LINES = (
    (0, 1, 2), (3, 4, 5), (6, 7, 8),
    (0, 3, 6), (1, 4, 7), (2, 5, 8),
    (0, 4, 8), (2, 4, 6),
)  # fmt: skip

_TURNED = (6, 3, 0, 7, 4, 1, 8, 5, 2)  # the cell that a quarter turn puts into each place
_MIRRORED = (2, 1, 0, 5, 4, 3, 8, 7, 6)


def player_to_move(board):
    """Return 1 or 2; the first player has as many marks as the second, or has to wait."""
    return 1 if board.count(1) == board.count(2) else 2


def empty_cells(board):
    """Return the numbers of the empty cells, the moves that the rules allow."""
    return [cell for cell in range(9) if board[cell] == 0]


def place(board, cell):
    """Return the board after the player to move has taken a cell.

    Raises
    ------
    ValueError
        If there is no such cell, it is taken, or the game is over.
    """
    if cell not in range(9) or board[cell] != 0 or winner(board):
        raise ValueError(f"There is no such move on {board}. Received: cell={cell!r}")
    return board[:cell] + (player_to_move(board),) + board[cell + 1 :]


@functools.cache
def winner(board):
    """Return the player with three in a row, 1 or 2, or 0 if there is none."""
    for a, b, c in LINES:
        if board[a] and board[a] == board[b] == board[c]:
            return board[a]
    return 0


def is_over(board):
    """Whether somebody has won or the board is full."""
    return winner(board) != 0 or 0 not in board


@functools.cache
def minimax_value(board):
    """Result for the first player if both play perfectly from here: 1 win, 0 draw, -1 loss.

    The first player takes the largest value among the moves, the second the smallest.

    Parameters
    ----------
    board : tuple of int

    Returns
    -------
    int

    References
    ----------
    von Neumann (1928), Zur Theorie der Gesellschaftsspiele.
    """
    if is_over(board):
        return (0, 1, -1)[winner(board)]
    values = [minimax_value(place(board, cell)) for cell in empty_cells(board)]
    return max(values) if player_to_move(board) == 1 else min(values)


@functools.cache
def minimax_moves(board):
    """Return the cells whose choice keeps the value of the board, a tuple; empty if it is over."""
    if is_over(board):
        return ()
    value = minimax_value(board)
    return tuple(c for c in empty_cells(board) if minimax_value(place(board, c)) == value)


@functools.cache
def count_games(board=EMPTY_BOARD):
    """Return in how many different ways a game can go on from a board; 1 if it is over."""
    if is_over(board):
        return 1
    return sum(count_games(place(board, cell)) for cell in empty_cells(board))


@functools.cache
def reachable_boards():
    """Return every board that can occur in a game, the empty one first; a tuple of boards."""
    found, layer = [], {EMPTY_BOARD}
    while layer:
        found += sorted(layer)
        going_on = [board for board in layer if not is_over(board)]
        layer = {place(board, cell) for board in going_on for cell in empty_cells(board)}
    return tuple(found)


def canonical_board(board):
    """Return the smallest of the eight boards that turning and mirroring make of a board."""
    forms = []
    for _ in range(4):
        board = tuple(board[cell] for cell in _TURNED)
        forms += [board, tuple(board[cell] for cell in _MIRRORED)]
    return min(forms)


def show_board(board):
    """Return the board as three lines of text, with X, O and dots."""
    marks = "".join(".XO"[mark] for mark in board)
    return "\n".join((marks[:3], marks[3:6], marks[6:]))


def random_player(board):
    """Return the probability of each cell for a player who takes any empty one, shape (9,)."""
    return _evenly(empty_cells(board))


def perfect_player(board):
    """Return the probability of each cell for a player who takes any perfect one, shape (9,)."""
    return _evenly(minimax_moves(board))


def outcome_probabilities(first, second):
    """Exact probabilities of the results of a game, by following every course it can take.

    Parameters
    ----------
    first, second : callable
        ``player(board)`` returns the probability of each cell, shape (9,).

    Returns
    -------
    ndarray, shape (3,)
        Of a draw, of the first player's winning, and of the second's.
    """
    known = {}

    def outcome(board):
        if is_over(board):
            return np.eye(3, dtype=np.float64)[winner(board)]
        if board not in known:
            player = first if player_to_move(board) == 1 else second
            cells = [(p, cell) for cell, p in enumerate(player(board)) if p > 0]
            known[board] = sum(p * outcome(place(board, cell)) for p, cell in cells)
        return known[board]

    return outcome(EMPTY_BOARD)


class TicTacToe(DiscreteEnvironment):
    """The game for one learning player; the opponent's answer belongs to the environment.

    The states are the boards on which the learner is to move, and a last one, the end. Action k
    takes cell k. A game won earns 1, a game lost -1, all else 0.

    Parameters
    ----------
    opponent : callable
        ``opponent(board)`` returns the probability of each cell, such as :func:`random_player` or
        :func:`perfect_player`.
    plays : int
        1 if the learner begins, 2 if the opponent does.

    Attributes
    ----------
    boards : tuple of tuple
        The board of every state except the end.
    legal_actions : ndarray of bool, shape (states, 9)

    References
    ----------
    Sutton and Barto (2018), section 1.5.
    """

    num_actions = 9

    def __init__(self, opponent, plays=1):
        self.plays = one_of(plays, (1, 2), "plays")
        self.opponent = functools.cache(_checked(opponent))
        self.boards = tuple(
            board
            for board in reachable_boards()
            if not is_over(board) and player_to_move(board) == self.plays
        )
        self.numbers = {board: number for number, board in enumerate(self.boards)}
        self.num_states = len(self.boards) + 1
        self.legal_actions = np.zeros((self.num_states, 9), bool)
        self.legal_actions[:-1] = np.array(self.boards) == 0

    def begin(self, rng):
        """Return the number of the learner's first board."""
        board = EMPTY_BOARD if self.plays == 1 else self._answered(EMPTY_BOARD, rng)
        return self.numbers[board]

    def advance(self, state, action, rng):
        """Return the `Step` to the learner's next board, after the opponent's answer."""
        board = place(self.boards[state], int(action))
        if not is_over(board):
            board = self._answered(board, rng)
        if not is_over(board):
            return Step(self.numbers[board], 0.0, False, False)
        reward = {0: 0.0, self.plays: 1.0}.get(winner(board), -1.0)
        return Step(self.num_states - 1, reward, True, False)

    def player(self, policy):
        """Return the player of a learnt policy, for :func:`outcome_probabilities`.

        Parameters
        ----------
        policy : array_like of int, shape (states,)

        Returns
        -------
        callable
        """
        return lambda board: _evenly([int(policy[self.numbers[board]])])

    def _answered(self, board, rng):
        cells, cumulated = self.opponent(board)
        return place(board, cells[np.searchsorted(cumulated, rng.random(), side="right")])


def _evenly(cells):
    probabilities = np.zeros(9, np.float64)
    probabilities[list(cells)] = 1 / len(cells)
    return probabilities


def _checked(player):
    """Return a function that gives a player's possible cells and their cumulated probabilities."""

    def answers(board):
        probabilities = np.asarray(player(board))
        fair = probabilities.shape == (9,) and abs(probabilities.sum() - 1) < 1e-9
        if not fair or np.any(probabilities[np.array(board) != 0] != 0) or probabilities.min() < 0:
            raise ValueError(
                f"A player must give probabilities of the empty cells of {board}. "
                f"Received: {probabilities!r}"
            )
        cells = np.flatnonzero(probabilities)
        cumulated = np.cumsum(probabilities[cells])
        cumulated[-1] = 1.0  # rounding must not leave a gap at the top
        return cells.tolist(), cumulated

    return answers
