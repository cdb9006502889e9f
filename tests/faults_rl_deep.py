# ruff: noqa: E501 - one fault a line
"""Faults to plant in what learns with networks: policy gradients, actor-critic, DQN, the cart."""

from __future__ import annotations

_LOSS = "keras: rl.policy_gradient_loss, surrogate loss"
_SCORE = "keras: rl.action_log_probabilities"
_ENTROPY = "keras: rl.entropy"
_NORMALIZE = "keras: rl.normalize_advantages, against scikit-learn"
_THEOREM = "keras: rl.exact_policy_gradient, against the enumerated return"
_VISITS = "keras: rl.discounted_visits, against powers of the matrix"
_EXPECTATION = "keras: rl.Reinforce, expectation over all episodes"
_REINFORCE = "keras: rl.Reinforce, an update against Keras"
_TD = "keras: rl.td_errors, step by step"
_GAE = "keras: rl.generalized_advantages, identities"
_CRITIC = "keras: rl.ActorCritic, an update against Keras"
_DQN_LOSS = "keras: rl.dqn_loss, against Keras"
_TARGETS = "keras: rl.dqn_targets, step by step"
_FOLLOW = "keras: rl.update_target, entry by entry"
_DQN = "keras: rl.DQN, updates against Keras"
_TABULAR = "keras: rl.DQN, one-hot states against exact values"
_REPLAY = "keras: rl.ReplayBuffer, against a queue"
_MECHANICS = "keras: rl.cart_pole_accelerations, against the equations of motion"
_CART = "keras: rl.CartPole, trajectories of Gymnasium"
_CARTS = "keras: rl.VectorCartPole, trajectories of Gymnasium"
_ADAPTERS = "keras: rl.GymnasiumEnvironment, against Gymnasium itself"
_EPISODES = "keras: rl.run_episodes, side by side and one by one"
_SAMPLE = "keras: rl.sample_actions, frequencies against probabilities"
_GREEDY = "keras: rl.epsilon_greedy_actions, frequencies against probabilities"

_FAULTS = [
    ("policy_gradient", "score = -softmax(logits)", "score = -softmax(logits, axis=0)", _SCORE),
    ("policy_gradient", "score[np.arange(len(actions)), actions] += 1", "score[np.arange(len(actions)), actions] -= 1", _SCORE),
    ("policy_gradient", "score = -softmax(logits)", "score = np.zeros_like(logits)", _SCORE),
    ("policy_gradient", "actions[:, np.newaxis], axis=1)[:, 0]", "actions[::-1, np.newaxis], axis=1)[:, 0]", _SCORE),
    ("policy_gradient", "-np.sum(np.exp(logs) * logs, axis=-1)", "-np.mean(np.exp(logs) * logs, axis=-1)", _ENTROPY),
    ("policy_gradient", "-probabilities * (logs + h)", "-probabilities * (logs + 1)", _ENTROPY),
    ("policy_gradient", "-probabilities * (logs + h)", "-probabilities * (logs - h)", _ENTROPY),
    ("policy_gradient", "return -np.mean(gain)", "return -np.sum(gain)", _LOSS),
    ("policy_gradient", "return -ascent / len(logits)", "return ascent / len(logits)", _LOSS),
    ("policy_gradient", "return -ascent / len(logits)", "return -ascent", _LOSS),
    ("policy_gradient", "ascent += weight * entropy_gradient(logits)", "ascent -= weight * entropy_gradient(logits)", _LOSS),
    ("policy_gradient", "advantages[:, np.newaxis] * score_function", "score_function", _LOSS),
    ("policy_gradient", "(advantages - advantages.mean()) / (advantages.std() + epsilon)", "advantages / (advantages.std() + epsilon)", _NORMALIZE),
    ("policy_gradient", "(advantages.std() + epsilon)", "(advantages.var() + epsilon)", _NORMALIZE),
    ("policy_gradient", "(advantages.std() + epsilon)", "(advantages.std(ddof=1) + epsilon)", _NORMALIZE),
    ("policy_theorem", "return visits[:, np.newaxis] * softmax_backward(q, policy)", "return softmax_backward(q, policy)", _THEOREM),
    ("policy_theorem", "softmax_backward(q, policy)", "policy * q", _THEOREM),
    ("policy_theorem", "mdp.start @ policy_values", "(mdp.start > 0) @ policy_values", _THEOREM),
    ("policy_theorem", "[:, going_on].T", "[:, going_on]", _VISITS),
    ("policy_theorem", "- gamma * moves", "- moves", _VISITS),
    ("policy_theorem", "mdp.start[going_on])", "np.ones_like(mdp.start[going_on]))", _VISITS),
    ("policy_theorem", '"sa,sat->st"', '"sa,sat->ts"', _VISITS),
    ("reinforce", "advantages = targets - values[:, 0]", "advantages = targets + values[:, 0]", _EXPECTATION),
    ("reinforce", "advantages = targets - values[:, 0]", "advantages = targets - values[:, 0] * (actions == 1)", _EXPECTATION),
    ("reinforce", "mean * (len(x) / len(episodes))", "mean", _EXPECTATION),
    ("reinforce", "mean * (len(x) / len(episodes))", "-mean * (len(x) / len(episodes))", _EXPECTATION),
    ("reinforce", "discounted_returns([*rewards, last_value], self.gamma)[:-1]", "discounted_returns([*rewards, last_value], self.gamma)[1:]", _EXPECTATION),
    ("reinforce", "2 * (values - targets[:, np.newaxis]) / len(values)", "2 * (values - targets[:, np.newaxis])", _REINFORCE),
    ("reinforce", "if not episode.terminated and self.value is not None:", "if episode.terminated and self.value is not None:", _REINFORCE),
    ("reinforce", "if not episode.terminated and self.value is not None:", "if False:", _REINFORCE),
    ("reinforce", "rewards = self.reward_scale * episode.rewards", "rewards = episode.rewards", _REINFORCE),
    ("reinforce", "episode.observations[-1], self", "episode.observations[-2], self", _REINFORCE),
    ("advantages", "rewards + gamma * later - values", "rewards + later - values", _TD),
    ("advantages", "rewards + gamma * later - values", "rewards + gamma * later", _TD),
    ("advantages", "np.where(terminated, 0, next_values)", "next_values", _TD),
    ("advantages", 'decay = gamma * real_in(gae_lambda, "gae_lambda", 0, 1)', "decay = gae_lambda", _GAE),
    ("advantages", "np.where(ended[t], 0, later)", "later", _GAE),
    ("advantages", "np.where(ended[t], 0, later)", "np.where(ended[t - 1], 0, later)", _GAE),
    ("actor_critic", "rollout.terminated,\n            self.gamma", "rollout.ended,\n            self.gamma", _CRITIC),
    ("actor_critic", "generalized_advantages(deltas, rollout.ended,", "generalized_advantages(deltas, rollout.terminated,", _CRITIC),
    ("actor_critic", "self.value.forward(_rows(rollout.next_observations, self.value))", "self.value.forward(_rows(rollout.observations, self.value))", _CRITIC),
    ("actor_critic", "advantages.reshape(-1, 1) + values, values", "advantages.reshape(-1, 1), values", _CRITIC),
    ("actor_critic", "2 * (values - targets) / len(values)", "2 * (targets - values) / len(values)", _CRITIC),
    ("actor_critic", "(self.reward_scale * rollout.rewards)", "rollout.rewards", _CRITIC),
    ("actor_critic", "rollout.actions.reshape(-1), advantages", "rollout.actions.T.reshape(-1), advantages", _CRITIC),
    ("_networks", "network.backward(gradient, input_gradient=False)", "network.backward(2 * gradient, input_gradient=False)", _CRITIC),
    ("dqn", "best = choosing_q.argmax(axis=1)", "best = next_q.argmax(axis=1)", _TARGETS),
    ("dqn", "np.where(terminated, 0, next_q", "np.where(terminated, next_q.max(axis=1), next_q", _TARGETS),
    ("dqn", 'rewards + real_in(gamma, "gamma", 0, 1) * later', "rewards + later", _TARGETS),
    ("dqn", "slope / len(actions)", "slope", _DQN_LOSS),
    ("dqn", "gradient[np.arange(len(actions)), actions] =", "gradient[np.arange(len(actions)), 0] =", _DQN_LOSS),
    ("dqn", "losses.huber_gradient(targets[:, np.newaxis], taken[:, np.newaxis], delta=delta)", "losses.huber_gradient(targets[:, np.newaxis], taken[:, np.newaxis])", _DQN_LOSS),
    ("dqn", "average_weights(average, param, 1 - rate)", "average_weights(average, param, rate)", _FOLLOW),
    ("dqn", "% self.target_period == 0", "% self.target_period == 1", _DQN),
    ("dqn", "next_q = self.target.forward(x)", "next_q = self.network.forward(x)", _DQN),
    ("dqn", "self.network.forward(x) if self.double else None", "None", _DQN),
    ("dqn", "(self.reward_scale * batch.rewards)", "batch.rewards", _DQN),
    ("dqn", "targets = self.targets(batch)", "targets = self.targets(batch) * 1.01", _TABULAR),
    ("dqn", "x = self._rows(batch.next_observations)", "x = self._rows(batch.observations)", _TABULAR),
    ("replay", "(self._next + np.arange(batch)) % self.capacity", "np.arange(batch) % self.capacity", _REPLAY),
    ("replay", "self._next = (self._next + batch) % self.capacity", "self._next = (self._next + 1) % self.capacity", _REPLAY),
    ("replay", "first = self._next if self._size == self.capacity else 0", "first = 0", _REPLAY),
    ("replay", "rng.integers(self._size, size=", "rng.integers(max(self._size - 1, 1), size=", _REPLAY),
    ("replay", "(array[rows] for array in self._data))\n\n    def", "(array[rows] if array.ndim > 1 else array[rows[::-1] if array.dtype == np.int64 else rows] for array in self._data))\n\n    def", _REPLAY),
    ("cartpole", "np.square(angular_velocity) * sine", "angular_velocity * sine", _MECHANICS),
    ("cartpole", "GRAVITY * sine - cosine * push", "GRAVITY * sine + cosine * push", _MECHANICS),
    ("cartpole", "4.0 / 3.0 - POLE_MASS", "1.0 / 3.0 - POLE_MASS", _MECHANICS),
    ("cartpole", "pole * cosine / TOTAL_MASS", "pole * sine / TOTAL_MASS", _MECHANICS),
    ("cartpole", "TOTAL_MASS = POLE_MASS + CART_MASS", "TOTAL_MASS = CART_MASS", _MECHANICS),
    ("cartpole", "np.where(action == 1, FORCE, -FORCE)", "np.where(action == 0, FORCE, -FORCE)", _CART),
    ("cartpole", "np.stack([velocity, cart, angular_velocity, pole])", "np.stack([velocity + SECONDS * cart, cart, angular_velocity + SECONDS * pole, pole])", _CART),
    ("cartpole", "(np.abs(state[0]) > TRACK) | ", "", _CART),
    ("cartpole", "(np.abs(state[2]) > ANGLE)", "(state[2] > ANGLE)", _CARTS),
    ("cartpole", "        truncated = self.steps >= self.max_steps", "        truncated = self.steps > self.max_steps", _CART),
    ("cartpole", "            self.steps[ended] = 0\n", "            self.steps[:] = 0\n", _CARTS),
    ("cartpole", "VectorStep(self._observation(), reward, terminated, truncated, next_observation)", "VectorStep(next_observation, reward, terminated, truncated, self._observation())", _CARTS),
    ("vector", "self._return[i] = self._length[i] = 0", "self._length[i] = 0", _CARTS),
    ("vector", "self.returns[-positive_int(last, \"last\") :]", "self.returns[: positive_int(last, \"last\")]", _CARTS),
    ("vector", "going_on = going_on & ~step.ended", "going_on = ~step.ended", _EPISODES),
    ("vector", "steps[-1][2].next_observation[i]", "steps[-1][2].observation[i]", _EPISODES),
    ("vector", "lengths += going_on", "lengths += 1", _EPISODES),
    ("adapters", "(terminated or truncated)\n        return Step(self._own(observation), float(reward), bool(terminated), bool(truncated))", "(terminated or truncated)\n        return Step(self._own(observation), float(reward), bool(truncated), bool(terminated))", _ADAPTERS),
    ("adapters", "self.environment.reset(seed=int(rng.integers(2**31)))", "self.environment.reset()", _ADAPTERS),
    ("adapters", "super().reset(seed=seed)", "super().reset()", _ADAPTERS),
    ("adapters", "np.eye(self.observation_shape[0], dtype=self.dtype)[states]", "np.eye(self.observation_shape[0], dtype=self.dtype)[::-1][states]", _EPISODES),
    ("policies", "np.cumsum(softmax(logits), axis=-1", "np.cumsum(softmax(logits), axis=0", _SAMPLE),
    ("policies", "np.cumsum(softmax(logits),", "np.cumsum(softmax(2 * logits),", _SAMPLE),
    (
        "policies",
        "np.sum(drawn >= cumulated, axis=-1, dtype=np.int64)",
        "np.sum(drawn < cumulated, axis=-1) - 1",
        _SAMPLE,
    ),
    ("policies", "rng.random(batch) < epsilon", "rng.random(batch) > epsilon", _GREEDY),
    ("policies", "values.argmax(axis=-1))", "values.argmin(axis=-1))", _GREEDY),
    ("policies", "rng.integers(actions, size=batch)", "rng.integers(actions - 1, size=batch)", _GREEDY),
]  # fmt: skip

FAULTS = [(f"rl/{module}.py", old, new, check) for module, old, new, check in _FAULTS]
