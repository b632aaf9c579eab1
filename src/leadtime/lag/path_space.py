r"""The coordinates in which the path is sampled: the lag itself, and directions in which the density is about as wide.

The vector $x$ of `path_model` holds the normals behind the lag. Where the lag is measured well, they would all have to
move whenever its mean, spread or persistence does, and a chain would creep. So $v$ has the lag at its knots instead,
$v_k = (L_k - \mu_0) / \sigma_0$ with $\mu_0, \sigma_0$ the centers of the priors, and is $x$ elsewhere. With $n$ knots,
spread $\sigma$ and persistence $\varphi$

$$-\log p(v) = U(x(v)) + n \log \sigma + \tfrac{n - 1}{2} \log(1 - \varphi^2) + \mathrm{const.}$$

Then $v = c + C z$ with $C C^\top = \bar H^{-1}$, $\bar H$ the mean Hessian of $-\log p$ over some likely vectors, so
that $z$ is about as wide in every direction.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from leadtime.capability.result import Floats
from leadtime.lag import path_model
from leadtime.lag.path_design import Design
from leadtime.lag.path_model import PRIORS

_MEAN, _SPREAD = PRIORS.mean_months[0], float(np.exp(PRIORS.log_spread[0]))
#: Least curvature of a direction; the prior alone has one of 1.
_LEAST_CURVATURE = 0.5


class Directions(NamedTuple):
    """A center, shape (parameter,), and directions from it, the columns of a matrix."""

    center: Any
    axes: Any


def vector(v: Any, d: Design) -> Any:
    """Return the vector of `path_model` behind coordinates."""
    mean, spread, persistence = path_model.process(v)
    apart = (_MEAN + _SPREAD * v[_lag(d)] - mean) / spread
    later = (apart[1:] - persistence * apart[:-1]) / jnp.sqrt(1 - persistence**2)
    return v.at[_lag(d)].set(jnp.concatenate([apart[:1], later]))


def coordinates(x: Any, d: Design) -> Any:
    """Return the coordinates of a vector of `path_model`."""
    return x.at[_lag(d)].set((path_model.named(x, d).lag - _MEAN) / _SPREAD)


def potential(v: Any, d: Design, seen: tuple[Any, Any, Any]) -> Any:
    """Return the negative log density of coordinates, up to a constant."""
    _, spread, persistence = path_model.process(v)
    n = len(d.lag_knots)
    return (
        path_model.potential(vector(v, d), d, seen) + n * jnp.log(spread) + (n - 1) / 2 * jnp.log1p(-(persistence**2))
    )


def curvature(some: Any, d: Design, seen: tuple[Any, Any, Any]) -> Any:
    """Return the mean Hessian of the potential over coordinates of shape (vector, parameter)."""

    def hessian(v: Any) -> Any:
        slope = jax.grad(lambda u: potential(u, d, seen))
        return jax.lax.map(lambda e: jax.jvp(slope, (v,), (e,))[1], jnp.eye(len(v)))

    return jax.lax.map(hessian, some).mean(axis=0)


def axes_of(curvature: Floats) -> Floats:
    """Return directions in which a curvature is one, and none longer than the least curvature allows."""
    size, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    return np.asarray(axes / np.sqrt(np.maximum(size, _LEAST_CURVATURE)))


def _lag(d: Design) -> slice:
    first = path_model.N_HYPER + len(d.knots)
    return slice(first, first + len(d.lag_knots))
