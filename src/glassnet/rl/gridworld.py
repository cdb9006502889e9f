"""Worlds of cells to walk in: mazes, a cliff, wind, slippery ground."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.rl.mdp import TabularMDP

__all__ = ["ACTIONS", "GridWorld", "cliff_walk", "maze", "random_maze", "windy_gridworld"]

ACTIONS = ("up", "right", "down", "left")
"""Names of the four actions, in the order of their numbers."""

MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))  # rows and columns, in the same order
ARROWS = "↑→↓←"
WALL, START, GOAL, PIT, CLIFF, FREE = "#SGPC "

MAZE = """
S..#......
.#.#.####.
.#...#....
.#####.##.
.....#..#.
.###.##.#.
...#....#.
##.#.##...
...#.#.##.
.#.....#.G
"""  # several ways to the goal, and dead ends

CLIFF_WALK = """
............
............
............
SCCCCCCCCCCG
"""

WINDY = """
..........
..........
..........
S......G..
..........
..........
..........
"""


class GridWorld(TabularMDP):
    """A map whose cells are the states of a Markov decision process; four actions, a cell each.

    States are numbered row by row, leaving out walls and cliffs. A move into a wall or off the map
    does nothing, but is rewarded like any step.

    Parameters
    ----------
    text : str
        One line a row: ``#`` wall, ``S`` start, ``G`` goal, ``P`` pit, ``C`` cliff, ``.`` or a
        blank free. Goals and pits end the episode; whoever steps off a cliff is back at the
        start. An episode begins in any of the starts, or if there is none, in any free cell.
    step_reward, goal_reward, pit_reward, cliff_reward : float
        What a step earns that leads into a free cell, a goal, a pit, or off a cliff.
    slip : float
        Probability that a step goes astray, to the left or to the right of its direction, each with
        half of it.
    wind : sequence of int, optional
        For each column, how many cells a step out of it is blown upwards.
    dtype : numpy dtype
        Kind of float of the tables.

    Attributes
    ----------
    positions : ndarray of int, shape (states, 2)
        Row and column of every state.
    numbers : ndarray of int, shape (rows, columns)
        Number of the state in every cell, -1 where there is none.
    text : tuple of str
        The rows of the map.

    Raises
    ------
    ValueError
        If the rows differ in length, a character is unknown, there is neither goal nor pit, there
        is a cliff but no single start, or an option is out of range.

    References
    ----------
    Sutton and Barto (2018), examples 4.1, 6.5 and 6.6.
    """

    def __init__(
        self,
        text,
        step_reward=-1.0,
        goal_reward=-1.0,
        pit_reward=-100.0,
        cliff_reward=-100.0,
        slip=0.0,
        wind=None,
        dtype=np.float64,
    ):
        self.text = _rows(text)
        cells = np.array([list(row) for row in self.text])
        self.positions = np.argwhere((cells != WALL) & (cells != CLIFF))
        self.numbers = np.full(cells.shape, -1, np.int64)
        self.numbers[tuple(self.positions.T)] = np.arange(len(self.positions))
        self.slip = real_in(slip, "slip", 0, 1)
        self._wind = _checked_wind(wind, cells.shape[1])
        here = cells[tuple(self.positions.T)]
        terminal, starts = (here == GOAL) | (here == PIT), here == START
        if CLIFF in cells and starts.sum() != 1:
            raise ValueError(f"A map with a cliff needs one start. Received: {starts.sum()} starts")
        if not starts.any():
            starts = ~terminal
        self._restart = int(starts.argmax())
        reward_of = {FREE: step_reward, START: step_reward, GOAL: goal_reward, PIT: pit_reward}
        transitions = np.zeros((len(here), 4, len(here)), dtype)
        rewards = np.zeros(transitions.shape, dtype)
        for s, a, turn in itertools.product(range(len(here)), range(4), (-1, 0, 1)):
            probability = self.slip / 2 if turn else 1 - self.slip
            target, fell = self._target(cells, s, (a + turn) % 4)
            earned = cliff_reward if fell else reward_of[here[target]]
            transitions[s, a, target] += probability
            rewards[s, a, target] += probability * earned
        possible = transitions > 0
        np.divide(rewards, transitions, out=rewards, where=possible)  # averages, if ways coincide
        super().__init__(transitions, rewards, terminal, starts / starts.sum())

    def _target(self, cells, state, action):
        """Return the state that a move leads to, and whether it was over a cliff."""
        (row, column), (down, right) = self.positions[state], MOVES[action]
        row, column = row + down - self._wind[column], column + right
        row = min(max(row, 0), len(cells) - 1)
        column = min(max(column, 0), cells.shape[1] - 1)
        if cells[row, column] == WALL:
            return state, False
        fell = cells[row, column] == CLIFF
        return (self._restart if fell else int(self.numbers[row, column])), fell

    def state_at(self, row, column):
        """Return the number of the state in a cell; ValueError if there is none."""
        rows, columns = self.numbers.shape
        inside = 0 <= row < rows and 0 <= column < columns
        if not inside or self.numbers[row, column] < 0:
            raise ValueError(
                f"There is no state in this cell. Received: row={row}, column={column}"
            )
        return int(self.numbers[row, column])

    def values_as_grid(self, values):
        """Return values of the states as a picture, NaN where there is no state.

        Parameters
        ----------
        values : array_like, shape (states, ...)

        Returns
        -------
        ndarray, shape (rows, columns, ...)
        """
        values = np.asarray(values)
        if values.ndim == 0 or len(values) != self.num_states:
            raise ValueError(
                f"`values` must begin with {self.num_states} states. Received: shape={values.shape}"
            )
        dtype = values.dtype if values.dtype.kind == "f" else np.float64
        grid = np.full((*self.numbers.shape, *values.shape[1:]), np.nan, dtype)
        grid[tuple(self.positions.T)] = values
        return grid

    def policy_as_text(self, policy):
        """Return the map with an arrow in every cell that is not terminal.

        Parameters
        ----------
        policy : array_like of int, shape (states,)
        """
        arrows = {s: ARROWS[a] for s, a in enumerate(np.asarray(policy)) if not self.terminal[s]}
        return self._drawn(arrows)

    def path_as_text(self, states):
        """Return the map with a star in every cell of a path, start and goal excepted."""
        return self._drawn({s: "*" for s in states if self._character(s) not in (START, GOAL)})

    def _character(self, state):
        row, column = self.positions[state]
        return self.text[row][column]

    def _drawn(self, marks):
        canvas = [list(row) for row in self.text]
        for state, mark in marks.items():
            row, column = self.positions[state]
            canvas[row][column] = mark
        return "\n".join("".join(row) for row in canvas)


def maze(slip=0.0):
    """A fixed maze of ten by ten cells; a step costs 1, so a value counts the steps to the goal.

    Parameters
    ----------
    slip : float
        See `GridWorld`.

    Returns
    -------
    GridWorld
    """
    return GridWorld(MAZE, slip=slip)


def random_maze(rows, columns, rng, loops=0.0, slip=0.0):
    """A maze of random passages, from the upper left corner to the lower right one.

    A walk from the start carves the passages, turning back where it is stuck; so there is exactly
    one way between any two cells, until some walls are taken down again.

    Parameters
    ----------
    rows, columns : int
        Cells in each direction; with the walls between them the map is 2 rows - 1 high and
        2 columns - 1 wide. At least two cells in all.
    rng : numpy.random.Generator
    loops : float
        Share of the walls between two cells to take down.
    slip : float
        See `GridWorld`.

    Returns
    -------
    GridWorld
    """
    rows, columns = positive_int(rows, "rows"), positive_int(columns, "columns")
    if rows * columns < 2:
        raise ValueError(f"A maze needs two cells. Received: rows={rows}, columns={columns}")
    cells = np.full((2 * rows - 1, 2 * columns - 1), WALL)
    cells[0, 0], trail = FREE, [(0, 0)]
    while trail:
        row, column = trail[-1]
        ways = [(r, c) for r, c in MOVES if _uncarved(cells, row + 2 * r, column + 2 * c)]
        if not ways:
            trail.pop()
            continue
        down, right = ways[rng.integers(len(ways))]
        cells[row + down, column + right] = cells[row + 2 * down, column + 2 * right] = FREE
        trail.append((row + 2 * down, column + 2 * right))
    r, c = np.indices(cells.shape)
    between = (cells == WALL) & ((r + c) % 2 == 1)
    cells[between & (rng.random(cells.shape) < real_in(loops, "loops", 0, 1))] = FREE
    cells[0, 0], cells[-1, -1] = START, GOAL
    return GridWorld("\n".join("".join(row) for row in cells), slip=slip)


def cliff_walk():
    """The cliff: the shortest way leads along its edge, and a step over it costs 100.

    Returns
    -------
    GridWorld
        4 by 12 cells, the start and the goal in the last row and the cliff between them.

    References
    ----------
    Sutton and Barto (2018), example 6.6.
    """
    return GridWorld(CLIFF_WALK)


def windy_gridworld():
    """A field in whose middle the wind blows every step upwards, by one or two cells.

    Returns
    -------
    GridWorld
        7 by 10 cells; the shortest way takes 15 steps.

    References
    ----------
    Sutton and Barto (2018), example 6.5.
    """
    return GridWorld(WINDY, wind=(0, 0, 0, 1, 1, 1, 2, 2, 1, 0))


def _rows(text):
    """Return the rows of a map, free cells blank; leading and trailing line breaks do not count."""
    rows = tuple(text.strip("\n").replace(".", FREE).split("\n"))
    unknown = set("".join(rows)) - {WALL, START, GOAL, PIT, CLIFF, FREE}
    if unknown or len({len(row) for row in rows}) != 1:
        raise ValueError(
            "A map has rows of one length, of the characters '#SGPC.' and blanks. "
            f"Received: {text!r}"
        )
    if not {GOAL, PIT} & set("".join(rows)):
        raise ValueError(f"A map needs a goal or a pit. Received: {text!r}")
    return rows


def _checked_wind(wind, columns):
    """Return the wind of each column as integers."""
    wind = np.zeros(columns, np.int64) if wind is None else np.asarray(wind)
    if wind.shape != (columns,) or wind.dtype.kind not in "iu":
        raise ValueError(f"`wind` must hold {columns} whole numbers. Received: wind={wind!r}")
    return wind


def _uncarved(cells, row, column):
    """Whether the place is on the map and still wall."""
    inside = 0 <= row < cells.shape[0] and 0 <= column < cells.shape[1]
    return inside and cells[row, column] == WALL
