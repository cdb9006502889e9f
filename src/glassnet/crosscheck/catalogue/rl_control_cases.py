"""The cart with the pole, adapters and policies, against Gymnasium, mechanics and frequencies."""

from __future__ import annotations

import numpy as np

from glassnet import rl

from ..report import Report, compare_arrays
from .registry import case
from .rl_deep_cases import network


def _balancing(state, t):
    """Push to where the pole leans, now and then elsewhere; `state` has the shape (4, ...)."""
    x, velocity, angle, turning = state
    return np.where(t % 17 == 5, 0, angle + 0.3 * turning + 0.03 * x + 0.05 * velocity > 0)


@case("rl.cart_pole_accelerations, against the equations of motion", "rl.cart_pole_accelerations")
def _accelerations(rng):
    """Lagrange's equations for a rod on a cart, a linear system for both accelerations."""
    state, force = rng.standard_normal((4, 9)), 10 * rng.choice([-1.0, 1.0], 9)
    theirs = []
    for (_, _, angle, turning), push in zip(state.T, force, strict=True):
        coupling = 0.1 * 0.5 * np.cos(angle)
        inertia = [[1.1, coupling], [coupling, 4 / 3 * 0.1 * 0.5**2]]
        torque = 0.1 * 9.8 * 0.5 * np.sin(angle)
        theirs.append(np.linalg.solve(inertia, [push + 0.05 * turning**2 * np.sin(angle), torque]))
    ours = rl.cart_pole_accelerations(state, force)
    return Report("accelerations", [compare_arrays("cart and pole", ours, np.transpose(theirs))])


@case(
    "rl.CartPole, trajectories of Gymnasium",
    "rl.CartPole",
    "rl.cart_pole_failed",
    "rl.cart_pole_step",
    "rl.Step",
)
def _cart_pole(rng):
    import gymnasium

    theirs, ours = gymnasium.make("CartPole-v1"), rl.CartPole()
    rows, lengths = [], []
    for episode in range(4):
        theirs.reset(seed=int(rng.integers(1000)))
        start = theirs.unwrapped.state
        if episode == 3:  # leaves the track
            start = theirs.unwrapped.state = np.array([2.2, 1.5, 0.0, 0.0])
        ours.start(start)
        states, flags, ended, t = [[], []], [[], []], False, 0
        while not ended:
            state = theirs.unwrapped.state
            action = int(rng.integers(2)) if episode == 2 else int(_balancing(state, t))
            seen, reward, terminated, truncated, _ = theirs.step(action)
            step = ours.step(action)
            states[0].append([*ours.state, *step.observation])
            states[1].append([*theirs.unwrapped.state, *seen])
            flags[0].append(step[1:])
            flags[1].append((reward, terminated, truncated))
            ended, t = terminated or truncated or step.ended, t + 1
        lengths.append(t)
        rows.append(compare_arrays(f"{t} states and observations", *states, 0, 1e-12))
        rows.append(compare_arrays("reward, terminated, truncated", *flags, 0, 0))
    rows.append(compare_arrays("longest episode", max(lengths), 500, 0, 0))
    return Report("CartPole-v1", rows)


@case(
    "rl.VectorCartPole, trajectories of Gymnasium",
    "rl.VectorCartPole",
    "rl.VectorEnvironment",
    "rl.VectorStep",
    "rl.EpisodeLog",
)
def _vector_cart_pole(rng):
    import gymnasium

    carts = rl.VectorCartPole(5, dtype=np.float64)
    theirs = [gymnasium.make("CartPole-v1") for _ in range(5)]
    carts.reset(rng)
    log, returns, current, rows = rl.EpisodeLog(5), [], np.zeros(5), []
    for i, each in enumerate(theirs):
        each.reset(seed=0)
        each.unwrapped.state = carts.state[:, i].copy()
    for t in range(520):
        actions = _balancing(carts.state, t).astype(np.int64)
        actions[0] = rng.integers(2)
        step = carts.step(actions)
        log.update(step)
        answers = [each.step(int(action)) for each, action in zip(theirs, actions, strict=True)]
        states = np.stack([each.unwrapped.state for each in theirs])
        current += [answer[1] for answer in answers]
        rows.append(compare_arrays("states", step.next_observation, states, 0, 1e-12))
        flags = np.stack([step.terminated, step.truncated, step.reward])
        rows.append(compare_arrays("flags", flags, np.array([a[2:4] + a[1:2] for a in answers]).T))
        for i, answer in enumerate(answers):
            if answer[2] or answer[3]:
                returns.append(current[i])
                current[i] = 0
                theirs[i].reset(seed=0)
            theirs[i].unwrapped.state = carts.state[:, i].copy()  # else rounding would grow
    rows = [max(rows[kind::2], key=lambda row: (not row.ok, row.max_abs)) for kind in (0, 1)]
    rows.append(compare_arrays("returns of the episodes", log.returns, returns, 0, 0))
    rows.append(compare_arrays("mean of the last 3", log.mean_return(3), np.mean(returns[-3:])))
    rows.append(compare_arrays("a limit of 500 steps", max(returns), 500.0, 0, 0))
    return Report("many carts", rows)


@case(
    "rl.GymnasiumEnvironment, against Gymnasium itself",
    "rl.GymnasiumEnvironment",
    "rl.as_gymnasium",
)
def _adapters(rng):
    """There, and there and back again."""
    import gymnasium

    rows = []
    for name, options in (("CartPole-v1", {}), ("FrozenLake-v1", {"is_slippery": True})):
        plain = gymnasium.make(name, **options)
        ours = rl.GymnasiumEnvironment(name, **options)
        back = rl.as_gymnasium(rl.GymnasiumEnvironment(gymnasium.make(name, **options)))
        for episode in range(3):
            first = ours.reset(np.random.default_rng(episode))
            again, _ = back.reset(seed=episode)
            seed = int(np.random.default_rng(episode).integers(2**31))
            started, _ = plain.reset(seed=seed)
            seen, ended = [[first], [again], [started]], False
            while not ended:
                action = int(rng.integers(plain.action_space.n))
                answers = [ours.step(action), back.step(action)[:4], plain.step(action)[:4]]
                for list_, answer in zip(seen, answers, strict=True):
                    list_.append(np.append(answer[0], answer[1:]))
                ended = any(answer[2] or answer[3] for answer in answers)
            flat = [np.concatenate([np.ravel(part) for part in each]) for each in seen]
            rows.append(compare_arrays(f"{name}, adapted", flat[0], flat[2], 0, 0))
            rows.append(compare_arrays(f"{name}, and back", flat[1], flat[2], 0, 0))
    return Report("Gymnasium", rows)


@case(
    "rl.run_episodes, side by side and one by one",
    "rl.run_episodes",
    "rl.SyncVectorEnvironment",
    "rl.OneHotEnvironment",
)
def _run_episodes(rng):
    """Mazes without chance: two shortest ways, one after the other, and a walk without an end."""
    mazes = [rl.OneHotEnvironment(rl.random_maze(3, 4, np.random.default_rng(i))) for i in range(3)]
    vector = rl.SyncVectorEnvironment(mazes)
    tables = np.stack([rl.value_iteration(each.environment, 0.9).policy for each in mazes])
    tables[2] = 0  # for ever to the same side

    def policy(observations, _):
        return tables[np.arange(3), observations.argmax(axis=1)]

    episodes = rl.run_episodes(vector, policy, rng, max_steps=40)
    rows = []
    for i, episode in enumerate(episodes):
        environment, table = mazes[i].environment, tables[i]
        state, states, rewards, ended = environment.reset(rng), [], [], False
        while not ended and len(rewards) < 40:
            states.append(state)
            state, reward, terminated, truncated = environment.step(int(table[state]))
            rewards.append(reward)
            ended = terminated or truncated
        theirs = np.eye(vector.observation_shape[0])[[*states, state]]
        rows += [
            compare_arrays(f"observations {i}", episode.observations, theirs, 0, 0),
            compare_arrays(f"rewards {i}", episode.rewards, rewards, 0, 0),
            compare_arrays(f"actions {i}", episode.actions, table[states], 0, 0),
        ]
    return Report("episodes", rows)


@case(
    "rl.sample_actions, frequencies against probabilities",
    "rl.sample_actions",
    "rl.SoftmaxPolicy",
)
def _sampling(rng):
    net, x = network(4, 3, rng), rng.standard_normal(3)
    logits = net.forward(x[np.newaxis])[0]
    probabilities = [np.exp(z) / sum(np.exp(logits)) for z in logits]
    n = 40_000
    drawn = rl.SoftmaxPolicy(net)(np.tile(x, (n, 1)), rng)
    logits = np.tile(np.array([0.5, -1.0, 1.5]), (n, 1))
    others = np.exp([0.5, -1.0, 1.5]) / np.exp([0.5, -1.0, 1.5]).sum()
    again = rl.sample_actions(logits, rng)
    rows = [
        _frequencies("policy", drawn, np.array(probabilities)),
        _frequencies("sample_actions", again, others),
    ]
    return Report("actions", rows, "Within four and a half standard errors.")


@case(
    "rl.epsilon_greedy_actions, frequencies against probabilities",
    "rl.epsilon_greedy_actions",
    "rl.GreedyPolicy",
)
def _greedy(rng):
    net, x = network(4, 3, rng), rng.standard_normal(3)
    q, n = net.forward(x[np.newaxis])[0], 40_000
    expected = np.array([0.2 / 4 + 0.8 * (value == max(q)) for value in q])
    rows = [
        _frequencies("policy", rl.GreedyPolicy(net, 0.2)(np.tile(x, (n, 1)), rng), expected),
        _frequencies("batch", rl.epsilon_greedy_actions(np.tile(q, (n, 1)), 0.2, rng), expected),
    ]
    values = rng.standard_normal((9, 4))
    best = [max(range(4), key=row.__getitem__) for row in values]
    rows.append(compare_arrays("best", rl.epsilon_greedy_actions(values, 0.0, rng), best, 0, 0))
    return Report("actions", rows, "Within four and a half standard errors.")


def _frequencies(title, drawn, probabilities):
    """Compare shares with probabilities, in units of their standard error."""
    shares = np.bincount(drawn, minlength=len(probabilities)) / len(drawn)
    errors = np.sqrt(probabilities * (1 - probabilities) / len(drawn))
    return compare_arrays(f"{title}: shares", shares / errors, probabilities / errors, 0, 4.5)
