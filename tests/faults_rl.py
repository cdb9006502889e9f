# ruff: noqa: E501 - one fault a line
"""Faults for the tabular part of reinforcement learning; see planted_faults.py."""

from __future__ import annotations

_LOOK = "q_from_v, term by term"
_VALUES = "policy_values, against the series of powers"
_PLAN = "value_iteration, against a linear program"
_DRAWN = "TabularMDP, as often as it should"
_RETURNS = "run_episode, against a filter"
_LAKE = "TabularMDP.from_table, Gymnasium's frozen lake"
_CLIFF = "cliff_walk, against Gymnasium's"
_BOOK = "GridWorld, the textbook's utilities"
_MAZE = "maze, against a search of its graph"
_WIND = "windy_gridworld, step by step"
_WALK = "random_walk, its chances"
_ROADS = "ShortestPath, against SciPy's Dijkstra"
_Q, _SARSA, _EXPECTED = ("q_learning, replayed", "sarsa, replayed", "expected_sarsa, replayed")
_DOUBLE = "double_q_learning, replayed"
_STEPS = "n_step_sarsa, replayed"
_TD = "td_prediction, replayed"
_MC = "monte_carlo_prediction, averaged"
_UPDATES = "q_learning_update, as gradient steps in TensorFlow"
_CHOICES = "epsilon_greedy, as often as it should"
_SOFTMAX = "softmax_probabilities, against SciPy"
_TRAP = "MaximizationBias, its moments"
_BANDITS = "play_bandits, replayed"
_RULES = "minimax_value, against all orders of play"
_OUTCOMES = "outcome_probabilities, against all orders of play"
_GAME = "TicTacToe, as often as it should"
_FORMS = "canonical_board, classes of boards"

_FAULTS = [
    # dynamic_programming.py
    ("dynamic_programming", "gamma * (mdp.transitions @ values)", "(mdp.transitions @ values)", _LOOK),
    ("dynamic_programming", "mdp.rewards + gamma", "mdp.rewards - gamma", _LOOK),
    ("dynamic_programming", "(mdp.transitions @ values)", "np.einsum('sat,s->ta', mdp.transitions, values)", _LOOK),
    ("dynamic_programming", "q_from_v(values, mdp, gamma).max(axis=1)", "q_from_v(values, mdp, gamma).mean(axis=1)", _LOOK),
    ("dynamic_programming", 'as_float(q, "q").argmax(axis=1)', 'q.shape[1] - 1 - as_float(q, "q")[:, ::-1].argmin(axis=1)', _LOOK),
    ("dynamic_programming", "q_from_v(values, mdp, gamma)).sum(axis=1)", "q_from_v(values, mdp, gamma)).max(axis=1)", _VALUES),
    ("dynamic_programming", "- gamma * moves[going_on]", "- moves[going_on]", _VALUES),
    ("dynamic_programming", "- gamma * moves[going_on][:, going_on]", "- gamma * moves[going_on][:, going_on].T", _VALUES),
    ("dynamic_programming", 'np.einsum("sa,sat->st"', 'np.einsum("sa,tas->st"', _VALUES),
    ("dynamic_programming", "gamma * change / (1 - gamma)", "change / (1 - gamma)", _VALUES),
    ("dynamic_programming", "[table.astype(np.int64)]", "[0 * table.astype(np.int64)]", _VALUES),
    ("dynamic_programming", "left = history[-1] if gamma == 1 else _error_bound(history[-1], gamma)", "left = history[-1]", _PLAN),
    ("dynamic_programming", "q.max(axis=1) > values + rounding", "q.max(axis=1) > values + 1", _PLAN),
    # mdp.py
    ("mdp", "transitions[ends, :, ends] = 1", "transitions[ends, :, 0] = 1", _VALUES),
    ("mdp", "(self.transitions * rewards).sum(axis=2)", "rewards.mean(axis=2)", _DRAWN),
    ("mdp", "rng.random() * self.cumulated[-1]", "rng.random() ** 2 * self.cumulated[-1]", _DRAWN),
    ("mdp", "bisect_right(self.cumulated, rng", "bisect_right(self.cumulated[1:], rng", _DRAWN),
    ("mdp", "index = key if self.transition_rewards is None else (*key, target)", "index = key if self.transition_rewards is None else (*key, state)", _DRAWN),
    ("mdp", "bool(self.terminal[target])", "bool(self.terminal[state])", _DRAWN),
    ("mdp", "sums[s, a, target] += probability * reward", "sums[s, a, target] += reward", _LAKE),
    ("mdp", "ends[target] |= terminated and probability > 0", "ends[target] |= False", _LAKE),
    # environments.py
    ("environments", "later = rewards[t] + gamma * later", "later = rewards[t] + later", _RETURNS),
    ("environments", "for t in reversed(range(len(rewards)))", "for t in range(len(rewards))", _RETURNS),
    ("environments", "float(self.rewards.sum())", "float(self.rewards.mean())", _RETURNS),
    ("environments", "return self.terminated or self.truncated", "return self.truncated", _DRAWN),
    # gridworld.py
    ("gridworld", "self.slip / 2 if turn else 1 - self.slip", "(1 - self.slip) / 2 if turn else self.slip", _BOOK),
    ("gridworld", "(a + turn) % 4", "(a + 2 * turn) % 4", _BOOK),
    ("gridworld", "(here == GOAL) | (here == PIT)", "here == GOAL", _BOOK),
    ("gridworld", "MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))", "MOVES = ((-1, 0), (0, -1), (1, 0), (0, 1))", _CLIFF),
    ("gridworld", "earned = cliff_reward if fell", "earned = step_reward if fell", _CLIFF),
    ("gridworld", "self._restart if fell", "state if fell", _CLIFF),
    ("gridworld", "row + down - self._wind[column], column + right", "row + down + self._wind[column], column + right", _WIND),
    ("gridworld", "row + down - self._wind[column], column + right", "row + down - self._wind[column - 1], column + right", _WIND),
    ("gridworld", "if cells[row, column] == WALL:", "if cells[row, column] == PIT:", _MAZE),
    ("gridworld", '"loops", 0, 1))] = FREE', '"loops", 0, 1) + 0.2)] = FREE', _MAZE),
    # chains.py
    ("chains", "rewards[length, 1] = 1", "rewards[length, 0] = 1", _WALK),
    ("chains", "transitions[inner, 0, inner - 1] = 1", "transitions[inner, 0, 0] = 1", _WALK),
    ("chains", "start=(length + 1) // 2", "start=length // 2 + 1", _WALK),
    ("chains", "rng.normal(self.mean, self.deviation)", "rng.normal(self.mean, self.deviation**2)", _TRAP),
    ("chains", "else Step(2, 0.0, True", "else Step(2, 1.0, True", _TRAP),
    ("chains", "self.legal_actions[0, :2]", "self.legal_actions[0, :3]", _TRAP),
    # shortest_path.py
    ("shortest_path", "rewards[node, action] = -costs[node, target]", "rewards[node, action] = -costs[node, ways[0]]", _ROADS),
    ("shortest_path", "rewards[node, action] = -costs[node, target]", "rewards[node, action] = -1", _ROADS),
    ("shortest_path", "sum(self.costs[a, b]", "sum(self.costs[b, a]", _ROADS),
    ("shortest_path", "np.argsort(distances, axis=1)", "np.argsort(distances, axis=0)", _ROADS),
    ("shortest_path", "roads |= roads.T", "roads &= roads.T", _ROADS),
    # updates.py
    ("updates", "gamma * q[next_state].max()", "gamma * q[next_state].min()", _Q),
    ("updates", "gamma * q[next_state].max()", "gamma * q[state].max()", _UPDATES),
    ("updates", "gamma * q[next_state].max()", "q[next_state].max()", _UPDATES),
    ("updates", "gamma * q[next_state, next_action]", "gamma * q[next_state, action]", _SARSA),
    ("updates", "gamma * q[next_state, next_action]", "gamma * q[next_state].max()", _UPDATES),
    ("updates", "(0 if terminated else gamma * q[next_state, next_action])", "gamma * q[next_state, next_action]", _UPDATES),
    ("updates", "expected = probabilities[possible] @ q", "expected = possible[possible] @ q", _EXPECTED),
    ("updates", "(0 if terminated else gamma * expected)", "gamma * expected", _UPDATES),
    ("updates", "(0 if terminated else gamma * expected)", "(0 if terminated else expected)", _EXPECTED),
    ("updates", "gamma * other[next_state, best]", "gamma * q[next_state, best]", _UPDATES),
    ("updates", "best = q[next_state].argmax()", "best = other[next_state].argmax()", _DOUBLE),
    ("updates", "gamma * other[next_state, best]", "other[next_state, best]", _DOUBLE),
    ("updates", "gamma * values[next_state]", "gamma * values[state]", _TD),
    ("updates", "values[state] += alpha * error", "values[state] -= alpha * error", _TD),
    ("updates", "(0 if terminated else gamma * values[next_state])", "gamma * values[next_state] + terminated", _UPDATES),
    ("updates", "table[index] += alpha * error", "table[index] += error", _MC),
    ("updates", "error = observed - table[index]", "error = observed", _MC),
    ("updates", "table[index] += alpha * error", "table[index] += alpha * abs(error)", _MC),
    ("updates", "reversed(rewards)", "iter(rewards)", _STEPS),
    ("updates", "total = reward + gamma * total", "total = gamma * (reward + total)", _STEPS),
    ("updates", "total = last_value", "total = 0.0 * last_value", _STEPS),
    # _experience.py
    ("_experience", "if len(waiting) == n:", "if len(waiting) == n + 1:", _STEPS),
    ("_experience", "while waiting:  #", "while len(waiting) > 1:  #", _STEPS),
    ("_experience", "0.0 if step.terminated else self.table[after]", "0.0 if step.terminated else 0.0", _STEPS),
    ("_experience", "self.returns[-1] += step.reward", "self.returns[-1] = step.reward", _Q),
    ("_experience", "self.lengths[-1] += 1", "self.lengths[-1] += 2", _SARSA),
    ("_experience", "self.q.argmax(axis=1)", "self.q.argmin(axis=1)", _Q),
    ("_experience", "np.where(best == -np.inf, 0, best)", "np.where(best == -np.inf, 0, -best)", _Q),
    ("_experience", "float(self.returns.mean())", "float(self.returns.sum())", _STEPS),
    # tabular.py
    ("tabular", "target_and_error = sarsa_update(q, state, action, step.reward, *after, step_size, gamma)", "target_and_error = sarsa_update(q, state, action, step.reward, *after, gamma, step_size)", _SARSA),
    ("tabular", "epsilon_greedy_probabilities(q[target], share)", "epsilon_greedy_probabilities(q[target], 0)", _EXPECTED),
    ("tabular", "epsilon_greedy_probabilities(q[target], share)", "epsilon_greedy_probabilities(q[state], share)", _EXPECTED),
    ("tabular", "rng.random() < 0.5 else tables[::-1]", "rng.random() < 0.9 else tables[::-1]", _DOUBLE),
    ("tabular", "(q[state, action] + other[state, action]) / 2", "(q[state, action] + other[state, action])", _DOUBLE),
    # monte_carlo.py
    ("monte_carlo", "if first_visit and index in seen", "if index in seen", _MC),
    ("monte_carlo", "if first_visit and index in seen", "if False and index in seen", _MC),
    ("monte_carlo", "visits[index] += 1", "visits[index] += 2", _MC),
    ("monte_carlo", "for _, _, step, _ in steps], gamma)", "for _, _, step, _ in steps], 1)", _MC),
    # exploration.py
    ("exploration", "rng.random() < epsilon", "rng.random() < epsilon / 2", _CHOICES),
    ("exploration", "values > -np.inf if explore", "values > 0 if explore", _CHOICES),
    ("exploration", "choices[rng.integers(len(choices))]", "choices[0]", _CHOICES),
    ("exploration", "(1 - epsilon) * shares[1]", "shares[1]", _CHOICES),
    ("exploration", "allowed = values > -np.inf", "allowed = values >= -np.inf", _CHOICES),
    ("exploration", "rng.random() * cumulated[-1]", "rng.random() ** 2 * cumulated[-1]", _CHOICES),
    ("exploration", "keepdims=True)) / temperature", "keepdims=True)) * temperature", _SOFTMAX),
    ("exploration", "(last - first) * min(", "(last + first) * min(", _SOFTMAX),
    ("exploration", "min(episode / episodes, 1.0)", "episode / episodes", _SOFTMAX),
    # bandits.py
    ("bandits", "np.log(estimates.dtype.type(step)) / tried", "np.log(estimates.dtype.type(step)) * tried", _BANDITS),
    ("bandits", "confidence * np.sqrt(np.log(estimates.dtype.type(step)) / tried)", "confidence * np.log(estimates.dtype.type(step)) / tried", _BANDITS),
    ("bandits", "estimates, counts, t + 1, confidence", "estimates, counts, t + 2, confidence", _BANDITS),
    ("bandits", "1 / counts[rows, action] if alpha is None", "1 / (counts[rows, action] + 1) if alpha is None", _BANDITS),
    ("bandits", "rng.random(runs) < epsilon", "rng.random(runs) < epsilon**2", _BANDITS),
    ("bandits", "missed.mean(axis=0).cumsum()", "missed.mean(axis=0)", _BANDITS),
    ("bandits", "self.actions == self.means.argmax(axis=1)", "self.actions == self.means.argmin(axis=1)", _BANDITS),
    # tictactoe.py
    ("tictactoe", "(0, 4, 8), (2, 4, 6),", "(0, 4, 8), (2, 4, 7),", _RULES),
    ("tictactoe", "return 1 if board.count(1) == board.count(2) else 2", "return 2 if board.count(1) == board.count(2) else 1", _RULES),
    ("tictactoe", "return (0, 1, -1)[winner(board)]", "return (0, 1, 0)[winner(board)]", _RULES),
    ("tictactoe", "return max(values) if player_to_move(board) == 1 else min(values)", "return max(values)", _RULES),
    ("tictactoe", "return 1\n    return sum(count_games", "return 2\n    return sum(count_games", _RULES),
    ("tictactoe", "found += sorted(layer)", "found += sorted(layer)[1:]", _RULES),
    ("tictactoe", "if minimax_value(place(board, c)) == value", "if minimax_value(place(board, c)) >= value", _RULES),
    ("tictactoe", "first if player_to_move(board) == 1 else second", "second if player_to_move(board) == 1 else first", _OUTCOMES),
    ("tictactoe", "probabilities[list(cells)] = 1 / len(cells)", "probabilities[list(cells)] = 1 / 9", _OUTCOMES),
    ("tictactoe", "return _evenly(minimax_moves(board))", "return _evenly(empty_cells(board))", _OUTCOMES),
    ("tictactoe", "{0: 0.0, self.plays: 1.0}", "{0: 0.0, 1: 1.0}", _GAME),
    ("tictactoe", 'rng.random(), side="right"', 'rng.random() ** 2, side="right"', _GAME),
    ("tictactoe", "_TURNED = (6, 3, 0, 7, 4, 1, 8, 5, 2)", "_TURNED = (6, 3, 0, 7, 4, 1, 8, 2, 5)", _FORMS),
    ("tictactoe", "for _ in range(4):", "for _ in range(3):", _FORMS),
]  # fmt: skip

FAULTS = [(f"rl/{file}.py", old, new, f"keras: rl.{check}") for file, old, new, check in _FAULTS]
