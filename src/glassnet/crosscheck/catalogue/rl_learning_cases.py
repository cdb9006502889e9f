"""Learning in tables: every run is written down and computed anew from the equations."""

from __future__ import annotations

import itertools

import numpy as np

from glassnet import rl

from ..precision import float64, load_keras
from ..report import Report, compare_arrays
from .registry import case
from .rl_cases import random_mdp

ALPHA, GAMMA, EPSILON = 0.3, 0.8, 0.4


class Diary(rl.Environment):
    """Hands everything on to another environment and writes it down, an episode a list."""

    def __init__(self, environment):
        self.inner, self.episodes = environment, []
        self.num_states, self.num_actions = environment.num_states, environment.num_actions
        self.legal_actions = environment.legal_actions

    def reset(self, rng):
        self.episodes.append([])
        self.state = self.inner.reset(rng)
        return self.state

    def step(self, action):
        step = self.inner.step(action)
        self.episodes[-1].append((self.state, action, step.reward, step.observation, step[2]))
        self.state = step.observation
        return step


def _shares(row, epsilon):
    """Probabilities of the epsilon-greedy choice, action by action."""
    best = [a for a, value in enumerate(row) if value == max(row)]
    greedy = [1 / len(best) if a in best else 0 for a in range(len(row))]
    return [epsilon / len(row) + (1 - epsilon) * share for share in greedy]


def _one_step_targets(kind, q, step, next_action):
    _, _, reward, after, terminated = step
    if terminated:
        return reward
    row = q[after].tolist()
    expected = sum(p * value for p, value in zip(_shares(row, EPSILON), row, strict=True))
    following = {
        "q_learning": max(row),
        "expected_sarsa": expected,
        "sarsa": row[next_action] if next_action is not None else None,
    }
    return reward + GAMMA * following[kind]


def _replayed(kind, diary):
    """The table that the equations make of what was written down."""
    q = np.zeros((diary.num_states, diary.num_actions))
    for episode in diary.episodes:
        for step, later in zip(episode, [*episode[1:], None], strict=True):
            next_action = None if later is None else later[1]
            target = _one_step_targets(kind, q, step, next_action)
            q[step[:2]] = (1 - ALPHA) * q[step[:2]] + ALPHA * target
    return q


def _history_rows(result, diary):
    """Returns and lengths of the episodes, counted in the diary."""
    totals = [sum(step[2] for step in episode) for episode in diary.episodes]
    return [
        compare_arrays("returns", result.returns, totals),
        compare_arrays("lengths", result.lengths, [len(each) for each in diary.episodes], 0, 0),
    ]


def _register_one_step():
    for kind in ("q_learning", "sarsa", "expected_sarsa"):

        def compare(rng, kind=kind):
            diary = Diary(random_mdp(rng))
            result = getattr(rl, kind)(diary, 40, rng, ALPHA, GAMMA, EPSILON)
            q = _replayed(kind, diary)
            rows = [
                compare_arrays("action values", result.q, q),
                compare_arrays("best actions", result.policy, np.argmax(q, axis=1), 0, 0),
                compare_arrays("values", result.values, np.max(q, axis=1)),
                *_history_rows(result, diary),
            ]
            return Report(kind, rows)

        case(f"rl.{kind}, replayed", f"rl.{kind}", f"rl.{kind}_update", "rl.Learning")(compare)


_register_one_step()


class NotedGenerator(np.random.Generator):
    """Remembers the last uniform number, which is the coin when an update has just been made."""

    last = None

    def random(self, *arguments, **options):
        self.last = super().random(*arguments, **options)
        return self.last


@case("rl.double_q_learning, replayed", "rl.double_q_learning", "rl.double_q_update")
def _double(rng):
    rng, told = NotedGenerator(rng.bit_generator), []
    diary = Diary(random_mdp(rng))

    def note(*update):
        told.append((*update, rng.last))

    result = rl.double_q_learning(diary, 40, rng, ALPHA, GAMMA, EPSILON, on_update=note)
    tables = np.zeros((2, diary.num_states, diary.num_actions))
    targets, errors, steps = [], [], list(itertools.chain(*diary.episodes))
    for step, (*_, coin) in zip(steps, told, strict=True):
        state, action, reward, after, terminated = step
        side = int(coin >= 0.5)
        best = int(np.argmax(tables[side][after]))
        targets.append(reward + (not terminated) * GAMMA * tables[1 - side][after, best])
        errors.append(targets[-1] - tables[side][state, action])
        tables[side][state, action] += ALPHA * errors[-1]
    rows = [
        compare_arrays(
            "states and actions",
            [update[:2] for update in told],
            [step[:2] for step in steps],
            0,
            0,
        ),
        compare_arrays("targets", [update[2] for update in told], targets),
        compare_arrays("errors", [update[3] for update in told], errors),
        compare_arrays("mean of the tables", result.q, tables.mean(axis=0)),
        *_history_rows(result, diary),
    ]
    return Report("double Q-learning", rows)


def _n_step_targets(table, episode, n, with_actions):
    """Update the table in the order of the steps, with sums written out; the end is worth 0."""
    for t, step in enumerate(episode):
        ahead = episode[t : t + n]
        target = sum(GAMMA**k * later[2] for k, later in enumerate(ahead))
        if t + n < len(episode):
            where = episode[t + n][:2] if with_actions else episode[t + n][0]
            target += GAMMA**n * table[where]
        where = step[:2] if with_actions else step[0]
        table[where] += ALPHA * (target - table[where])
    return table


@case(
    "rl.n_step_sarsa, replayed",
    "rl.n_step_sarsa",
    "rl.n_step_td",
    "rl.n_step_return",
    "rl.Prediction",
)
def _n_step(rng):
    rows = []
    for n in (1, 3, 50):
        walk = rl.random_walk(6)
        diary = Diary(walk)
        learnt = rl.n_step_sarsa(diary, 20, rng, n, ALPHA, GAMMA, EPSILON)
        q, values = np.zeros((8, 2)), np.zeros(8)
        for episode in diary.episodes:
            _n_step_targets(q, episode, n, True)
        rows.append(compare_arrays(f"{n} steps: actions", learnt.q, q))
        diary = Diary(walk)
        policy = rl.table_policy(np.full((8, 2), 0.5))
        predicted = rl.n_step_td(diary, policy, 20, rng, n, ALPHA, GAMMA)
        for episode in diary.episodes:
            _n_step_targets(values, episode, n, False)
        rows.append(compare_arrays(f"{n} steps: states", predicted.values, values))
        mean = np.mean([sum(step[2] for step in episode) for episode in diary.episodes])
        rows.append(compare_arrays(f"{n} steps: mean", predicted.mean_return, mean))
    rows.append(compare_arrays("function", rl.n_step_return([1, 2, 3], 4, 0.5), 1 + 1 + 0.75 + 0.5))
    return Report("n steps", rows)


@case("rl.td_prediction, replayed", "rl.td_prediction", "rl.td_update")
def _td(rng):
    diary = Diary(random_mdp(rng))
    policy = rl.table_policy(rng.dirichlet(np.ones(3), 7))
    result = rl.td_prediction(diary, policy, 50, rng, ALPHA, GAMMA)
    values = np.zeros(7)
    for state, _, reward, after, terminated in itertools.chain(*diary.episodes):
        follows = 0 if terminated else values[after]
        values[state] = (1 - ALPHA) * values[state] + ALPHA * (reward + GAMMA * follows)
    return Report("TD(0)", [compare_arrays("values", result.values, values)])


@case(
    "rl.monte_carlo_prediction, averaged",
    "rl.monte_carlo_prediction",
    "rl.monte_carlo_control",
    "rl.monte_carlo_update",
)
def _monte_carlo(rng):
    rows = []
    for first, name in ((True, "first visits"), (False, "every visit")):
        for actions in (False, True):
            diary = Diary(random_mdp(rng))
            options = {"gamma": GAMMA, "first_visit": first}
            if actions:
                table = rl.monte_carlo_control(diary, 40, rng, epsilon=EPSILON, **options).q
            else:
                policy = rl.table_policy(rng.dirichlet(np.ones(3), 7))
                table = rl.monte_carlo_prediction(diary, policy, 40, rng, **options).values
            lists = {}
            for episode in diary.episodes:
                places = [step[:2] if actions else step[0] for step in episode]
                for t, place in enumerate(places):
                    if first and place in places[:t]:
                        continue
                    earned = sum(GAMMA**k * step[2] for k, step in enumerate(episode[t:]))
                    lists.setdefault(place, []).append(earned)
            averages = np.zeros(table.shape)
            for place, returns in lists.items():
                averages[place] = np.mean(returns)
            kind = "actions" if actions else "states"
            rows.append(compare_arrays(f"{kind}, {name}", table, averages))
    return Report("Monte Carlo", rows)


@case(
    "rl.q_learning_update, as gradient steps in TensorFlow",
    "rl.q_learning_update",
    "rl.sarsa_update",
    "rl.expected_sarsa_update",
    "rl.double_q_update",
    "rl.td_update",
    "rl.monte_carlo_update",
)
def _semi_gradients(rng):
    """Each is a step down the gradient of half the squared error, with the target held fixed."""
    tensorflow, _ = load_keras()
    q, other, v = (rng.standard_normal(shape) for shape in ((5, 3), (5, 3), 5))
    reward, p = rng.standard_normal(), rng.dirichlet(np.ones(3))
    rest = (ALPHA, GAMMA)

    def stepped(table, place, target):
        with float64():
            variable = tensorflow.Variable(table)
            with tensorflow.GradientTape() as tape:
                fixed = tensorflow.stop_gradient(target(variable))
                loss = 0.5 * tensorflow.square(fixed - variable[place])
            slope = tensorflow.convert_to_tensor(tape.gradient(loss, variable))
            return (variable - ALPHA * slope).numpy()

    top = tensorflow.reduce_max
    pairs = [
        ("q_learning", (q, 1, 2, reward, 4, False), lambda t: reward + GAMMA * top(t[4])),
        ("q_learning", (q, 1, 2, reward, 4, True), lambda t: 0 * t[0, 0] + reward),
        ("sarsa", (q, 1, 2, reward, 4, 0, False), lambda t: reward + GAMMA * t[4, 0]),
        ("sarsa", (q, 1, 2, reward, 4, 0, True), lambda t: 0 * t[0, 0] + reward),
        (
            "expected_sarsa",
            (q, 1, 2, reward, 4, p, False),
            lambda t: reward + GAMMA * tensorflow.reduce_sum(p * t[4]),
        ),
        ("expected_sarsa", (q, 1, 2, reward, 4, p, True), lambda t: 0 * t[0, 0] + reward),
        (
            "double_q",
            (q, other, 1, 2, reward, 4, False),
            lambda t: reward + GAMMA * tensorflow.gather(other[4], tensorflow.argmax(t[4])),
        ),
        ("double_q", (q, other, 1, 2, reward, 4, True), lambda t: 0 * t[0, 0] + reward),
        ("td", (v, 1, reward, 4, False), lambda t: reward + GAMMA * t[4]),
        ("td", (v, 1, reward, 4, True), lambda t: 0 * t[0] + reward),
    ]
    rows = []
    for name, (table, *arguments), target in pairs:
        place = 1 if name == "td" else (1, 2)
        mine = table.copy()
        wanted, error = getattr(rl, f"{name}_update")(mine, *arguments, *rest)
        label = f"{name}{', at the end' * arguments[-1]}"
        rows.append(compare_arrays(label, mine, stepped(table, place, target)))
        rows.append(compare_arrays(f"{label}: error", error, wanted - table[place]))
    mine = q.copy()
    rl.monte_carlo_update(mine, (3, 1), reward, ALPHA)
    theirs = stepped(q, (3, 1), lambda t: 0 * t[0, 0] + reward)
    rows.append(compare_arrays("monte_carlo", mine, theirs))
    return Report("updates", rows)


@case(
    "rl.epsilon_greedy, as often as it should",
    "rl.epsilon_greedy",
    "rl.epsilon_greedy_probabilities",
    "rl.draw_action",
    "rl.table_policy",
)
def _epsilon_greedy(rng):
    values = np.array([0.3, 1.2, -np.inf, 1.2, -0.5])
    n, expected = 4000, [0.1, 0.4, 0.0, 0.4, 0.1]
    rules = {
        "epsilon-greedy": lambda: rl.epsilon_greedy(values, 0.4, rng),
        "drawn": lambda: rl.draw_action(np.array(expected), rng),
        "from a table": lambda: rl.table_policy(np.array([[1.0, 0, 0, 0, 0], expected]))(1, rng),
    }
    rows = [compare_arrays("probabilities", rl.epsilon_greedy_probabilities(values, 0.4), expected)]
    for name, rule in rules.items():
        frequencies = np.bincount([rule() for _ in range(n)], minlength=5) / n
        rows.append(compare_arrays(name, frequencies, expected, 0, 0.035))
    return Report("choices", rows, "Frequencies of 4,000 draws; 0.035 is four deviations.")


@case("rl.softmax_probabilities, against SciPy", "rl.softmax_probabilities", "rl.linear_decay")
def _softmax(rng):
    from scipy.special import softmax

    values = 50 * rng.standard_normal((4, 3))
    decay, episodes = rl.linear_decay(0.9, 0.1, 8), np.arange(15)
    rows = [
        compare_arrays(
            "probabilities", rl.softmax_probabilities(values, 7.0), softmax(values / 7.0, axis=1)
        ),
        compare_arrays(
            "decay", [decay(e) for e in episodes], np.interp(episodes, [0, 8], [0.9, 0.1])
        ),
    ]
    return Report("softmax", rows)


@case("rl.MaximizationBias, its moments", "rl.MaximizationBias")
def _bias(rng):
    trap, rewards = rl.MaximizationBias(5, 0.4, 2.0), []
    for _ in range(3000):
        trap.reset(rng)
        trap.step(0)
        rewards.append(trap.step(3).reward)
    trap.reset(rng)
    rows = [
        compare_arrays("mean", np.mean(rewards), 0.4, 0, 0.15),
        compare_arrays("deviation", np.std(rewards), 2.0, 0, 0.11),
        compare_arrays("way out", trap.step(1)[:3], (2, 0, 1), 0, 0),
        compare_arrays("choices", trap.legal_actions.sum(axis=1), [2, 5, 0], 0, 0),
    ]
    return Report("trap", rows, "Moments of 3,000 draws; the tolerances are four deviations.")


@case(
    "rl.play_bandits, replayed",
    "rl.play_bandits",
    "rl.BanditRun",
    "rl.upper_confidence_bounds",
)
def _bandits(rng):
    """Without exploration every arm taken must be the best of the scores of that moment."""
    means, rows = rng.standard_normal((6, 4)), []
    for name, options in (
        ("averages", {"initial": 2.0}),
        ("constant step", {"initial": 5.0, "alpha": 0.1}),
        ("bounds", {"confidence": 1.5}),
    ):
        run = rl.play_bandits(means, 60, rng, **options)
        estimates, gaps = np.full((6, 4), options.get("initial", 0.0)), []
        for t, player in np.ndindex(60, 6):
            earlier = run.actions[:t, player]
            tries = np.bincount(earlier, minlength=4)
            with np.errstate(divide="ignore", invalid="ignore"):
                bonus = options.get("confidence", 0) * np.sqrt(np.log(t + 1) / tries)
            scores = estimates[player] + np.nan_to_num(bonus, nan=0, posinf=1e9)
            if "confidence" in options:
                scores[tries == 0] = 1e9
            arm = run.actions[t, player]
            gaps.append(scores.max() - scores[arm])
            pulls = run.rewards[: t + 1, player][run.actions[: t + 1, player] == arm]
            old = estimates[player, arm]
            constant = old + 0.1 * (run.rewards[t, player] - old)
            estimates[player, arm] = constant if "alpha" in options else pulls.mean()
        best = np.array([[means[i].argmax() == a for i, a in enumerate(r)] for r in run.actions])
        missed = [
            np.mean([means[i].max() - means[i, a] for i, a in enumerate(r)]) for r in run.actions
        ]
        rows += [
            compare_arrays(f"{name}: estimates", run.estimates, estimates),
            compare_arrays(f"{name}: best of the scores", gaps, np.zeros(len(gaps)), 0, 1e-9),
            compare_arrays(f"{name}: share of the best", run.optimal, best.mean(axis=1)),
            compare_arrays(f"{name}: regret", run.regret, np.cumsum(missed)),
        ]
    explored = rl.play_bandits(np.tile([0.0, 9.0, 0.0], (300, 1)), 60, rng, epsilon=0.3)
    rows.append(compare_arrays("explored", 1 - explored.optimal[20:].mean(), 0.2, 0, 0.02))
    return Report("bandits", rows)
