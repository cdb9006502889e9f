"""Several inputs of one model: cut into batches together, refused together."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet import layers
from glassnet.models.batches import Data, Inputs, checked_data, checked_inputs, split_off_validation


@pytest.fixture
def first_layers():
    tokens, dense = layers.Embedding(5, 3), layers.Dense(2)
    return [tokens, dense]


def test_they_are_cast_as_their_layers_want(first_layers):
    x = checked_inputs(([[1.0, 2.0]], [[1, 2]]), first_layers, np.float32)
    assert isinstance(x, Inputs)
    tokens, numbers = x
    assert tokens.dtype == np.int64
    assert numbers.dtype == np.float32
    assert x.shape == [(1, 2), (1, 2)]
    assert checked_inputs(x, first_layers, np.float32).shape == x.shape


def test_every_batch_takes_the_same_samples_of_all(first_layers):
    n = 7
    parts = np.arange(n)[:, np.newaxis] % 5, np.arange(n)[:, np.newaxis] + 0.5
    data = checked_data(parts, np.arange(n), None, first_layers, np.float64)
    assert isinstance(data, Data)
    assert data.samples == n
    order = np.random.default_rng(3).permutation(n)
    seen = []
    for batch in data.batches(3, order):
        tokens, numbers = batch.x
        np.testing.assert_array_equal(tokens[:, 0], batch.y % 5)
        np.testing.assert_array_equal(numbers[:, 0], batch.y + 0.5)
        seen += batch.y.tolist()
    assert seen == order.tolist()
    train, validation = split_off_validation(data, 0.3)
    assert [len(train.x), len(validation.x)] == [4, 3]
    np.testing.assert_array_equal(list(validation.x)[1][:, 0], [4.5, 5.5, 6.5])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((2, 3)), "tuple of 2 inputs. Received: ndarray of length 2"),
        (3, "tuple of 2 inputs. Received: int of length 1"),
        (([[1]],), "tuple of 2 inputs. Received: tuple of length 1"),
        (([[1]], [[1.0], [2.0]]), "same length. Received"),
        (([[1]], [[np.nan]]), "must be finite. Received: nan"),
        (([[7]], [[1.0]]), "labels from 0 to 4. Received: 7"),
        ((np.ones((0, 2)), np.ones((0, 2))), "at least one sample"),
    ],
)
def test_refusals(x, message, first_layers):
    with pytest.raises(ValueError, match=message):
        checked_inputs(x, first_layers, np.float64)
