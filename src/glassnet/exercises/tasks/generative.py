"""Exercises of chapter 13: the game, its divergence, how to judge samples, diffusion."""

from __future__ import annotations

import numpy as np

from glassnet.exercises.task import task


def _densities(rng):
    """Return densities, some of them 0 in one place, in the other, in both."""
    p, q = np.array([[0.5, 0.0, 0.25, 0.0], [0.0, 1.0, 3.0, 0.5]]), np.array([0.5, 0.75, 0.0, 0.0])
    return [(rng.random(6), rng.random(6)), (p, np.stack([q, q[::-1]]))]


@task(
    "generative.optimal_discriminator",
    _densities,
    about="The answer of a perfect discriminator, if somebody told it both densities: "
    "{prf:ref}`thm-gen-optimal`. The proof also says what is best where one density is 0.",
    hints=(
        "At each point on its own: which share of what is found there comes from the data?",
        "Where both are 0, first divide by something harmless, then put in 1/2 by `np.where`.",
    ),
)
def optimal_discriminator(p, q):
    """Return the best probability to be real, at every point.

    Parameters
    ----------
    p : ndarray, any shape
        Density of the data at some points.
    q : ndarray, same shape
        Density of the generator's samples at the same points.

    Returns
    -------
    ndarray, same shape
        1/2 where both densities are 0.
    """
    nowhere = p + q == 0
    return np.where(nowhere, 0.5, p / np.where(nowhere, 1, p + q))


@optimal_discriminator.mistake("Where both densities are 0 you divide 0 by 0, and get NaN.")
def _(p, q):
    return p / (p + q)


@optimal_discriminator.mistake("This is the probability to be *made*: the data belong on top.")
def _(p, q):
    nowhere = p + q == 0
    return np.where(nowhere, 0.5, q / np.where(nowhere, 1, p + q))


@optimal_discriminator.mistake("The small number below makes your answer 0 where both are 0.")
def _(p, q):
    return p / (p + q + 1e-12)


@optimal_discriminator.mistake("You decide, between 0, 1/2 and 1. The answer is a probability.")
def _(p, q):
    return 0.5 + np.sign(p - q) / 2


def _logits(rng):
    """Return logits of real and of made samples, in two numbers, some of them extreme."""
    return [
        (2 * rng.standard_normal((5, 1)), 2 * rng.standard_normal((7, 1))),
        (np.array([[-2.0], [30.0]]), np.array([[60.0], [1.0], [-40.0]])),
        (np.array([[800.0], [-900.0]]), np.array([[-1000.0], [0.0], [1000.0]])),
    ]


@task(
    "generative.discriminator_loss",
    _logits,
    about="What the discriminator minimises, {eq}`eq-gen-loss-d`, from its logits: without a "
    "sigmoid whose logarithm could be minus infinity, {eq}`eq-gen-logits`.",
    hints=(
        "Real samples want a large logit, made ones a small one: which sign goes into softplus?",
        "`np.logaddexp(0, u)` is softplus without overflow.",
        "One mean for each kind of samples; the two means are added.",
    ),
)
def discriminator_loss(real_logits, fake_logits):
    """Return the loss of a discriminator: the mean loss on real plus that on made samples.

    Parameters
    ----------
    real_logits : ndarray, shape (N, 1)
        What it says of data.
    fake_logits : ndarray, shape (M, 1)
        What it says of the generator's samples; all up to 1000 in absolute value.

    Returns
    -------
    float, a single number (no shape)
    """
    return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, fake_logits).mean()


@discriminator_loss.mistake(
    "A sigmoid has rounded to 0 or 1, and its logarithm is infinite: put the two into one function."
)
def _(real, fake):
    return -np.log(1 / (1 + np.exp(-real))).mean() - np.log(1 - 1 / (1 + np.exp(-fake))).mean()


@discriminator_loss.mistake("You clip the probabilities: the loss stops at 16, the slope at 0.")
def _(real, fake):
    real, fake = (np.clip(1 / (1 + np.exp(-u)), 1e-7, 1 - 1e-7) for u in (real, fake))
    return -np.log(real).mean() - np.log(1 - fake).mean()


@discriminator_loss.mistake("The labels are exchanged: real samples are to have *large* logits.")
def _(real, fake):
    return np.logaddexp(0, real).mean() + np.logaddexp(0, -fake).mean()


@discriminator_loss.mistake(
    "Made samples are labelled as real here, too: that is the *other* player."
)
def _(real, fake):
    return np.logaddexp(0, -real).mean() + np.logaddexp(0, -fake).mean()


@discriminator_loss.mistake("You take one mean over all samples. Each kind has a mean of its own.")
def _(real, fake):
    return np.concatenate([np.logaddexp(0, -real), np.logaddexp(0, fake)]).mean()


@task(
    "generative.generator_loss_gradient",
    lambda rng: [
        (2 * rng.standard_normal((5, 1)), False),
        (2 * rng.standard_normal((3, 1)), True),
        (np.array([[-1000.0], [-8.0], [0.0], [1000.0]]), False),
        (np.array([[-1000.0], [8.0], [0.5], [1000.0]]), True),
    ],
    about="The whole difference between the two losses of a generator is here, in their slopes by "
    "the logits, {eq}`eq-gen-grad-g`. {ref}`sec-gen-saturation` says which of them survives a good "
    "discriminator.",
    hints=(
        "The derivative of softplus is the sigmoid; mind the sign inside and the sign in front.",
        "Both slopes are negative for every logit. At which end does each of them fade?",
        "With e = exp(-|u|): the sigmoid is 1 / (1 + e) where u >= 0, and e / (1 + e) elsewhere.",
    ),
)
def generator_loss_gradient(fake_logits, saturating):
    """Return the gradient of the generator's loss by the logits of its samples.

    Parameters
    ----------
    fake_logits : ndarray, shape (N, 1)
        Up to 1000 in absolute value.
    saturating : bool
        True: the loss is the mean of log(1 - D). False: the mean of -log D.

    Returns
    -------
    ndarray, shape (N, 1)
    """
    u = fake_logits if saturating else -fake_logits
    e = np.exp(-np.abs(u))
    return -np.where(u >= 0, 1, e) / (1 + e) / len(u)


def _sigmoid(u):
    """Return the sigmoid; the wrong answers below need it."""
    return np.exp(-np.logaddexp(0, -u))


@generator_loss_gradient.mistake("The two losses are exchanged: yours fades where D says no.")
def _(u, saturating):
    return -_sigmoid(-u if saturating else u) / len(u)


@generator_loss_gradient.mistake(
    "This is the slope by D. One link is missing, from D to the logit."
)
def _(u, saturating):
    return -1 / (_sigmoid(-u) if saturating else _sigmoid(u)) / len(u)


@generator_loss_gradient.mistake("The exponential overflows, and where it does the result is NaN.")
def _(u, saturating):
    e = np.exp(u if saturating else -u)
    return -e / (1 + e) / len(u)


def _distributions(rng):
    """Return pairs of distributions; apart, alike, and with zeros here and there."""
    return [
        (np.array([0.5, 0.0, 0.5, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])),
        (rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))),
        (np.array([1.0, 0.0]), np.array([0.0, 1.0])),
    ]


@task(
    "generative.jensen_shannon",
    _distributions,
    about="Against a perfect discriminator the generator minimises this divergence, "
    "{eq}`eq-gen-value-jsd`. It is finite for all distributions: {ref}`sec-gen-jsd` says what that "
    "is good for, and what it costs.",
    hints=(
        "Both are compared with their mixture m, which is 0 only where both are 0.",
        "A term with p = 0 counts as 0: take those out before the logarithm.",
        "The divergence is the mean of KL(p, m) and KL(q, m).",
    ),
)
def jensen_shannon(p, q):
    """Return the Jensen-Shannon divergence of two distributions, in nats.

    Parameters
    ----------
    p, q : ndarray, shape (K,)
        Probabilities of the same K outcomes; some may be 0.

    Returns
    -------
    float, a single number (no shape)
    """

    def kl(a, b):
        there = a > 0
        return np.sum(a[there] * np.log(a[there] / b[there]))

    m = (p + q) / 2
    return (kl(p, m) + kl(q, m)) / 2


def _kl(a, b):
    return np.sum(a * np.log(np.where(a > 0, a, 1) / np.where(a > 0, b, 1)))


@jensen_shannon.mistake("A probability of 0 gives 0 times minus infinity, NaN. It counts as 0.")
def _(p, q):
    m = (p + q) / 2
    return (np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2


@jensen_shannon.mistake("Only p is compared with the mixture. The divergence is symmetric.")
def _(p, q):
    return _kl(p, (p + q) / 2)


@jensen_shannon.mistake("This is the sum of the two divergences from the mixture, not their mean.")
def _(p, q):
    return _kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)


@jensen_shannon.mistake("You compare p and q with each other, not with their mixture.")
def _(p, q):
    return (_kl(p, q) + _kl(q, p)) / 2


@jensen_shannon.mistake("This is in bits, between 0 and 1. In nats it goes up to log 2.")
def _(p, q):
    return (_kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)) / np.log(4)


@jensen_shannon.mistake(
    "This is the square root of it: a distance, and what some libraries return."
)
def _(p, q):
    return np.sqrt((_kl(p, (p + q) / 2) + _kl(q, (p + q) / 2)) / 2)


@task(
    "generative.mmd_squared",
    lambda rng: [
        (rng.standard_normal((6, 2)), rng.standard_normal((4, 2)) + 1, 0.7),
        (rng.standard_normal((5, 3)), rng.standard_normal((8, 3)), 2.0),
    ],
    about="A distance between two clouds of points that needs no training, {eq}`eq-gen-mmd`. "
    "{ref}`sec-gen-mmd` says why a point is not paired with itself.",
    hints=(
        "Write the kernel for two clouds at once: a table of all pairs of rows.",
        "`x[:, None] - y` has the shape (n, m, D); square it and sum over the last axis.",
        "A cloud with itself: the sum of its table, less the diagonal, over n (n - 1) pairs.",
    ),
)
def mmd_squared(x, y, width):
    """Return the unbiased estimate of the squared maximum mean discrepancy.

    The kernel is exp(-d² / (2 h²)), with the distance d of two points and the width h.

    Parameters
    ----------
    x : ndarray, shape (n, D)
    y : ndarray, shape (m, D)
    width : float

    Returns
    -------
    float, a single number (no shape)
    """

    def kernel(a, b):
        squares = ((a[:, None] - b) ** 2).sum(axis=-1)
        return np.exp(-squares / (2 * width**2))

    def within(a):
        return (kernel(a, a).sum() - len(a)) / (len(a) * (len(a) - 1))

    return within(x) + within(y) - 2 * kernel(x, y).mean()


def _mmd(x, y, scale, own=1, cross=2):
    """Return an estimate with exponent d² / scale; `own` diagonals are taken out."""
    tables = [np.exp(-((a[:, None] - b) ** 2).sum(axis=-1) / scale) for a, b in ((x, x), (y, y))]
    within = sum((t.sum() - own * len(t)) / (len(t) * (len(t) - own)) for t in tables)
    return within - cross * np.exp(-((x[:, None] - y) ** 2).sum(axis=-1) / scale).mean()


@mmd_squared.mistake("Each point is paired with itself, too: the estimate is biased upward.")
def _(x, y, width):
    return _mmd(x, y, 2 * width**2, own=0)


@mmd_squared.mistake("The pairs across count once. Multiply the square out: they come twice.")
def _(x, y, width):
    return _mmd(x, y, 2 * width**2, cross=1)


@mmd_squared.mistake("In the exponent the width is not squared.")
def _(x, y, width):
    return _mmd(x, y, 2 * width)


@mmd_squared.mistake("In the exponent the factor 2 below the fraction line is missing.")
def _(x, y, width):
    return _mmd(x, y, width**2)


def _steps(rng):
    """Return examples, the step of each, variances of more steps, and noise."""
    draw, sizes = rng.standard_normal, ((5, 3, [1, 7, 4, 2, 4]), (3, 4, [6, 1, 3]))
    return [
        (draw((n, d)), np.array(t), rng.uniform(0.02, 0.3, 8), draw((n, d))) for n, d, t in sizes
    ]


@task(
    "generative.diffuse",
    _steps,
    about="Training a diffusion model needs an example after t steps of noise, for any t, at once. "
    "{prf:ref}`thm-gen-diffusion` makes one step of all of them.",
    hints=(
        "What is left of the data after t steps is a product of t factors: `np.cumprod`.",
        "The steps count from 1, an array from 0: the first has the index 0.",
        "The two factors are roots, and their squares add up to 1.",
    ),
)
def diffuse(x, t, beta, noise):
    """Return examples after t steps of the forward process, each with its own t.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        The clean examples.
    t : ndarray of int, shape (N,)
        From 1 to T.
    beta : ndarray, shape (T,)
        The variances of the steps 1 to T.
    noise : ndarray, shape (N, D)
        Standard normal.

    Returns
    -------
    ndarray, shape (N, D)
    """
    kept = np.cumprod(1 - beta)[t - 1][:, None]
    return np.sqrt(kept) * x + np.sqrt(1 - kept) * noise


def _mixed(x, kept, noise, root=np.sqrt):
    return root(kept)[:, None] * x + root(1 - kept)[:, None] * noise


@diffuse.mistake("The roots are missing: variances add up to 1, and these are deviations.")
def _(x, t, beta, noise):
    return _mixed(x, np.cumprod(1 - beta)[t - 1], noise, root=np.positive)


@diffuse.mistake("This is one step with the variance of step t. All steps up to t have acted.")
def _(x, t, beta, noise):
    return _mixed(x, (1 - beta)[t - 1], noise)


@diffuse.mistake("One step too many: those of t count from 1, the entries of beta from 0.")
def _(x, t, beta, noise):
    return _mixed(x, np.cumprod(1 - beta)[t], noise)


@diffuse.mistake("The noise has the factor of step t alone; that of all steps has piled up.")
def _(x, t, beta, noise):
    return np.sqrt(np.cumprod(1 - beta)[t - 1])[:, None] * x + np.sqrt(beta[t - 1])[:, None] * noise
