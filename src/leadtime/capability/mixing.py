r"""Have the chains mixed? Rank-normalized split R-hat and bulk effective sample size, of all parameters at once.

Draws $x$ of a parameter become normal scores of their ranks, $z = \Phi^{-1}\bigl((r - 3/8) / (S + 1/4)\bigr)$, and each
chain is split in two. R-hat is $\sqrt{(B / W + n - 1) / n}$ of the scores, or of those of $|x - \mathrm{median}|$ where
that is larger. The effective size is $S / \tau$ with $\tau = -1 + 2 \sum_k P_k + \rho_{2K}$: pairs
$P_k = \rho_{2k} + \rho_{2k+1}$ of autocorrelations, while they are above 0 (K is the first that is not), each no larger
than the one before.

References: Vehtari, Gelman, Simpson, Carpenter, Buerkner (2021), Rank-normalization, folding, and localization; Geyer
(1992), Practical Markov chain Monte Carlo.
"""

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

from leadtime.capability.result import Floats


def mixing(x: Floats) -> tuple[Floats, Floats]:
    """Return R-hat and the bulk effective sample size of each parameter, both of shape (parameter,).

    Args:
        x: Draws, shape (chain, draw, parameter). Of fewer than two chains or eight draws both are nan: not known.
    """
    if x.shape[0] < 2 or x.shape[1] < 8:
        return np.full(x.shape[2], np.nan), np.full(x.shape[2], np.nan)
    half = x.shape[1] // 2
    split = np.concatenate([x[:, :half], x[:, -half:]]).transpose(2, 0, 1)  # parameter, chain, draw
    scores = _scores(split)
    folded = np.abs(split - np.median(split, axis=(1, 2), keepdims=True))
    return np.maximum(_r_hat(scores), _r_hat(_scores(folded))), _effective(scores)


def _scores(x: Floats) -> Floats:
    flat = x.reshape(len(x), -1)
    return np.asarray(ndtri((rankdata(flat, axis=1) - 0.375) / (flat.shape[1] + 0.25))).reshape(x.shape)


def _r_hat(z: Floats) -> Floats:
    n = z.shape[2]
    between, within = n * z.mean(axis=2).var(axis=1, ddof=1), z.var(axis=2, ddof=1).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt((between / within + n - 1) / n))


def _effective(z: Floats) -> Floats:
    n_chains, n = z.shape[1:]
    size, most = n_chains * n, (n - 3) // 2  # the last pair that is looked at
    length = next_fast_len(2 * n, real=True)
    power = np.abs(rfft(z - z.mean(axis=2, keepdims=True), length)) ** 2
    covariance = irfft(power.mean(axis=1), length)[:, : 2 * most + 2] / n
    within = covariance[:, :1] * n / (n - 1)
    whole = within * (n - 1) / n + z.mean(axis=2).var(axis=1, ddof=1)[:, None]
    still = whole[:, 0] <= 0.0  # a parameter that does not move
    rho = 1 - (within - covariance) / np.where(still[:, None], 1.0, whole)
    rho[:, 0] = 1.0
    pairs = rho[:, 0::2] + rho[:, 1::2]
    over = pairs <= 0
    last = np.where(over.any(axis=1), over.argmax(axis=1), most)
    counted = np.where(np.arange(most + 1) < last[:, None], np.minimum.accumulate(pairs, axis=1), 0.0)
    rest = np.take_along_axis(rho[:, 0::2], last[:, None], axis=1)[:, 0]
    rest = np.where((rest > 0) | ~over.any(axis=1), rest, 0.0)
    time = np.maximum(-1 + 2 * counted.sum(axis=1) + rest, 1 / np.log10(size))
    return np.where(still, float(size), size / time)
