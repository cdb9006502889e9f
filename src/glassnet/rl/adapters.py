"""Environments in other clothes: Gymnasium's as ours, ours as Gymnasium's, states as vectors."""

from __future__ import annotations

import numpy as np

from glassnet.rl.environments import Environment, Step

__all__ = ["GymnasiumEnvironment", "OneHotEnvironment", "as_gymnasium"]


class GymnasiumEnvironment(Environment):
    """An environment of Gymnasium's with numbered actions.

    Parameters
    ----------
    environment : str or gymnasium.Env
        The name of a registered one, such as ``"CartPole-v1"``, or the environment itself.
    **options
        Passed to ``gymnasium.make`` with the name.

    Attributes
    ----------
    environment : gymnasium.Env

    Raises
    ------
    ImportError
        If Gymnasium is not installed.
    ValueError
        If its actions are not the numbers from 0, or its observations neither numbers from 0 nor
        arrays of numbers.
    """

    def __init__(self, environment, **options):
        gymnasium = _gymnasium()
        if isinstance(environment, str):
            environment = gymnasium.make(environment, **options)
        elif options or not isinstance(environment, gymnasium.Env):
            raise ValueError(
                "`environment` must be a gymnasium.Env, or a name with its options. "
                f"Received: environment={environment!r}, options={options!r}"
            )
        actions, seen = environment.action_space, environment.observation_space
        if not isinstance(actions, gymnasium.spaces.Discrete) or actions.start != 0:
            raise ValueError(f"Actions must be numbers from 0. Received: action_space={actions!r}")
        if isinstance(seen, gymnasium.spaces.Discrete) and seen.start == 0:
            self.num_states = int(seen.n)
        elif isinstance(seen, gymnasium.spaces.Box):
            self.observation_shape = tuple(seen.shape)
        else:
            raise ValueError(
                "Observations must be numbers from 0, or arrays of numbers. "
                f"Received: observation_space={seen!r}"
            )
        self.environment, self.num_actions = environment, int(actions.n)
        self._running = False

    def reset(self, rng):
        """Begin an episode and return the first observation.

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws the seed that is handed to Gymnasium.
        """
        _require_generator(rng)
        observation, _ = self.environment.reset(seed=int(rng.integers(2**31)))
        self._running = True
        return self._own(observation)

    def step(self, action):
        """Do `action` and return a `Step`.

        Raises
        ------
        RuntimeError
            If no episode is under way.
        ValueError
            If there is no such action.
        """
        if not self._running:
            raise RuntimeError("GymnasiumEnvironment: step called without an episode; reset it.")
        known = isinstance(action, (int, np.integer)) and 0 <= action < self.num_actions
        if not known or isinstance(action, bool):
            raise ValueError(
                f"`action` must be a number from 0 to {self.num_actions - 1}. "
                f"Received: action={action!r}"
            )
        answer = self.environment.step(int(action))
        observation, reward, terminated, truncated, _ = answer
        self._running = not (terminated or truncated)
        return Step(self._own(observation), float(reward), bool(terminated), bool(truncated))

    def _own(self, observation):
        if self.num_states is not None:
            return int(observation)
        return np.array(observation)  # a copy: some environments write into the same array again


class OneHotEnvironment(Environment):
    """Show the numbered states of an environment as vectors, for a network: 1 at the state, else 0.

    Parameters
    ----------
    environment : Environment
        With numbered states.
    dtype : numpy dtype

    Raises
    ------
    ValueError
        If the states are not numbered, or some forbid actions, which a network cannot know.
    """

    def __init__(self, environment, dtype=np.float32):
        if environment.num_states is None or environment.legal_actions is not None:
            raise ValueError(
                "`environment` must have numbered states in which every action is allowed. "
                f"Received: num_states={environment.num_states}, "
                f"legal_actions={environment.legal_actions!r}"
            )
        self.environment, self.dtype = environment, np.dtype(dtype)
        self.num_actions = environment.num_actions
        self.observation_shape = (environment.num_states,)

    def reset(self, rng):
        """Begin an episode and return the first state as a vector."""
        return self.encode(self.environment.reset(rng))

    def step(self, action):
        """Do `action` and return a `Step` whose observation is a vector."""
        step = self.environment.step(action)
        return step._replace(observation=self.encode(step.observation))

    def encode(self, states):
        """Return states as vectors: (...) numbers become (..., num_states)."""
        return np.eye(self.observation_shape[0], dtype=self.dtype)[states]


def as_gymnasium(environment, low=-np.inf, high=np.inf, dtype=np.float32):
    """Show one of our environments as a ``gymnasium.Env``.

    Parameters
    ----------
    environment : Environment
    low, high : float or array_like
        Bounds of the observations if they are arrays.
    dtype : numpy dtype
        Of observations that are arrays.

    Returns
    -------
    gymnasium.Env
        With the attribute `environment`, the one given.

    Raises
    ------
    ImportError
        If Gymnasium is not installed.
    """
    gymnasium = _gymnasium()
    spaces = gymnasium.spaces
    if environment.num_states is not None:
        seen = spaces.Discrete(environment.num_states)
    else:
        seen = spaces.Box(low, high, tuple(environment.observation_shape), np.dtype(dtype).type)

    class Adapter(gymnasium.Env):
        """Passes everything on."""

        observation_space = seen
        action_space = spaces.Discrete(environment.num_actions)

        def __init__(self):
            self.environment = environment

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            return self._shown(self.environment.reset(self.np_random)), {}

        def step(self, action):
            observation, *rest = self.environment.step(int(action))
            return self._shown(observation), *rest, {}

        def _shown(self, observation):
            if self.environment.num_states is not None:
                return observation
            return np.asarray(observation, dtype)

    return Adapter()


def _require_generator(rng):
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"`rng` must be a numpy.random.Generator. Received: rng={rng!r}")


def _gymnasium():
    """Import Gymnasium, which only the adapters need."""
    try:
        import gymnasium
    except ImportError as error:
        raise ImportError(f"The adapters need the package gymnasium. {error}") from error
    return gymnasium
