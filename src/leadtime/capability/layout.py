"""How the parameters of the stated model lie in one vector that samples well, and their priors; no compiler is needed.

The vector holds theta, c, log a, log tau and six hyperparameters: rate, m_d, m_t, log s_d, log s_theta, log s_a. c is
the benchmark's logit for its average test-taker (ability `center`), so that slope and location hardly correlate:
d = center - c / a.
"""

from dataclasses import dataclass

import numpy as np

from leadtime.capability.result import DISPERSION_ITEMS, Cells, Floats, Parameters, Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """Mean and standard deviation of each normal prior, and two fixed numbers; calibration varies them.

    Args:
        rate: Of the yearly gain of ability, logits.
        difficulty: Of the mean difficulty m_d, logits.
        misfit: Of the mean log misfit m_t.
        log_s_d: Of log s_d, the spread of difficulties.
        log_s_theta: Of log s_theta, the spread of abilities about the trend.
        log_s_a: Of log s_a, the spread of log discriminations. The K values, whose mean is zero, have K - 1 free
            directions and the density K factors 1 / s_a, so what this comes to is Normal(mean - sd^2, sd).
        pooling: Spread of the log misfits: tight on purpose, a joint mode over free variances collapses.
        dispersion_items: Extra-binomial dispersion of a score, as a number of items.
    """

    rate: tuple[float, float] = (1.0, 1.0)
    difficulty: tuple[float, float] = (0.0, 3.0)
    misfit: tuple[float, float] = (-1.0, 1.0)
    log_s_d: tuple[float, float] = (0.7, 0.5)
    log_s_theta: tuple[float, float] = (0.0, 0.5)
    log_s_a: tuple[float, float] = (-1.0, 0.3)
    pooling: float = 0.25
    dispersion_items: float = DISPERSION_ITEMS

    @property
    def spreads(self) -> tuple[tuple[float, float], ...]:
        """Priors of the last three parameters: log s_d, log s_theta, log s_a."""
        return self.log_s_d, self.log_s_theta, self.log_s_a


PRIORS = Priors()


class Layout:
    """The parameter vector of one set of cells.

    Args:
        cells: What the likelihood sees.
        center: Ability of each benchmark's average test-taker, shape (benchmark,); a guess by date where it is not
            known yet.
        priors: The priors.
    """

    def __init__(self, cells: Cells, center: Floats | None = None, priors: Priors = PRIORS) -> None:
        self.cells, self.priors = cells, priors
        self.center = self.average(0.6 * cells.years) if center is None else center

    def average(self, theta: Floats) -> Floats:
        """Return the mean ability of each benchmark's test-takers, shape (benchmark,)."""
        b, k = self.cells.benchmark, len(self.cells.benchmarks)
        n = np.maximum(np.bincount(b, minlength=k), 1)
        found: Floats = np.bincount(b, theta[self.cells.model], minlength=k) / n
        return found

    def start(self) -> Floats:
        """Return a sensible parameter vector to begin from."""
        k = len(self.cells.benchmarks)
        hyper = [1.0, 0.0, -1.0, 0.7, 0.0, -1.0]
        return np.concatenate([0.6 * self.cells.years, np.zeros(k), np.zeros(k), np.full(k, -1.0), hyper])

    def named(self, x: Floats) -> Parameters:
        """Return the parts of vectors of shape (..., parameter)."""
        m, k = len(self.cells.models), len(self.cells.benchmarks)
        log_a = x[..., m + k : m + 2 * k]
        slope = np.exp(log_a - log_a.mean(axis=-1, keepdims=True))
        difficulty = self.center - x[..., m : m + k] / slope
        misfit = np.exp(x[..., m + 2 * k : m + 3 * k])
        return Parameters(theta=x[..., :m], difficulty=difficulty, discrimination=slope, misfit=misfit)

    def trend(self, x: Floats) -> Trend:
        """Return the trend of abilities of vectors of shape (..., parameter)."""
        return Trend(rate=x[..., -6], spread=np.exp(x[..., -2]))

    def spread_residuals(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what s_d, s_theta and s_a are the spreads of, for vectors of shape (draw, parameter)."""
        named = self.named(x)
        rate, m_d = x[:, -6, None], x[:, -5, None]
        return named.difficulty - m_d, named.theta - rate * self.cells.years, np.log(named.discrimination)
