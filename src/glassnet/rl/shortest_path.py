"""The shortest way through a graph, as a decision process: a step costs the length of the edge."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet._validation import as_float, positive_int
from glassnet.rl.mdp import TabularMDP

__all__ = ["ShortestPath", "random_roads"]


class ShortestPath(TabularMDP):
    r"""A journey along the edges of a graph to one goal; the reward is minus the length travelled.

    Without discount Bellman's equation is that of shortest paths,

    .. math:: d(s) = \min_{s'} \bigl[c(s, s') + d(s')\bigr], \qquad d(\text{goal}) = 0,

    for the distance d = -v. Action k of a node takes its k-th edge, in the order of the nodes they
    lead to; a node with fewer edges forbids the other actions.

    Parameters
    ----------
    costs : array_like, shape (nodes, nodes)
        Positive length of the edge from the first node to the second; infinite where there is none.
        The diagonal is not read.
    goal : int
    start : int, optional
        The node to begin in; any other than the goal unless given.

    Attributes
    ----------
    costs : ndarray, shape (nodes, nodes)
    goal : int
    neighbours : list of list of int
        The nodes that each node's actions lead to.
    legal_actions : ndarray of bool, shape (nodes, actions)
        In dynamic programming, which knows no forbidden actions, such a one takes the node's first
        edge.

    Raises
    ------
    ValueError
        If a length is not positive, there is no such node, or no way to the goal from some node.

    References
    ----------
    Bellman (1957), Dynamic Programming; Dijkstra (1959), A note on two problems in connection with
    graphs.
    """

    def __init__(self, costs, goal, start=None):
        costs = as_float(costs, "costs").copy()
        nodes = len(costs) if costs.ndim else 0
        if costs.shape != (nodes, nodes) or nodes < 2:
            raise ValueError(f"`costs` must be a square matrix. Received: shape={costs.shape}")
        np.fill_diagonal(costs, np.inf)
        if not np.all(costs > 0):
            raise ValueError(f"Lengths must be positive. Received: {costs[~(costs > 0)][0]}")
        if isinstance(goal, bool) or not isinstance(goal, (int, np.integer)):
            raise ValueError(f"`goal` must be the number of a node. Received: goal={goal!r}")
        if not 0 <= goal < nodes:
            raise ValueError(f"`goal` must lie between 0 and {nodes - 1}. Received: goal={goal}")
        self.costs, self.goal = costs, int(goal)
        self.neighbours = [np.flatnonzero(row < np.inf).tolist() for row in costs]
        _require_ways(costs < np.inf, self.goal)
        degree = max(map(len, self.neighbours))
        legal = np.zeros((nodes, degree), bool)
        transitions = np.zeros((nodes, degree, nodes), costs.dtype)
        rewards = np.zeros((nodes, degree), costs.dtype)
        for node, ways in enumerate(self.neighbours):
            legal[node, : len(ways)] = True
            for action in range(degree if ways else 0):
                target = ways[action] if action < len(ways) else ways[0]
                transitions[node, action, target] = 1
                rewards[node, action] = -costs[node, target]
        super().__init__(transitions, rewards, np.arange(nodes) == self.goal, start)
        self.legal_actions = legal

    def path(self, policy, start):
        """Return the nodes that a policy passes from `start` to the goal, both included.

        Parameters
        ----------
        policy : array_like of int, shape (nodes,)
        start : int

        Returns
        -------
        list of int

        Raises
        ------
        ValueError
            If the policy takes an edge that does not exist, or goes round in circles.
        """
        nodes = [start]
        while nodes[-1] != self.goal:
            ways, action = self.neighbours[nodes[-1]], policy[nodes[-1]]
            if action >= len(ways) or len(nodes) > self.num_states:
                raise ValueError(f"The policy does not lead to the goal. Received: {nodes[:20]}")
            nodes.append(ways[action])
        return nodes

    def length(self, nodes):
        """Return the sum of the lengths of the edges along a path, a list of nodes."""
        return float(sum(self.costs[a, b] for a, b in itertools.pairwise(nodes)))


def random_roads(nodes, rng, neighbours=3):
    """Towns in a square with sides 1, and straight roads between near ones, both ways.

    Every town has roads to its nearest ones; towns that are still cut off get the shortest road
    that joins them to the others.

    Parameters
    ----------
    nodes : int
        Number of towns, at least 2.
    rng : numpy.random.Generator
    neighbours : int
        To how many of the nearest towns there are roads.

    Returns
    -------
    costs : ndarray, shape (nodes, nodes)
        Lengths of the roads, infinite where there is none; for `ShortestPath`.
    positions : ndarray, shape (nodes, 2)
    """
    nodes, neighbours = positive_int(nodes, "nodes"), positive_int(neighbours, "neighbours")
    if nodes <= neighbours:
        raise ValueError(
            "There must be more towns than roads from one. "
            f"Received: nodes={nodes}, neighbours={neighbours}"
        )
    positions = rng.random((nodes, 2))
    distances = np.linalg.norm(positions[:, np.newaxis] - positions, axis=-1)
    np.fill_diagonal(distances, np.inf)
    roads = np.zeros(distances.shape, bool)
    near = np.argsort(distances, axis=1)[:, :neighbours]
    np.put_along_axis(roads, near, True, axis=1)
    roads |= roads.T
    while not (joined := _joined(roads, 0)).all():
        gaps = np.where(joined[:, np.newaxis] & ~joined, distances, np.inf)
        a, b = np.unravel_index(gaps.argmin(), gaps.shape)
        roads[a, b] = roads[b, a] = True
    return np.where(roads, distances, np.inf), positions


def _joined(edges, node):
    """Return from which nodes there is a way to `node`, bool, shape (nodes,)."""
    found = np.arange(len(edges)) == node
    for _ in range(len(edges)):
        found = found | edges[:, found].any(axis=1)
    return found


def _require_ways(edges, goal):
    """Raise ValueError unless there is a way to the goal from every node."""
    found = _joined(edges, goal)
    if not found.all():
        raise ValueError(
            f"There must be a way to the goal from every node. Received: none from {found.argmin()}"
        )
