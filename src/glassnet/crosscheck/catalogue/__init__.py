"""Every public component with every option, compared with Keras.

Importing it only lists the cases; TensorFlow is imported when one is run.
"""

from __future__ import annotations

from . import (  # noqa: F401 - each fills the list
    activation_cases,
    architecture_cases,
    attention_cases,
    conv_cases,
    counting_cases,
    energy_cases,
    gan_cases,
    generative_cases,
    graph_cases,
    loss_cases,
    masking_cases,
    network_cases,
    noise_cases,
    normalization_cases,
    perceptron_cases,
    pooling_cases,
    ranking_cases,
    rbm_cases,
    recurrent_cases,
    rl_cases,
    rl_control_cases,
    rl_deep_cases,
    rl_dqn_cases,
    rl_game_cases,
    rl_learning_cases,
    search_cases,
    seq2seq_cases,
    training_cases,
    transformer_cases,
    unsupervised_cases,
    weight_rule_cases,
    wrapper_cases,
)
from .registry import CASES, NOT_COMPARED, Case, case, public_components, run_all, uncovered

__all__ = ["CASES", "NOT_COMPARED", "Case", "case", "public_components", "run_all", "uncovered"]
