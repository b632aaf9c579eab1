"""A Dask cluster, by the address of its scheduler."""

from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.extras import missing

#: So long a scheduler may take to answer.
_PATIENCE_SECONDS = 8.0


def connect(address: str) -> Any:
    """Return a client of the scheduler.

    Raises:
        LeadtimeError: It does not answer, or dask is not installed.
    """
    try:
        from dask.distributed import Client
    except ImportError:
        raise missing("cluster", "Dask is not installed", where="--cluster") from None
    try:
        return Client(address, timeout=_PATIENCE_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise LeadtimeError(
            f"the cluster's scheduler does not answer ({reason})",
            where=f"--cluster {address}",
            fix="Start one with `dask scheduler` and workers with `dask worker ADDRESS`.",
        ) from None
