"""R-hat and effective sample size of all parameters at once, against ArviZ one by one."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from leadtime.capability.mixing import mixing


@pytest.mark.parametrize("shape", [(4, 300, 12), (2, 9, 12), (3, 31, 12)])
@pytest.mark.parametrize("persistence", [-0.6, 0.0, 0.95])
def test_they_are_those_of_arviz(shape, persistence):
    x = np.random.default_rng(shape[1]).normal(size=shape)
    for t in range(1, shape[1]):
        x[:, t] += persistence * x[:, t - 1]
    x[0, :, 0] += 3.0  # a chain apart
    x[..., 1] = np.round(x[..., 1])  # ties
    r_hat, effective = mixing(x)
    np.testing.assert_allclose(r_hat, array_stats.rhat(x, chain_axis=0, draw_axis=1), rtol=1e-12)
    np.testing.assert_allclose(effective, array_stats.ess(x, chain_axis=0, draw_axis=1, method="bulk"), rtol=1e-10)


def test_what_does_not_move_or_is_too_short_is_never_called_mixed():
    r_hat, _ = mixing(np.ones((4, 50, 2)))
    assert not (r_hat <= 1.01).any()
    for shape in ((1, 50, 2), (4, 7, 2)):
        assert np.isnan(mixing(np.random.default_rng(0).normal(size=shape))).all()
