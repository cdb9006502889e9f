"""Reinforcement learning: environments, dynamic programming, and learning from experience."""

from __future__ import annotations

from glassnet.rl.actor_critic import (
    ActorCritic,
    Rollout,
    collect_rollout,
)
from glassnet.rl.adapters import (
    GymnasiumEnvironment,
    OneHotEnvironment,
    as_gymnasium,
)
from glassnet.rl.advantages import (
    generalized_advantages,
    td_errors,
)
from glassnet.rl.bandits import (
    BanditRun,
    play_bandits,
    upper_confidence_bounds,
)
from glassnet.rl.cartpole import (
    CartPole,
    VectorCartPole,
    cart_pole_accelerations,
    cart_pole_failed,
    cart_pole_step,
)
from glassnet.rl.chains import (
    MaximizationBias,
    random_walk,
)
from glassnet.rl.dqn import (
    DQN,
    dqn_loss,
    dqn_loss_gradient,
    dqn_targets,
    update_target,
)
from glassnet.rl.dynamic_programming import (
    Evaluation,
    Plan,
    bellman_expectation,
    bellman_optimality,
    greedy_policy,
    policy_evaluation,
    policy_iteration,
    policy_probabilities,
    policy_values,
    q_from_v,
    value_iteration,
)
from glassnet.rl.environments import (
    DiscreteEnvironment,
    Environment,
    Episode,
    Step,
    discounted_returns,
    run_episode,
)
from glassnet.rl.exploration import (
    draw_action,
    epsilon_greedy,
    epsilon_greedy_probabilities,
    linear_decay,
    softmax_probabilities,
    table_policy,
)
from glassnet.rl.gridworld import (
    ACTIONS,
    GridWorld,
    cliff_walk,
    maze,
    random_maze,
    windy_gridworld,
)
from glassnet.rl.mdp import (
    TabularMDP,
)
from glassnet.rl.monte_carlo import (
    monte_carlo_control,
    monte_carlo_prediction,
)
from glassnet.rl.policies import (
    GreedyPolicy,
    SoftmaxPolicy,
    epsilon_greedy_actions,
    sample_actions,
)
from glassnet.rl.policy_gradient import (
    action_log_probabilities,
    entropy,
    entropy_gradient,
    normalize_advantages,
    policy_gradient_loss,
    policy_gradient_loss_gradient,
    score_function,
)
from glassnet.rl.policy_theorem import (
    discounted_visits,
    exact_policy_gradient,
    expected_return,
)
from glassnet.rl.reinforce import (
    Reinforce,
)
from glassnet.rl.replay import (
    ReplayBuffer,
    Transitions,
)
from glassnet.rl.shortest_path import (
    ShortestPath,
    random_roads,
)
from glassnet.rl.tabular import (
    Learning,
    double_q_learning,
    expected_sarsa,
    n_step_sarsa,
    q_learning,
    sarsa,
)
from glassnet.rl.td_prediction import (
    Prediction,
    n_step_td,
    td_prediction,
)
from glassnet.rl.tictactoe import (
    EMPTY_BOARD,
    TicTacToe,
    canonical_board,
    count_games,
    empty_cells,
    minimax_moves,
    minimax_value,
    outcome_probabilities,
    perfect_player,
    place,
    player_to_move,
    random_player,
    reachable_boards,
    show_board,
    winner,
)
from glassnet.rl.updates import (
    double_q_update,
    expected_sarsa_update,
    monte_carlo_update,
    n_step_return,
    q_learning_update,
    sarsa_update,
    td_update,
)
from glassnet.rl.vector import (
    EpisodeLog,
    SyncVectorEnvironment,
    VectorEnvironment,
    VectorStep,
    run_episodes,
)

__all__ = [
    "ACTIONS",
    "DQN",
    "EMPTY_BOARD",
    "ActorCritic",
    "BanditRun",
    "CartPole",
    "DiscreteEnvironment",
    "Environment",
    "Episode",
    "EpisodeLog",
    "Evaluation",
    "GreedyPolicy",
    "GridWorld",
    "GymnasiumEnvironment",
    "Learning",
    "MaximizationBias",
    "OneHotEnvironment",
    "Plan",
    "Prediction",
    "Reinforce",
    "ReplayBuffer",
    "Rollout",
    "ShortestPath",
    "SoftmaxPolicy",
    "Step",
    "SyncVectorEnvironment",
    "TabularMDP",
    "TicTacToe",
    "Transitions",
    "VectorCartPole",
    "VectorEnvironment",
    "VectorStep",
    "action_log_probabilities",
    "as_gymnasium",
    "bellman_expectation",
    "bellman_optimality",
    "canonical_board",
    "cart_pole_accelerations",
    "cart_pole_failed",
    "cart_pole_step",
    "cliff_walk",
    "collect_rollout",
    "count_games",
    "discounted_returns",
    "discounted_visits",
    "double_q_learning",
    "double_q_update",
    "dqn_loss",
    "dqn_loss_gradient",
    "dqn_targets",
    "draw_action",
    "empty_cells",
    "entropy",
    "entropy_gradient",
    "epsilon_greedy",
    "epsilon_greedy_actions",
    "epsilon_greedy_probabilities",
    "exact_policy_gradient",
    "expected_return",
    "expected_sarsa",
    "expected_sarsa_update",
    "generalized_advantages",
    "greedy_policy",
    "linear_decay",
    "maze",
    "minimax_moves",
    "minimax_value",
    "monte_carlo_control",
    "monte_carlo_prediction",
    "monte_carlo_update",
    "n_step_return",
    "n_step_sarsa",
    "n_step_td",
    "normalize_advantages",
    "outcome_probabilities",
    "perfect_player",
    "place",
    "play_bandits",
    "player_to_move",
    "policy_evaluation",
    "policy_gradient_loss",
    "policy_gradient_loss_gradient",
    "policy_iteration",
    "policy_probabilities",
    "policy_values",
    "q_from_v",
    "q_learning",
    "q_learning_update",
    "random_maze",
    "random_player",
    "random_roads",
    "random_walk",
    "reachable_boards",
    "run_episode",
    "run_episodes",
    "sample_actions",
    "sarsa",
    "sarsa_update",
    "score_function",
    "show_board",
    "softmax_probabilities",
    "table_policy",
    "td_errors",
    "td_prediction",
    "td_update",
    "update_target",
    "upper_confidence_bounds",
    "value_iteration",
    "windy_gridworld",
    "winner",
]
