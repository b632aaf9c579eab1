"""What the cases of a row may come to: sets of answers as bits, merged over cases, and told in words."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from leadtime.rules.judge import Judgement, Reading, is_false
from leadtime.rules.kinds import exception_names, exceptions_told, paragraphs, policies_told, policy_names
from leadtime.rules.logic import FALSE, TRUE, UNKNOWN
from leadtime.rules.many import Coded
from leadtime.rules.verdict import ANSWER_OF, LICENSE_WORD, verdict_of


def spread(value: Any, size: int) -> Any:
    """Return a value for each row, shape (row,), where it is one for all."""
    return np.broadcast_to(np.asarray(value), (size,))


#: Numbers below this are counted, not sorted.
_COUNTED = 1 << 22


@dataclass(slots=True, kw_only=True)
class Outcomes:
    """What may be so, row by row; each array has one int64 a row, one bit a possibility.

    Args:
        license: By axis, the truth values (0, 1, 2) that the requirement takes.
        eccn: The paragraphs, by place in the reading order; the bit after the last: none of them.
        review: The policies where a license is or may be required; the bit after the last: none stated.
        some: The exceptions that are, or may be, available in some case where a license is or may be required.
        every: Those that surely are in every such case.
        elsewhere: The truth values of being under a regime that is not modelled.
    """

    license: tuple[Any, Any]
    eccn: Any
    review: Any
    some: Any
    every: Any
    elsewhere: Any

    @staticmethod
    def of(order: Reading, found: Judgement, size: int) -> "Outcomes":
        """Return the outcomes of rows that are taken as they are."""
        one = np.int64(1)
        required = spread(found.license[1], size)
        places = review_places(order)
        index = spread(found.review[1], size)
        review = one << places[index]
        for i, p in enumerate(order.reviews):  # a policy of higher rank that hangs on the record may decide as well
            value = np.asarray(found.applies[p.id][1])
            if (value == UNKNOWN).any():
                review = review | np.where(
                    spread(value == UNKNOWN, size) & ((index < 0) | (i < index)), one << places[i], 0
                )
        some, every = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        names = exception_names(order)
        for p in order.exceptions:
            if is_false(found.applies[p.id][1]):
                continue
            value = spread(found.applies[p.id][1], size)
            bit = one << np.int64(names.index(p.outcome))
            some |= np.where(value != FALSE, bit, 0)
            every |= np.where(value == TRUE, bit, 0)
        free = required == FALSE
        eccn = spread(found.eccn, size)
        return Outcomes(
            license=tuple(one << spread(x, size).astype(np.int64) for x in found.license),
            eccn=one << np.where(eccn < 0, len(order.classifications), eccn).astype(np.int64),
            review=np.where(free, 0, review),
            some=np.where(free, 0, some),
            every=np.where(free, -1, every),
            elsewhere=one << spread(found.elsewhere, size).astype(np.int64),
        )

    def emptied(self, rows: Any) -> None:
        """Forget what was found of some rows, before their cases are merged in."""
        for array in (*self.license, self.eccn, self.review, self.some, self.elsewhere):
            array[rows] = 0
        self.every[rows] = -1

    def merge(self, rows: Any, cases: "Outcomes") -> None:
        """Merge cases into the rows that they are of."""
        for mine, theirs in (
            *zip(self.license, cases.license, strict=True),
            (self.eccn, cases.eccn),
            (self.review, cases.review),
            (self.some, cases.some),
            (self.elsewhere, cases.elsewhere),
        ):
            np.bitwise_or.at(mine, rows, theirs)
        np.bitwise_and.at(self.every, rows, cases.every)

    def taken(self, rows: Any) -> "Outcomes":
        """Return some rows, or rows repeated."""
        return Outcomes(
            license=(self.license[0][rows], self.license[1][rows]),
            eccn=self.eccn[rows],
            review=self.review[rows],
            some=self.some[rows],
            every=self.every[rows],
            elsewhere=self.elsewhere[rows],
        )

    def put(self, rows: Any, other: "Outcomes") -> None:
        """Take other outcomes for some rows."""
        for mine, theirs in (
            *zip(self.license, other.license, strict=True),
            (self.eccn, other.eccn),
            (self.review, other.review),
            (self.some, other.some),
            (self.every, other.every),
            (self.elsewhere, other.elsewhere),
        ):
            mine[rows] = theirs


def review_places(order: Reading) -> Any:
    """Return the place of each review's policy among `policy_names`; the last is that of no review (index -1)."""
    names = policy_names(order)
    return np.array([*(names.index(p.outcome) for p in order.reviews), len(names) - 1], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Outcomes in words, by column (see `status.Status`)."""

    eccn: Coded
    license_codified: Coded
    license_enforced: Coded
    answer: Coded
    verdict: Coded
    review: Coded
    review_possible: Coded
    exceptions: Coded


def words(order: Reading, found: Outcomes) -> Words:
    """Return outcomes in words; each kind of outcome is worded once."""
    written, enforced = found.license
    other = np.where(found.elsewhere == 1 << FALSE, 0, 64)
    return Words(
        eccn=each(found.eccn, lambda m: " or ".join(paragraphs(order, m))),
        license_codified=Coded(LICENSE_WORD, written),
        license_enforced=Coded(LICENSE_WORD, enforced),
        answer=Coded(ANSWER_OF, enforced),
        verdict=each(enforced + 8 * written + other, lambda m: verdict_of(m & 7, m >> 3 & 7, m >= 64)),
        review=each(found.review, lambda m: policies_told(order, m)[0]),
        review_possible=each(found.review, lambda m: "|".join(policies_told(order, m)[1])),
        exceptions=_exceptions(found, order),
    )


def each(masks: Any, told: Any) -> Coded:
    """Return numbers in words, each number worded once."""
    if masks.size and masks.min() >= 0 and masks.max() < _COUNTED:
        kinds = np.flatnonzero(np.bincount(masks))
        place = np.zeros(int(kinds[-1]) + 1, dtype=np.int32)
        place[kinds] = np.arange(len(kinds))
        index = place[masks]
    else:
        kinds, index = np.unique(masks, return_inverse=True)
    return Coded(tuple(told(int(k)) for k in kinds), index)


def _exceptions(found: Outcomes, order: Reading) -> Coded:
    size = len(exception_names(order))
    code = found.some | (found.every & ((1 << size) - 1) & found.some) << size

    def told(both: int) -> str:
        some, every = both & ((1 << size) - 1), both >> size
        return " ".join(n + ("" if sure else "?") for n, sure in exceptions_told(order, some, every))

    return each(code, told)
