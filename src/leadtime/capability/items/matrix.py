"""Responses as blocks of models: dense where most cells are filled, compressed rows where not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadtime.capability.result import Floats

#: Models turned into 32-bit numbers at a time, which bounds the memory.
CHUNK = 1024
_DENSE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The responses of consecutive models.

    Args:
        first: Number of the first model.
        right: Sum of responses, shape (model, item), an array or a scipy CSR matrix.
        tries: Number of responses behind each sum, or None if every one is exactly 1.
    """

    first: int
    right: Any
    tries: Any = None

    @property
    def n(self) -> int:
        """Number of models."""
        return int(self.right.shape[0])

    @property
    def dense(self) -> bool:
        """Whether the sums are a plain array."""
        return isinstance(self.right, np.ndarray)

    def chunks(self) -> Iterator["Block"]:
        """Yield the block in parts, dense ones as 32-bit numbers."""
        step = CHUNK if self.dense else max(self.n, 1)
        for i in range(0, self.n, step):
            part = slice(i, min(i + step, self.n))
            if not self.dense:
                yield self
                continue
            tries = None if self.tries is None else self.tries[part].astype(np.float32, copy=False)
            yield Block(first=self.first + i, right=self.right[part].astype(np.float32, copy=False), tries=tries)

    def weighted(self, rho: float, phi: float) -> "Block":
        """Return the block with counts divided by their overdispersion phi (1 + (n - 1) rho)."""
        if rho == 0 and phi == 1:
            return self
        if self.tries is None:
            scaled = self.right.astype(np.float32) / np.float32(phi)
            return replace(self, right=scaled, tries=np.full(self.right.shape, 1 / phi, np.float32))
        if self.dense:
            n = self.tries.astype(np.float32)
            share = 1 / (phi * (1 + np.maximum(n - 1, 0) * rho))
            return replace(self, right=(self.right * share).astype(np.float32), tries=(n * share).astype(np.float32))
        right, tries = self.right.copy(), self.tries.copy()
        share = 1 / (phi * (1 + np.maximum(tries.data - 1, 0) * rho))
        right.data, tries.data = right.data * share, tries.data * share
        return replace(self, right=right, tries=tries)

    def forward(self, odds: Floats, wrong: Floats) -> Floats:
        """Return sum over items of right * odds + tries * wrong, shape (model, node)."""
        total = np.asarray(self.right @ odds, dtype=np.float64)
        if self.tries is None:
            return np.asarray(total + wrong.sum(axis=0, dtype=np.float64))
        return np.asarray(total + self.tries @ wrong)

    def backward(self, weight: Floats) -> tuple[Floats, Floats]:
        """Return what each node gets of right and of tries, both of shape (item, node)."""
        right = np.asarray(self.right.T @ weight, dtype=np.float64)
        if self.tries is None:
            return right, np.broadcast_to(weight.sum(axis=0, dtype=np.float64), right.shape)
        return right, np.asarray(self.tries.T @ weight, dtype=np.float64)

    def squares(self, weight: Floats) -> Floats:
        """Return what each node gets of right^2 / tries, shape (item, node)."""
        if self.tries is None:
            return np.asarray((self.right**2).T @ weight, dtype=np.float64)
        if self.dense:
            tries = np.where(self.tries > 0, self.tries, 1)
            return np.asarray((self.right**2 / tries).T @ weight, dtype=np.float64)
        square = self.right.copy()
        square.data = square.data**2 / self.tries.data
        return np.asarray(square.T @ weight, dtype=np.float64)

    def cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
        """Return model (within the block), item, sum and tries of each filled cell."""
        if not self.dense:
            row = np.repeat(np.arange(self.n), np.diff(self.right.indptr))
            return row, self.right.indices.astype(np.int64), self.right.data, self.tries.data
        if self.tries is None:
            row, item = np.divmod(np.arange(self.right.size), self.right.shape[1])
            return row, item, self.right.ravel(), np.ones(self.right.size)
        row, item = np.nonzero(self.tries)
        return row, item, self.right[row, item], self.tries[row, item]


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """All responses, in memory or on disk.

    Args:
        models: Names, shape (model,).
        items: Names, shape (item,).
        loaders: One function per block that returns it.
        rho: Correlation of repeated tries of one model on one item, by which counts are reduced.
        phi: Dispersion of partial credit, by which counts are divided.
        n_responses: Number of filled cells.
        repeated: Whether some cell has more than one try.
        partial: Whether some response is neither right nor wrong.
    """

    models: tuple[str, ...]
    items: tuple[str, ...]
    loaders: tuple[Callable[[], Block], ...]
    n_responses: int
    repeated: bool = False
    partial: bool = False
    rho: float = 0.0
    phi: float = 1.0
    keep: Any = field(default=None, repr=False)

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks, counts reduced by their overdispersion."""
        for load in self.loaders:
            yield load().weighted(self.rho, self.phi)

    def raw_blocks(self) -> Iterator[Block]:
        """Yield the blocks with their counts as they are."""
        for load in self.loaders:
            yield load()

    @property
    def shape(self) -> tuple[int, int]:
        """Number of models and of items."""
        return len(self.models), len(self.items)


def from_array(right: Any, tries: Any = None, *, models: Any = None, items: Any = None) -> Responses:
    """Return responses from a matrix in memory.

    Args:
        right: Sum of responses, shape (model, item); without `tries` nan is a missing response.
        tries: Number of responses behind each sum, 0 where missing; None: 1 each.
        models: Names; default m0, m1 and so on.
        items: Names; default i0, i1 and so on.
    """
    right = np.asarray(right)
    if tries is None and right.dtype.kind == "f" and (missing := np.isnan(right)).any():
        right, tries = np.where(missing, 0, right), (~missing).astype(np.uint8)
    whole = right.dtype.kind in "bui" or bool((right == np.round(right)).all())
    if whole and right.max(initial=0) < 256:
        right = right.astype(np.uint8, copy=False)
    n, m = right.shape
    block = Block(first=0, right=right, tries=tries)
    return Responses(
        models=tuple(models) if models is not None else tuple(f"m{i}" for i in range(n)),
        items=tuple(items) if items is not None else tuple(f"i{i}" for i in range(m)),
        loaders=(lambda: block,),
        n_responses=right.size if tries is None else int((np.asarray(tries) > 0).sum()),
        repeated=tries is not None and bool(np.asarray(tries).max(initial=0) > 1),
        partial=not whole,
    )


def block_of(first: int, shape: tuple[int, int], model: Any, item: Any, right: Any, tries: Any) -> Block:
    """Return the block of coded rows, of shape (model, item): `model` counts from `first`; repeated cells are added."""
    from scipy.sparse import csr_matrix

    tall = csr_matrix((tries, (model, item)), shape=shape, dtype=np.float32)
    sums = csr_matrix((right, (model, item)), shape=shape, dtype=np.float32)
    tall.sum_duplicates()
    sums.sum_duplicates()
    if tall.nnz < _DENSE * shape[0] * shape[1]:
        return Block(first=first, right=sums, tries=tall)
    plain, count = sums.toarray(), tall.toarray()
    if (plain == np.round(plain)).all() and count.max(initial=0) < 256 and (count == np.round(count)).all():
        plain, count = plain.astype(np.uint8), count.astype(np.uint8)
    return Block(first=first, right=plain, tries=None if (count == 1).all() else count)
