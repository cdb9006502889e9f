"""Exercises of the chapter on reinforcement learning: each reference against the package."""

from __future__ import annotations

import numpy as np
from exercise_cases import each_case

from glassnet import rl
from glassnet.exercises.task import tasks_of
from glassnet.gradcheck import numerical_gradient

TASKS = tasks_of("rl")


def test_discounted_returns_are_those_of_the_package():
    for case, answer in each_case("rl.discounted_returns"):
        np.testing.assert_allclose(answer, rl.discounted_returns(*case), rtol=1e-12)


def test_bellman_backup_is_that_of_the_package():
    for (values, transitions, rewards, terminal, gamma), answer in each_case("rl.bellman_backup"):
        mdp = rl.TabularMDP(transitions, rewards, terminal)
        expected = rl.bellman_optimality(values, mdp, gamma)
        np.testing.assert_allclose(answer, expected, rtol=1e-12)
        assert not values[terminal].any()


def test_epsilon_greedy_probabilities_are_those_of_the_package():
    for case, answer in each_case("rl.epsilon_greedy_probabilities"):
        np.testing.assert_allclose(answer, rl.epsilon_greedy_probabilities(*case), rtol=1e-12)
        np.testing.assert_allclose(answer.sum(axis=1), 1)


def test_q_learning_update_is_that_of_the_package():
    ends = set()
    for (q, step, alpha, gamma), answer in each_case("rl.q_learning_update"):
        table = q.copy()
        rl.q_learning_update(table, *step, alpha, gamma)
        np.testing.assert_allclose(answer, table, rtol=1e-12)
        ends.add(step[-1])
    assert ends == {False, True}


def test_policy_gradient_is_that_of_the_package_and_of_finite_differences():
    for (logits, actions, advantages), answer in each_case("rl.policy_gradient"):
        expected = -rl.policy_gradient_loss_gradient(logits, actions, advantages)
        np.testing.assert_allclose(answer, expected, rtol=1e-12, atol=1e-15)
        if np.abs(logits).max() < 10:
            numbers = numerical_gradient(
                lambda z, a=actions, w=advantages: -rl.policy_gradient_loss(z, a, w), logits
            )
            np.testing.assert_allclose(answer, numbers, atol=1e-8)


def test_policy_gradient_is_tried_on_logits_that_overflow():
    logits = TASKS["rl.policy_gradient"].cases()[-1][0]
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(logits)).any()
