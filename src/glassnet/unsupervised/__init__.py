"""Learning without labels: clusters, principal components, association rules.

Names and attributes of the classes are those of scikit-learn; randomness comes from a generator
that is passed to ``fit``.
"""

from __future__ import annotations

from glassnet.unsupervised.apriori import (
    FrequentItemsets,
    Level,
    Rule,
    apriori,
    association_rules,
    count_itemsets,
    encode_transactions,
    join_itemsets,
    prune_itemsets,
    rule_measures,
)
from glassnet.unsupervised.kmeans import (
    KMeans,
    KMeansFit,
    assign,
    inertia_curve,
    kmeans_plus_plus,
    lloyd,
    squared_distances,
    update_centres,
)
from glassnet.unsupervised.pca import PCA, flip_signs, principal_components

__all__ = [
    "PCA",
    "FrequentItemsets",
    "KMeans",
    "KMeansFit",
    "Level",
    "Rule",
    "apriori",
    "assign",
    "association_rules",
    "count_itemsets",
    "encode_transactions",
    "flip_signs",
    "inertia_curve",
    "join_itemsets",
    "kmeans_plus_plus",
    "lloyd",
    "principal_components",
    "prune_itemsets",
    "rule_measures",
    "squared_distances",
    "update_centres",
]
