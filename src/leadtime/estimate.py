"""Estimate: the currency in which every answer is given."""

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.9
#: A sample is shown as atoms where so few values make so large a part of it.
MOST_ATOMS, LEAST_SHARE = 8, 0.95
#: Atoms less probable than this are not printed one by one.
LEAST_SHOWN = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One of a few values that a quantity can have.

    Args:
        value: The value, in the unit of the estimate.
        probability: The share of the defined draws that have it.
        model: The model or models behind it; empty where none is.
    """

    value: float
    probability: float
    model: str = ""


def atoms_of(draws: "NDArray[np.float64]", models: Mapping[float, str] | None = None) -> tuple[Atom, ...]:
    """Return the few values that a sample has, the most probable first; nothing where it spreads, or is one constant.

    Args:
        draws: Shape (draw,); what is not finite is left out.
        models: What is behind a value.
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
    """Return `3.4 months (74 %, o1-preview), 4.4 (18 %, Grok-2)`, rare atoms together at the end."""
    shown = [a for a in atoms if a.probability >= LEAST_SHOWN]
    parts = [f"{a.value:.1f} ({100 * a.probability:.0f} %{', ' if a.model else ''}{a.model})" for a in shown]
    rest = sum(a.probability for a in atoms) - sum(a.probability for a in shown)
    if unit and parts:
        parts[0] = parts[0].replace(" (", f" {unit} (", 1)
    return ", ".join([*parts, *([f"other ({100 * rest:.0f} %)"] if rest >= 0.005 else [])])


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A named quantity with its unit, joint draws and lineage.

    Arithmetic between estimates of one study is by aligned draws: draw i is the same world in each.

    Args:
        name: Dotted name, such as `lag.deepseek-v3.age_of_equal`.
        unit: Unit of the draws.
        draws: Posterior or Monte Carlo sample, shape (draw,); a constant has shape (1,). NaN where undefined.
        definition: What it is, one sentence.
        as_of: The day as of which it is known, ISO.
        because: Ids of the evidence rows and assumptions it rests on.
        censored: Fraction of draws that are only a bound.
        note: What a reader must know about bounds and undefined draws; empty when there are none.
        models: What is behind each value, where it has few: the models that a step lag jumps between.
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
        """Return a quantile of the draws, undefined draws left out (NaN when none is defined)."""
        import numpy as np

        defined = self.draws[np.isfinite(self.draws)]
        return float(np.quantile(defined, q)) if defined.size else float("nan")

    @property
    def median(self) -> float:
        """Median of the draws."""
        return self.quantile(0.5)

    @property
    def low(self) -> float:
        """Lower end of the 90 % interval."""
        return self.quantile((1 - LEVEL) / 2)

    @property
    def high(self) -> float:
        """Upper end of the 90 % interval."""
        return self.quantile((1 + LEVEL) / 2)

    def probability(self, low: float, high: float) -> float:
        """Return the share of defined draws within [low, high]."""
        import numpy as np

        defined = self.draws[np.isfinite(self.draws)]
        return float(np.mean((defined >= low) & (defined <= high))) if defined.size else float("nan")

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The few values that it has, with their probabilities, the most probable first; empty where it spreads."""
        return atoms_of(self.draws, self.models)

    def __str__(self) -> str:
        if atoms := self.atoms:
            return atoms_text(atoms, self.unit)
        return f"{self.median:.1f} {self.unit} [{self.low:.1f}, {self.high:.1f}]"

    def _repr_html_(self) -> str:
        if atoms := self.atoms:
            return f"{html.escape(atoms_text(atoms, self.unit))} <small>{self.definition}</small>"
        return (
            f"<b>{self.median:.1f}</b> {self.unit} [{self.low:.1f}, {self.high:.1f}] <small>{self.definition}</small>"
        )

    def _combine(self, other: "Estimate | float", draws: "NDArray[np.float64]", sign: str) -> "Estimate":
        name = other.name if isinstance(other, Estimate) else f"{other:g}"
        because = self.because + (other.because if isinstance(other, Estimate) else ())
        return Estimate(
            name=f"({self.name} {sign} {name})",
            unit=self.unit,
            draws=draws,
            definition=f"{self.name} {sign} {name}, draw by draw",
            as_of=self.as_of,
            because=tuple(dict.fromkeys(because)),
            stamp=self.stamp,
        )

    def __add__(self, other: "Estimate | float") -> "Estimate":
        return self._combine(other, self.draws + _draws(other, self.unit), "+")

    def __sub__(self, other: "Estimate | float") -> "Estimate":
        return self._combine(other, self.draws - _draws(other, self.unit), "-")

    def to_json(self) -> dict[str, Any]:
        """Return the contract's JSON object."""
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


def _draws(other: "Estimate | float", unit: str) -> "NDArray[np.float64] | float":
    if not isinstance(other, Estimate):
        return other
    if other.unit != unit:
        from leadtime.errors import LeadtimeError

        raise LeadtimeError(f"cannot combine {unit} with {other.unit}", where=other.name)
    return other.draws


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
