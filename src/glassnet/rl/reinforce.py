"""REINFORCE: make the actions of good episodes more likely, those of bad ones less."""

from __future__ import annotations

import numpy as np

from glassnet._validation import positive_int, real_in
from glassnet.rl._networks import descend, require_value_network, two_optimizers
from glassnet.rl.environments import discounted_returns
from glassnet.rl.policies import SoftmaxPolicy
from glassnet.rl.policy_gradient import normalize_advantages, policy_gradient_loss_gradient
from glassnet.rl.vector import run_episodes

__all__ = ["Reinforce"]


class Reinforce:
    r"""REINFORCE with or without a baseline.

    Every update plays whole episodes with the present policy and makes a step along

    .. math:: \frac1m \sum_{\text{episodes}} \sum_t
        \bigl( G_t - b(s_t) \bigr)\, \nabla \log \pi(a_t \mid s_t)

    with the discounted return G from each step on. The baseline b is a network that learns the
    mean return; it leaves the expected step as it is and makes it vary less. Without discount the
    expected step is the gradient of the expected return; with one, the factor
    :math:`\gamma^t` of the exact gradient is left out, as is usual.

    Parameters
    ----------
    policy : Sequential
        Logits of the actions from observations; built.
    policy_optimizer : Optimizer
    value : Sequential, optional
        The baseline: one number from an observation; built. A network of its own.
    value_optimizer : Optimizer, optional
        Goes with `value`.
    gamma : float
        Discount, from 0 to 1.
    entropy_weight : float
        See :func:`policy_gradient_loss`.
    reward_scale : float
        Rewards are multiplied by it before anything is learnt from them.
    normalize : bool
        Whether each update scales its advantages by :func:`normalize_advantages`.

    Raises
    ------
    ValueError
        If a network does not give what it should, or an argument is out of range.

    References
    ----------
    Williams (1992), Simple statistical gradient-following algorithms for connectionist
    reinforcement learning; Sutton and Barto (2018), section 13.4.
    """

    def __init__(
        self,
        policy,
        policy_optimizer,
        value=None,
        value_optimizer=None,
        gamma=0.99,
        entropy_weight=0.0,
        reward_scale=1.0,
        normalize=False,
    ):
        self.act = SoftmaxPolicy(policy)
        if (value is None) != (value_optimizer is None):
            raise ValueError(
                "`value` and `value_optimizer` belong together. "
                f"Received: value={value!r}, value_optimizer={value_optimizer!r}"
            )
        if value is not None:
            require_value_network(value, policy)
            two_optimizers(policy_optimizer, value_optimizer)
        self.policy, self.policy_optimizer = policy, policy_optimizer
        self.value, self.value_optimizer = value, value_optimizer
        self.gamma = real_in(gamma, "gamma", 0, 1)
        self.entropy_weight = real_in(entropy_weight, "entropy_weight", 0)
        self.reward_scale = real_in(reward_scale, "reward_scale", 0, np.inf, open_low=True)
        self.normalize = bool(normalize)

    def train(self, environment, updates, rng, max_steps=10_000, callback=None):
        """Play and learn, `updates` times.

        Parameters
        ----------
        environment : VectorEnvironment
            Plays an episode in each of its environments before every update.
        updates : int
        rng : numpy.random.Generator
            For the environments and for the actions.
        max_steps : int
            Steps after which an episode is cut off.
        callback : callable, optional
            ``callback(update, returns)``, after every update, with the returns so far; training
            stops if it returns True.

        Returns
        -------
        ndarray, shape (updates, environments)
            Sum of the rewards of every episode, without discount.
        """
        returns = []
        for update in range(positive_int(updates, "updates")):
            episodes = run_episodes(environment, self.act, rng, max_steps)
            self.update(episodes)
            returns.append([episode.total for episode in episodes])
            if callback is not None and callback(update, np.array(returns)):
                break
        return np.array(returns)

    def update(self, episodes):
        """Make one step with the policy, and with the baseline if there is one.

        Parameters
        ----------
        episodes : sequence of Episode
            From the policy as it is now.
        """
        dtype = self.policy.dtype
        x = np.concatenate([np.stack(each.observations[:-1]) for each in episodes]).astype(dtype)
        actions = np.concatenate([each.actions for each in episodes])
        targets = np.concatenate([self.returns(each) for each in episodes]).astype(dtype)
        advantages = targets
        if self.value is not None:
            values = self.value.forward(x, training=True)
            advantages = targets - values[:, 0]
            slope = 2 * (values - targets[:, np.newaxis]) / len(values)
        if self.normalize:
            advantages = normalize_advantages(advantages)
        logits = self.policy.forward(x, training=True)
        mean = policy_gradient_loss_gradient(logits, actions, advantages, self.entropy_weight)
        descend(self.policy, self.policy_optimizer, mean * (len(x) / len(episodes)))
        if self.value is not None:
            descend(self.value, self.value_optimizer, slope)

    def returns(self, episode):
        """Return the discounted return from every step of an episode on, shape (steps,).

        What would have followed an episode that was cut off is worth what the baseline says, or
        nothing if there is none.

        Parameters
        ----------
        episode : Episode
        """
        last_value = 0.0
        if not episode.terminated and self.value is not None:
            last = np.asarray(episode.observations[-1], self.value.dtype)
            last_value = float(self.value.forward(last[np.newaxis])[0, 0])
        rewards = self.reward_scale * episode.rewards
        # A value after the last step counts as one more reward would.
        return discounted_returns([*rewards, last_value], self.gamma)[:-1]
