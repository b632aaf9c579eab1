"""Claims as data: who said what when, in their words, and what quantity in which range it comes to."""

import datetime as dt
import functools
import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from leadtime.claims.resolve import require
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.evidence import parts, yaml_text
from leadtime.quantities import QUANTITIES

LEDGER = Path(__file__).parent / "data" / "ledger.yaml"
#: The same as it was read, since reading YAML takes a third of a second.
READ = LEDGER.with_name("read.json")
#: A quotation is short: it identifies the claim, and the source has the rest.
_MOST_WORDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One fair reading of a claim: a quantity with its parameters, and the range it is said to lie in."""

    name: str
    quantity: str
    parameters: dict[str, Any]
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim.

    Args:
        id: Its id.
        who: Who said it.
        said_on: When.
        source: Id in `sources`, or an address.
        words: A short quotation, or a paraphrase.
        paraphrase: The words are ours, not theirs; they are never shown in quotation marks.
        note: How it is read, and why.
        readings: What it comes to in numbers; empty when it cannot be measured.
        not_measurable: Why not; empty when it can.
        missing: Which figure, that nobody has published, would decide more, empty if none is named.
    """

    id: str
    who: str
    said_on: dt.date
    source: str
    words: str
    paraphrase: bool
    note: str
    readings: tuple[Reading, ...]
    not_measurable: str
    missing: str = ""

    @property
    def shown(self) -> str:
        """The words as they may be printed: quoted when they are theirs, marked when they are ours."""
        return f"{self.words} (our summary)" if self.paraphrase else f"“{self.words}”"


@functools.cache
def built_in() -> tuple[Claim, ...]:
    """Return the claims that ship with the package, in order of their days."""
    try:
        kept = json.loads(READ.read_text(encoding="utf-8"))
        if kept["of"] == _sum():
            return tuple(_kept(c) for c in kept["claims"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return load_file(LEDGER)


def save() -> Path:
    """Write the claims that ship with the package as they were read."""
    rows = ",\n".join(json.dumps(asdict(c), default=str, ensure_ascii=False) for c in load_file(LEDGER))
    READ.write_text(f'{{"of": "{_sum()}", "claims": [\n{rows}\n]}}\n', encoding="utf-8")
    return READ


def _sum() -> str:
    return hashlib.sha256(LEDGER.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _kept(claim: dict[str, Any]) -> Claim:
    readings = tuple(Reading(**r) for r in claim.pop("readings"))
    return Claim(**{**claim, "said_on": dt.date.fromisoformat(claim["said_on"])}, readings=readings)


def available(study: Path | None = None) -> tuple[Claim, ...]:
    """Return the built-in claims and those of a study folder (`claims/*.yaml`), which may replace them, in order of
    their days.
    """
    found = {c.id: c for c in built_in()}
    for path in parts.files(study, "claims") if study is not None else ():
        found |= {c.id: c for c in load_file(path, within=study)}
    return tuple(sorted(found.values(), key=lambda c: (c.said_on, c.id)))


def load_file(path: Path, *, within: Path | None = None) -> tuple[Claim, ...]:
    """Return the claims of a YAML file, which must lie within a folder: a list of mappings.

    Raises:
        LeadtimeError: A file that cannot be read, or a claim that is malformed (file, claim, key, what was expected).
    """
    content = yaml_text.load(path, fix="Claims are a YAML list: see docs, claims.", within=within)
    if not isinstance(content, list) or not content:
        raise LeadtimeError(
            "does not contain a list of claims",
            where=str(path),
            fix="Expected `- id: ...` with who, said_on, source, words, readings.",
        )
    found: dict[str, Claim] = {}
    for i, entry in enumerate(content):
        claim = _claim(entry, f"{path}, claim {i + 1}")
        if claim.id in found:
            raise LeadtimeError(
                f"{claim.id} appears twice", where=f"{path}, claim {i + 1}, key id", fix="Give each claim its own id."
            )
        found[claim.id] = claim
    return tuple(sorted(found.values(), key=lambda c: (c.said_on, c.id)))


_TEXTS = ("id", "who", "source", "words")
_KINDS: tuple[tuple[str, type, str], ...] = (
    ("paraphrase", bool, "true or false"),
    ("note", str, "text"),
    ("missing", str, "text"),
    ("not_measurable", str, "text"),
    ("readings", list, "a list"),
)
_KEYS = {*_TEXTS, "said_on", "paraphrase", "note", "readings", "not_measurable", "missing"}


def _claim(entry: Any, where: str) -> Claim:
    def wrong(key: str, what: str, fix: str) -> LeadtimeError:
        return LeadtimeError(what, where=f"{where}, key {key}", fix=fix)

    if not isinstance(entry, dict):
        raise LeadtimeError(
            "is not a list of key: value pairs", where=where, fix=f"Expected keys {', '.join(sorted(_KEYS))}."
        )
    for key in entry:
        if key not in _KEYS:
            raise wrong(str(key), f"{key!r} is not a key of a claim", f"Keys: {', '.join(sorted(_KEYS))}.")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise wrong(key, "is missing, or is not text", "Write it as text.")
    if len(entry["words"].split()) > _MOST_WORDS:
        raise wrong(
            "words",
            f"has {len(entry['words'].split())} words",
            f"Quote at most {_MOST_WORDS} words. The source has the rest.",
        )
    said_on = entry.get("said_on")
    if isinstance(said_on, dt.datetime) or not isinstance(said_on, dt.date):
        raise wrong("said_on", f"{said_on!r} is not a date", "Expected a day such as 2025-01-29.")
    readings, reason = _content(entry, wrong)
    return Claim(
        id=entry["id"].strip(),
        who=entry["who"].strip(),
        said_on=said_on,
        source=entry["source"].strip(),
        words=" ".join(entry["words"].split()),
        paraphrase=entry.get("paraphrase") is True,
        note=" ".join(str(entry.get("note") or "").split()),
        not_measurable=" ".join(reason.split()),
        missing=" ".join(str(entry.get("missing") or "").split()),
        readings=tuple(_reading(r, f"{where}, key readings[{i}]") for i, r in enumerate(readings)),
    )


def _content(entry: dict[str, Any], wrong: Any) -> tuple[list[Any], str]:
    """Return the readings of a claim, or why there are none."""
    for key, kind, expected in _KINDS:
        if not isinstance(entry.get(key), kind | None):
            raise wrong(key, f"{entry[key]!r} is not {expected}", f"Write {expected}, or leave it out.")
    readings, reason = entry.get("readings") or [], str(entry.get("not_measurable") or "").strip()
    if bool(readings) == bool(reason):
        raise wrong("readings", "must have either readings or not_measurable", "Give one of the two.")
    return readings, reason


def _reading(entry: Any, where: str) -> Reading:
    allowed = {"name", "quantity", "with", "low", "high"}
    if not isinstance(entry, dict) or set(entry) - allowed:
        raise LeadtimeError("may have quantity, with, low, high and name", where=where, fix="Give only these keys.")
    if not isinstance(entry.get("quantity"), str) or entry["quantity"] not in QUANTITIES:
        found = unknown_name("quantity", str(entry.get("quantity")), QUANTITIES)
        raise LeadtimeError(found.what, where=f"{where}.quantity", fix=found.fix)
    if not isinstance(entry.get("name"), str | None):
        raise LeadtimeError(f"{entry['name']!r} is not text", where=f"{where}.name", fix="Write text, or leave it out.")
    parameters = entry.get("with") or {}
    if not isinstance(parameters, dict):
        raise LeadtimeError(
            "is not a list of key: value pairs", where=f"{where}.with", fix="Expected parameter: value."
        )
    try:
        require(entry["quantity"], parameters)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, where=f"{where}.with.{error.where}", fix=error.fix) from None
    ends = []
    for key, default in (("low", -math.inf), ("high", math.inf)):
        end = entry.get(key, 0.0)
        if isinstance(end, bool) or not isinstance(end, int | float) or not abs(end) <= 1e300:
            raise LeadtimeError(
                f"{end!r} is not a number",
                where=f"{where}.{key}",
                fix="Expected a number, or leave it out for no bound.",
            )
        ends.append(float(end) if key in entry else default)
    if ends[0] > ends[1] or not any(math.isfinite(e) for e in ends):
        raise LeadtimeError(
            "low and high are both missing, or low is above high",
            where=where,
            fix="Give at least one of them, and put the smaller number in low.",
        )
    name = str(entry.get("name") or QUANTITIES[entry["quantity"]].title)
    return Reading(
        name=name,
        quantity=entry["quantity"],
        parameters={str(k): v for k, v in parameters.items()},
        low=ends[0],
        high=ends[1],
    )
