"""Estimate: the currency in which every answer is given."""

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from leadtime.amounts import PLAIN, interval
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    import numpy as np
    import xarray
    from numpy.typing import NDArray

LEVEL = 0.9
#: A sample is shown as atoms where so few values make so large a part of it.
MOST_ATOMS, LEAST_SHARE = 8, 0.95
#: What the stamps of estimates must agree in, so that draw i is the same world in both.
_SAME = (("evidence_hash", "evidence"), ("seed", "seed"), ("draws_from", "where their draws come from"))
#: Atoms less probable than this are not printed one by one.
LEAST_SHOWN = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One of a few values that a quantity can have.

    Args:
        value: The value, in the unit of the estimate.
        probability: The share of the defined draws that have it.
        model: The model or models behind it, or empty.
    """

    value: float
    probability: float
    model: str = ""


def atoms_of(draws: "NDArray[np.float64]", models: Mapping[float, str] | None = None) -> tuple[Atom, ...]:
    """Return the few values that a sample has, the most probable first. Empty if it has many values, or only one.

    Args:
        draws: Shape (draw,). Draws that are not finite are left out.
        models: The models behind a value.
    """
    import numpy as np

    defined = draws[np.isfinite(draws)]
    if defined.size < 2:
        return ()
    values, counts = np.unique(np.round(defined, 6), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    share = counts[order] / defined.size
    if share[:MOST_ATOMS].sum() < LEAST_SHARE:
        return ()
    behind = {round(k, 6): v for k, v in (models or {}).items()}
    return tuple(
        Atom(value=float(values[i]), probability=float(p), model=behind.get(float(values[i]), ""))
        for i, p in zip(order, share, strict=True)
    )


def atoms_text(atoms: tuple[Atom, ...], unit: str = "") -> str:
    """Return `3.4 months (74%, o1-preview), 4.4 (18%, Grok-2)`, rare atoms together at the end."""
    shown = [a for a in atoms if a.probability >= LEAST_SHOWN]
    parts = [f"{a.value:.1f} ({100 * a.probability:.0f}%{', ' if a.model else ''}{a.model})" for a in shown]
    rest = sum(a.probability for a in atoms) - sum(a.probability for a in shown)
    if unit and parts:
        parts[0] = parts[0].replace(" (", f" {unit} (", 1)
    return ", ".join([*parts, *([f"other ({100 * rest:.0f}%)"] if rest >= 0.005 else [])])


class Probability(float):
    """The probability of a comparison, from 0 to 1. It cannot be used as a plain yes or no."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"the comparison holds in {float(self):.0%} of the draws. Ask for a bound, such as (a > b) > 0.9"
        )

    def __repr__(self) -> str:
        return f"{float(self):.3g}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Estimate:
    """A named quantity with its unit, joint draws and lineage.

    It behaves like a number, and each draw is one possible world. `+ - * /` and `sum` combine draw by draw. `a > b` is
    the probability that a is larger (a `Probability`). `float(a)` is the median, `f"{a}"` is `6.4 months (5.8 to 7.2)`,
    and `f"{a:.2f}"` formats the median and both ends. Draw i is the same world in every estimate of one study. So
    errors that two estimates share cancel as they should. Estimates of two studies cannot be combined.

    Args:
        name: Dotted name, such as `lag.deepseek-v3.age_of_equal`.
        unit: Unit of the draws.
        draws: Posterior or Monte Carlo sample, shape (draw,). A constant has shape (1,). NaN means undefined.
        definition: What it is, in one sentence.
        as_of: The day as of which it is known, in ISO form.
        because: Ids of the evidence rows and assumptions that it rests on.
        censored: Fraction of draws that are only a bound.
        note: What a reader must know about bounds and undefined draws. Empty if there are none.
        models: The models behind each value, if the quantity has only a few values.
        stamp: Version, evidence hash, seed and settings.
    """

    name: str
    unit: str
    draws: "NDArray[np.float64]"
    definition: str
    as_of: str
    because: tuple[str, ...] = ()
    censored: float = 0.0
    note: str = ""
    models: Mapping[float, str] = field(default_factory=dict)
    stamp: dict[str, Any] = field(default_factory=dict)

    def quantile(self, q: float) -> float:
        """Return a quantile of the defined draws, or NaN if no draw is defined."""
        import numpy as np

        defined = self.draws[np.isfinite(self.draws)]
        return float(np.quantile(defined, q)) if defined.size else float("nan")

    @property
    def median(self) -> float:
        """Median of the draws."""
        return self.quantile(0.5)

    @property
    def low(self) -> float:
        """Lower end of the 90% interval."""
        return self.quantile((1 - LEVEL) / 2)

    @property
    def high(self) -> float:
        """Upper end of the 90% interval."""
        return self.quantile((1 + LEVEL) / 2)

    def probability(self, low: float, high: float) -> float:
        """Return the share of the defined draws that lie from low to high."""
        import numpy as np

        defined = self.draws[np.isfinite(self.draws)]
        return float(np.mean((defined >= low) & (defined <= high))) if defined.size else float("nan")

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The few values that it can have, with their probabilities, the most probable first. Empty if it has many."""
        return atoms_of(self.draws, self.models)

    def labelled(self) -> "xarray.DataArray":
        """Return the draws as a labeled array over `draw`, with unit, definition and stamp as attributes."""
        import xarray

        told = {"units": self.unit, "long_name": self.definition, "as_of": self.as_of}
        plain = {k: v for k, v in self.stamp.items() if isinstance(v, str | int | float)}
        return xarray.DataArray(self.draws, dims="draw", name=self.name, attrs={**plain, **told})

    def __str__(self) -> str:
        if atoms := self.atoms:
            return atoms_text(atoms, self.unit)
        return interval(self.median, self.low, self.high, self.unit)

    def __repr__(self) -> str:
        return f"<{self.name}: {self}>"

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        median, low, high = (format(v, spec) for v in (self.median, self.low, self.high))
        return f"{median}{f' {self.unit}' if self.unit else ''} ({low} to {high})"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(str(self))}</b> <small>{html.escape(self.definition)}</small>"

    def __float__(self) -> float:
        return self.median

    def _with(self, other: "Estimate | float", draws: "NDArray[np.float64]", unit: str, words: str) -> "Estimate":
        because = self.because + (other.because if isinstance(other, Estimate) else ())
        return Estimate(
            name=f"({words})",
            unit=unit,
            draws=draws,
            definition=f"{words}, draw by draw",
            as_of=self.as_of,
            because=tuple(dict.fromkeys(because)),
            stamp=self.stamp,
        )

    def __add__(self, other: "Estimate | float") -> "Estimate":
        return self._with(other, self.draws + self._added(other), self.unit, f"{self.name} + {_named(other)}")

    def __radd__(self, other: float) -> "Estimate":
        return self if other == 0 else self + other  # sum() begins with 0

    def __sub__(self, other: "Estimate | float") -> "Estimate":
        return self._with(other, self.draws - self._added(other), self.unit, f"{self.name} - {_named(other)}")

    def __rsub__(self, other: float) -> "Estimate":
        return self._with(other, other - self.draws, self.unit, f"{_named(other)} - {self.name}")

    def __mul__(self, other: "Estimate | float") -> "Estimate":
        unit = _product(self.unit, other.unit) if isinstance(other, Estimate) else self.unit
        return self._with(other, self.draws * self._aligned(other), unit, f"{self.name} * {_named(other)}")

    __rmul__ = __mul__

    def __truediv__(self, other: "Estimate | float") -> "Estimate":
        unit = _quotient(self.unit, other.unit) if isinstance(other, Estimate) else self.unit
        return self._with(other, _divided(self.draws, self._aligned(other)), unit, f"{self.name} / {_named(other)}")

    def __rtruediv__(self, other: float) -> "Estimate":
        return self._with(
            other, _divided(other, self.draws), _quotient("", self.unit), f"{_named(other)} / {self.name}"
        )

    def __neg__(self) -> "Estimate":
        return self._with(0.0, -self.draws, self.unit, f"-{self.name}")

    def __gt__(self, other: "Estimate | float") -> Probability:
        return self._chance(self.draws - self._added(other) > 0, other)

    def __lt__(self, other: "Estimate | float") -> Probability:
        return self._chance(self.draws - self._added(other) < 0, other)

    def __ge__(self, other: "Estimate | float") -> Probability:
        return self._chance(self.draws - self._added(other) >= 0, other)

    def __le__(self, other: "Estimate | float") -> Probability:
        return self._chance(self.draws - self._added(other) <= 0, other)

    def _chance(self, holds: "NDArray[np.bool_]", other: "Estimate | float") -> Probability:
        import numpy as np

        defined = np.isfinite(self.draws - self._added(other))
        return Probability(holds[defined].mean() if defined.any() else np.nan)

    def _added(self, other: "Estimate | float") -> "NDArray[np.float64] | float":
        """Return what is added to these draws, or compared with them: of the same unit."""
        if isinstance(other, Estimate) and other.unit != self.unit:
            raise LeadtimeError(
                f"{self.unit or 'a plain number'} and {other.unit or 'a plain number'} cannot be added",
                where=other.name,
            )
        return self._aligned(other)

    def _aligned(self, other: "Estimate | float") -> "NDArray[np.float64] | float":
        """Return the draws that are put beside these, world by world."""
        if not isinstance(other, Estimate):
            return other
        if self.stamp and other.stamp:
            differs = next((words for key, words in _SAME if self.stamp.get(key) != other.stamp.get(key)), None)
            if differs:
                raise LeadtimeError(
                    f"{self.name} and {other.name} differ in {differs}: their draws belong to different worlds",
                    fix="Combine estimates of one study. Otherwise compare their medians and intervals.",
                )
        if self.draws.size != other.draws.size and 1 not in (self.draws.size, other.draws.size):
            raise LeadtimeError(
                f"{self.name} has {self.draws.size:,} draws and {other.name} {other.draws.size:,}",
                fix="Ask the study for as many draws of both.",
            )
        return other.draws

    def to_json(self) -> dict[str, Any]:
        """Return the estimate as a JSON object, in the form of the schema `estimate`."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": _number(self.median),
            "low": _number(self.low),
            "high": _number(self.high),
            "level": LEVEL,
            "definition": self.definition,
            "as_of": self.as_of,
            "because": list(self.because),
            "censored": self.censored,
            "note": self.note,
            "atoms": [{"value": a.value, "probability": a.probability, "model": a.model} for a in self.atoms],
            "evidence_hash": self.stamp.get("evidence_hash"),
            "seed": self.stamp.get("seed"),
            "version": self.stamp.get("version"),
        }


def _named(other: "Estimate | float") -> str:
    return other.name if isinstance(other, Estimate) else f"{other:g}"


def _product(a: str, b: str) -> str:
    return b if a in PLAIN else a if b in PLAIN else f"{a} x {b}"


def _quotient(a: str, b: str) -> str:
    return "ratio" if a == b else a if b in PLAIN else f"{'1' if a in PLAIN else a} per {b}"


def _divided(a: "NDArray[np.float64] | float", b: "NDArray[np.float64] | float") -> "NDArray[np.float64]":
    """Return a quotient; undefined where it has no value."""
    import numpy as np

    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        found = np.asarray(np.divide(a, b), dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
