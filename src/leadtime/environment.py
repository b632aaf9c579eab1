"""What numbers are computed with: the versions that can move them, and one thread for linear algebra."""

import functools
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

#: Packages whose version can move a number.
PACKAGES = ("leadtime", "numpy", "scipy", "polars", "jax", "jaxlib", "numpyro")


def installed() -> dict[str, str]:
    """Return the versions of the packages that can move a number."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@functools.cache
def recorded() -> dict[str, str]:
    """Return what every result says of where it was computed: Python, processor, packages."""
    here = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    return here | {name: v for name, v in installed().items() if name != "leadtime"}


@contextmanager
def one_thread() -> Iterator[None]:
    """Do linear algebra on one thread, so that the same seed gives the same bytes on any number of processors.

    A matrix product split over two threads adds in another order than on one. The last digit that differs then turns
    the axes along which a posterior is drawn, and every draw with them.
    """
    import scipy.linalg  # noqa: F401 - it brings a library of its own, which must be there to be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
