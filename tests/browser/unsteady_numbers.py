"""Cells whose printed numbers a browser cannot repeat: page by page a line of each, and why.

The browser's NumPy adds in another order than the build's, so a sum may differ in its last bit. In
most cells it stays at that. In these it grows, until the printed places differ. What such a cell
claims it asserts, and its assertions hold in the browser as everywhere else
(`tools/perturbed_pages.py` tries them with other last bits); only its numbers are not compared.
"""

from __future__ import annotations

TRAINED = "the end of a training: many small steps, each of which hangs on all before"
EXPLODED = "gradients that grow with every step, and their last bits with them"
JUMPING = "steps too long to converge, so that the iterates jump about"

UNSTEADY = {
    "chapters/02_activations/fact_check": {"train, test error of three seeds": TRAINED},
    "chapters/04_backprop/vanishing": {"print(plan, np.round(runs, 2)": TRAINED},
    "chapters/05_optimisation/initialisation": {'print(f"{name:20}", np.round(values': TRAINED},
    "chapters/05_optimisation/learning_rate": {"times the limit: after 100 steps": JUMPING},
    "chapters/05_optimisation/race": {"turned: {middle[name]:.1e}": JUMPING},
    "chapters/06_regularisation/dropout_batchnorm": {
        "test accuracy by seed": TRAINED,
        "p = 0.5: test loss": TRAINED,
    },
    "chapters/06_regularisation/fact_check": {
        "gap at depth 1, 3, 5": TRAINED,
        'table["normalised", 16] < table["plain", 16]': TRAINED,
    },
    "chapters/06_regularisation/overfitting": {
        "size[name] < 0.85": TRAINED,
        "{name:15} training {runs[:, 0].mean():.3f}": TRAINED,
        "{points_in_training:5} points": TRAINED,
    },
    "chapters/08_cnn/architectures": {
        'size = f"{table.params:9,} weights': TRAINED,
        "lost by silencing one:": TRAINED,
        "{name:16} loses {lost:.3f}": TRAINED,
    },
    "chapters/08_cnn/fact_check": {"dense weights, accuracy": TRAINED},
    "chapters/09_rnn/fact_check": {'f"{np.median(v):.0e}"': EXPLODED},
    "chapters/09_rnn/index": {"{exploded.min():.0e}": EXPLODED},
    "chapters/09_rnn/lag": {
        "long = table(LAG)": TRAINED,
        "longest gradients": EXPLODED,
        "{gate_bias}, seed {seed}: {right": TRAINED,
        "loss after clipped training": TRAINED,
        "solved: {steps}, loss at the end": TRAINED,
    },
    "chapters/10_seq2seq/index": {
        "written {written[k]:>9}": TRAINED,
        "search errors {missed.mean():.3f}": TRAINED,
        '"digits written:"': TRAINED,
        "after it: forced": TRAINED,
    },
    "chapters/10_seq2seq/translation": {
        "seed {seed}: exact match": TRAINED,
        "with length penalty 1": TRAINED,
        "gain for 3 to 8 digits": TRAINED,
    },
    "chapters/11_attention/fact_check": {"cases: changed by the one": TRAINED},
    "chapters/11_attention/index": {
        "largest weight: own": TRAINED,
        "the first changes": TRAINED,
        "as they are, pieces in another order": TRAINED,
    },
    "chapters/11_attention/seq2seq_attention": {
        "effective number of states {effective": TRAINED,
        "as it is, largest, without it, equal": TRAINED,
        "7 and 8 digits:": TRAINED,
    },
    "chapters/11_attention/transformer": {
        "print(name, curve.round(2))": TRAINED,
        "{right} right of all 900": TRAINED,
    },
    "chapters/13_generative/digits": {
        "last thousand": TRAINED,
        'print(f"seed {seed}:", "  ".join': TRAINED,
    },
    "chapters/13_generative/fact_check": {"answer to data {scores[0]:.2f}": TRAINED},
    "chapters/13_generative/index": {
        "for b, shares in goods.items()": TRAINED,
        "new judge {judge:.2f}": TRAINED,
    },
    "chapters/13_generative/ring": {
        "covered {held} times": TRAINED,
        "modes {covered.tolist()}": TRAINED,
        "modes {ends[beta_1].tolist()}": TRAINED,
    },
    "chapters/14_rl/cartpole": {
        "seed {seed}: mean": TRAINED,
        "upright {hopes[0]:.2f}": TRAINED,
        "kept at {marks.max():.1f}": TRAINED,
    },
}
