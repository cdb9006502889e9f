"""Exercises of chapter 01: one unit, its plane, two rules that learn, and two layers."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task

BITS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def _sigmoid(z):
    """Return the sigmoid; the wrong answers below need it, too."""
    return 1 / (1 + np.exp(-z))


def _units(rng):
    """Return inputs, weights and bias of one unit; the sums of the first hit zero exactly."""
    return [
        (BITS, np.array([1.0, 1.0]), -2.0),
        (rng.standard_normal((7, 3)), rng.standard_normal(3), 0.6),
        (rng.integers(-2, 3, (40, 5)).astype(float), rng.integers(-2, 3, 5).astype(float), 1.0),
    ]


@task(
    "concepts.threshold_unit",
    _units,
    about="The unit of 1943 fires if its weighted sum reaches a threshold: {eq}`eq-concepts-unit` "
    "with a step for the activation. In {ref}`sec-concepts-history` such units compute logic.",
    hints=(
        "The weighted sums of all rows at once are one product, `x @ w`.",
        "Compare the sums, with the bias added, with 0: which comparison lets 0 itself fire?",
        "A comparison gives True and False; `.astype(float)` makes 1.0 and 0.0 of them.",
    ),
)
def threshold_unit(x, w, b):
    """Return 1 for every example at which the unit fires, else 0.

    It fires where the weighted sum plus the bias is 0 or more.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        An example in every row.
    w : ndarray, shape (D,)
    b : float

    Returns
    -------
    ndarray, shape (N,)
    """
    return (x @ w + b >= 0).astype(float)


@threshold_unit.mistake("At a sum of exactly 0 your unit stays silent. It reaches the threshold.")
def _(x, w, b):
    return (x @ w + b > 0).astype(float)


@threshold_unit.mistake("The bias does not take part: your unit fires where w · x alone reaches 0.")
def _(x, w, b):
    return (x @ w >= 0).astype(float)


@threshold_unit.mistake(
    "You use b as the threshold. A bias is added to the sum, so the threshold is its negative."
)
def _(x, w, b):
    return (x @ w >= b).astype(float)


@threshold_unit.mistake(
    "These are the two answers of the perceptron, -1 and 1. This unit has 0, 1."
)
def _(x, w, b):
    return np.where(x @ w + b >= 0, 1.0, -1.0)


@threshold_unit.mistake(
    "You add the bias to every input, so it is multiplied by the weights. Add it once, to the sum."
)
def _(x, w, b):
    return ((x + b) @ w >= 0).astype(float)


@task(
    "concepts.hyperplane_distance",
    _units,
    about="Which side of its plane a point lies on is the answer of a perceptron; how far away it "
    "lies is how clear the answer is. {eq}`eq-concepts-distance` is derived in "
    "{ref}`sec-concepts-hyperplane`.",
    hints=(
        "On the plane x @ w + b is 0. Away from it this number grows with the distance.",
        "Multiply w and b by 2: the plane stays, the number doubles. What must it be divided by?",
        "`np.linalg.norm(w)` is the length of w.",
    ),
)
def hyperplane_distance(x, w, b):
    """Return the signed distance of every example from the plane w · x + b = 0.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    w : ndarray, shape (D,)
        Not all zero; points to the positive side.
    b : float

    Returns
    -------
    ndarray, shape (N,)
        Positive on the side to which `w` points.
    """
    return (x @ w + b) / np.linalg.norm(w)


@hyperplane_distance.mistake(
    "This is z = w · x + b. It doubles if w and b are doubled, though the plane stays where it is."
)
def _(x, w, b):
    return x @ w + b


@hyperplane_distance.mistake(
    "You divide by the square of the length of w: a root is missing in the norm."
)
def _(x, w, b):
    return (x @ w + b) / (w @ w)


@hyperplane_distance.mistake("The distance has lost its sign, which says on which side you are.")
def _(x, w, b):
    return np.abs(x @ w + b) / np.linalg.norm(w)


@hyperplane_distance.mistake(
    "The bias must be divided by the length of w, too: put brackets round the sum."
)
def _(x, w, b):
    return x @ w / np.linalg.norm(w) + b


@hyperplane_distance.mistake("Without the bias this is the distance from the plane through 0.")
def _(x, w, b):
    return x @ w / np.linalg.norm(w)


def _tables(rng):
    """Return weights, examples with a constant last feature, and labels."""
    x = np.hstack([rng.standard_normal((9, 3)), np.ones((9, 1))])
    return [
        (np.zeros(3), np.hstack([BITS[::-1], np.ones((4, 1))]), np.array([1, -1, -1, -1])),
        (rng.standard_normal(4), x, rng.choice([-1, 1], 9)),
        (np.array([0.5, -1.0]), rng.standard_normal((12, 2)), rng.choice([-1, 1], 12)),
    ]


@task(
    "concepts.perceptron_epoch",
    _tables,
    about="A perceptron learns from its mistakes alone, {eq}`eq-concepts-rule`. Write one pass "
    "through the examples, in their order; {prf:ref}`thm-concepts-novikoff` says how many mistakes "
    "all passes together can make.",
    hints=(
        "Go through the examples with a loop; the weights that row 5 meets have seen row 4.",
        "A mistake is y[n] * (x[n] @ w) <= 0. What is the product at the very start, when w is 0?",
        "Work on a copy of w; at a mistake y[n] * x[n] is added.",
    ),
)
def perceptron_epoch(w, x, y):
    """Return the weights after one pass, and how many mistakes were made in it.

    Parameters
    ----------
    w : ndarray, shape (D,)
        The weights before; must not be changed.
    x : ndarray, shape (N, D)
        The last feature may be constant: then the last weight is the bias.
    y : ndarray of int, shape (N,)
        The labels, -1 or 1.

    Returns
    -------
    tuple of ndarray of shape (D,) and int
    """
    w, mistakes = w.copy(), 0
    for n in range(len(x)):
        if y[n] * (x[n] @ w) <= 0:
            w = w + y[n] * x[n]
            mistakes += 1
    return w, mistakes


def _one_pass(w, x, y, wrong, step):
    """Return weights and mistakes of one pass with a rule of its own."""
    mistakes = 0
    for n in range(len(x)):
        if wrong(x[n] @ w, y[n]):
            w, mistakes = w + step(x[n], y[n]), mistakes + 1
    return w, mistakes


@perceptron_epoch.mistake(
    "A product of exactly 0 is a mistake, too. Started from zero weights, yours never learns."
)
def _(w, x, y):
    return _one_pass(w, x, y, lambda z, y: y * z < 0, lambda x, y: y * x)


@perceptron_epoch.mistake(
    "You answer 1 where w · x is exactly 0 and call that right for y = 1. Undecided is a mistake."
)
def _(w, x, y):
    return _one_pass(w, x, y, lambda z, y: (1 if z >= 0 else -1) != y, lambda x, y: y * x)


@perceptron_epoch.mistake(
    "You change the weights at every example. The rule of 1962 does so at mistakes only."
)
def _(w, x, y):
    path = w + np.cumsum(y[:, None] * x, axis=0)
    met = np.vstack([w, path[:-1]])
    return path[-1], int(np.sum(y * np.sum(x * met, axis=1) <= 0))


@perceptron_epoch.mistake(
    "You add x at each mistake whatever the label is. A negative example must be subtracted."
)
def _(w, x, y):
    return _one_pass(w, x, y, lambda z, y: y * z <= 0, lambda x, y: x)


@perceptron_epoch.mistake(
    "You judge all rows with the weights of the start. Each row must meet the weights as they are."
)
def _(w, x, y):
    wrong = y * (x @ w) <= 0
    return w + (y[wrong, None] * x[wrong]).sum(axis=0), int(wrong.sum())


@perceptron_epoch.mistake(
    "The numbers are right, but `w += ...` has written into the caller's weights: copy them first."
)
def _(w, x, y):
    mistakes = 0
    for n in range(len(x)):
        if y[n] * (x[n] @ w) <= 0:
            w += y[n] * x[n]
            mistakes += 1
    return w, mistakes


def _labelled(rng):
    """Return a design matrix, labels of 0 and 1, weights and a bias."""
    made = []
    for n, d in ((8, 3), (5, 2), (11, 6)):
        y = rng.integers(0, 2, n).astype(float)
        made.append((rng.standard_normal((n, d)), y, rng.standard_normal(d), rng.normal()))
    return made


@task(
    "concepts.logistic_gradient",
    _labelled,
    about="Logistic regression is one unit that says how sure it is. Its gradient is error times "
    "input, averaged over the examples, {eq}`eq-concepts-logistic-gradient`; "
    "{ref}`sec-concepts-likelihood` derives it.",
    hints=(
        "First the logits z = x @ w + b, then p, the sigmoid of z, then the errors p - y.",
        "The gradient by w has the shape of w, (D,): which product of x and the errors has it?",
        "`x.T @ error / len(y)` for the weights. For the bias every input is 1.",
    ),
)
def logistic_gradient(x, y, w, b):
    """Return the gradient of the mean binary cross-entropy by weights and bias.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    y : ndarray, shape (N,)
        0 or 1.
    w : ndarray, shape (D,)
    b : float

    Returns
    -------
    tuple of ndarray of shape (D,) and float
        By `w` and by `b`.
    """
    p = 1 / (1 + np.exp(-(x @ w + b)))
    error = p - y
    return x.T @ error / len(y), error.mean()


@logistic_gradient.mistake(
    "This points downhill. The gradient points uphill, prediction minus target; the minus belongs "
    "to the step."
)
def _(x, y, w, b):
    error = y - _sigmoid(x @ w + b)
    return x.T @ error / len(y), error.mean()


@logistic_gradient.mistake("This is the gradient of the sum over the examples, not of the mean.")
def _(x, y, w, b):
    error = _sigmoid(x @ w + b) - y
    return x.T @ error, error.sum()


@logistic_gradient.mistake(
    "The slope p (1 - p) of the sigmoid is in it, as under the squared error. Under the "
    "cross-entropy it cancels."
)
def _(x, y, w, b):
    p = _sigmoid(x @ w + b)
    return x.T @ ((p - y) * p * (1 - p)) / len(y), ((p - y) * p * (1 - p)).mean()


@logistic_gradient.mistake("The error here is logit minus label: the sigmoid has been left out.")
def _(x, y, w, b):
    error = x @ w + b - y
    return x.T @ error / len(y), error.mean()


@logistic_gradient.mistake(
    "You cut the probability at one half before you subtract. Keep it: small errors count, too."
)
def _(x, y, w, b):
    error = (x @ w + b > 0) - y
    return x.T @ error / len(y), error.mean()


def _networks(rng):
    """Return inputs and the weights of two layers; the first are those of XOR."""
    made = [(BITS, np.ones((2, 2)), np.array([0.0, -1.0]), np.array([1.0, -2.0]), 0.25)]
    for n, d, h in ((6, 3, 4), (5, 4, 7)):
        shapes = (n, d), (d, h), (h,), (h,)
        arrays = [rng.standard_normal(shape) for shape in shapes]
        made.append((*arrays, float(rng.standard_normal())))
    return made


@task(
    "concepts.two_layer_perceptron",
    _networks,
    about="Two hidden units fold the plane so that one line separates XOR, {eq}`eq-concepts-xor`. "
    "Compute {eq}`eq-concepts-two-layer` with ReLU for any number of hidden units; the first input "
    "of the check is the network of {ref}`sec-concepts-xor`, with a little bias at the end.",
    hints=(
        "Two steps: the hidden layer h of shape (N, H), then one logit for each row of it.",
        "ReLU is np.maximum(z, 0), applied to x @ kernel + bias, not to x.",
        "The output unit has weights and a bias of its own, and a sigmoid at its end.",
    ),
)
def two_layer_perceptron(x, w1, b1, w2, b2):
    """Return the probabilities of a network with one hidden ReLU layer.

    Parameters
    ----------
    x : ndarray, shape (N, D)
    w1 : ndarray, shape (D, H)
        Kernel of the hidden layer; a column for each unit.
    b1 : ndarray, shape (H,)
    w2 : ndarray, shape (H,)
        Weights of the one output unit, which has a sigmoid.
    b2 : float

    Returns
    -------
    ndarray, shape (N,)
    """
    h = np.maximum(x @ w1 + b1, 0)
    return 1 / (1 + np.exp(-(h @ w2 + b2)))


@two_layer_perceptron.mistake(
    "Without an activation in the hidden layer the two layers are one plane: XOR is out of reach."
)
def _(x, w1, b1, w2, b2):
    return _sigmoid((x @ w1 + b1) @ w2 + b2)


@two_layer_perceptron.mistake("These are the logits. The output unit ends in a sigmoid.")
def _(x, w1, b1, w2, b2):
    return np.maximum(x @ w1 + b1, 0) @ w2 + b2


@two_layer_perceptron.mistake(
    "The hidden bias is added after ReLU. It has to be inside, where it moves the line of the unit."
)
def _(x, w1, b1, w2, b2):
    return _sigmoid((np.maximum(x @ w1, 0) + b1) @ w2 + b2)


@two_layer_perceptron.mistake(
    "The output bias is missing: where no hidden unit is active your answer is one half, always."
)
def _(x, w1, b1, w2, b2):
    return _sigmoid(np.maximum(x @ w1 + b1, 0) @ w2)
