r"""Item curves: P(theta) = c + (1 - c) / (1 + exp(-a (theta - b))), their logarithms and slopes at nodes."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leadtime.capability.result import Floats

Bools = NDArray[np.bool_]
#: What each model lets vary by item; `1pl` has one discrimination for all.
IRT = ("1pl", "2pl", "3pl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Item parameters, each of shape (item,).

    Args:
        log_a: Logarithm of the discrimination, per unit of theta.
        b: Difficulty, in units of theta.
        c: Chance to be right without ability, 0 up to 1; 0 in 1pl and 2pl.
    """

    log_a: Floats
    b: Floats
    c: Floats

    @property
    def a(self) -> Floats:
        """Discrimination, shape (item,)."""
        return np.asarray(np.exp(self.log_a))

    def only(self, which: slice | NDArray[np.int64] | Bools) -> "Curves":
        """Return the curves of some items."""
        return Curves(log_a=self.log_a[which], b=self.b[which], c=self.c[which])

    def rescaled(self, mean: float, sd: float) -> "Curves":
        """Return the same curves for theta measured as (theta - mean) / sd."""
        return replace(self, log_a=self.log_a + np.log(sd), b=(self.b - mean) / sd)

    def logs(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return log odds and log(1 - P), both of shape (item, theta)."""
        eta = self.a[:, None] * (theta - self.b[:, None])
        with np.errstate(divide="ignore"):
            log_c = np.log(self.c)[:, None]
        wrong = np.log1p(-self.c)[:, None] - np.logaddexp(0.0, eta)
        odds = np.logaddexp(log_c, eta) if self.c.any() else eta
        return odds - np.log1p(-self.c)[:, None], wrong

    def slopes(self, theta: Floats, n_parameters: int) -> tuple[Floats, Floats]:
        """Return P (item, theta) and its slopes by log a, b and logit c (parameter, item, theta)."""
        a, c = self.a[:, None], self.c[:, None]
        eta = np.clip(a * (theta - self.b[:, None]), -30.0, 30.0)
        s = 1 / (1 + np.exp(-eta))
        p = np.clip(c + (1 - c) * s, 1e-7, 1 - 1e-7)
        v = (1 - c) * s * (1 - s)
        parts = [v * eta, -a * v, (1 - s) * c * (1 - c)]
        return p, np.stack(parts[:n_parameters])

    def probability(self, theta: Floats) -> Floats:
        """Return P, shape (item, theta)."""
        return self.slopes(theta, 1)[0]
