"""The report's chapter on claims: what was said, and whether it is so, reading by reading."""

from typing import TYPE_CHECKING, Any

from leadtime.claims import BANDS, Claim, available, check, summary
from leadtime.claims.support import SUPPORTS
from leadtime.claims.then import known_then
from leadtime.claims.verdict import AS_ALLEGED, IN_SIMULATION, NOT_MEASURABLE, Verdict
from leadtime.report.chapter import Chapter, spread
from leadtime.report.derivations import anchor

if TYPE_CHECKING:
    from leadtime.study import Study


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None before the first claim was made."""
    claims = [c for c in available(study.folder) if c.said_on <= study.as_of]
    if not claims:
        return None
    verdicts = check(study, claims)
    then = known_then(study)
    rows = [_row(c, v, then.get((v.claim, v.reading))) for c in claims for v in verdicts if v.claim == c.id]
    titles = dict(study.evidence["sources"].select("id", "title").iter_rows())
    return Chapter(
        name="claims",
        title="Is what they said so?",
        lead=lead(claims, verdicts),
        figures=(),
        tables=(),
        template="claims.html",
        content={
            "words": [word for word, _ in BANDS] + [IN_SIMULATION, AS_ALLEGED, NOT_MEASURABLE],
            "people": sorted({c.who for c in claims}),
            "cards": [_card(c, [v for v in verdicts if v.claim == c.id], then, titles, study.stamp) for c in claims],
        },
        json={"bands": dict(BANDS), "claims": rows},
    )


def lead(claims: list[Claim], verdicts: list[Verdict]) -> str:
    """Return how many claims have one verdict, how many depend on how they are read, and what the readings rest on."""
    found = [summary(c, verdicts) for c in claims]
    one = [f.agreed for f in found if f.agreed]
    depends = sum(bool(f.depends_on) for f in found)
    rest = {w: sum(v.support == w for v in verdicts) for w in SUPPORTS}
    return (
        f"Of {len(claims)} claims of the debate {len(one)} have one verdict on which their measured readings agree ("
        + ", ".join(f"{one.count(w)} {w}" for w, _ in BANDS if w in one)
        + f"); {depends} depend on how they are read. Of {len(verdicts)} readings "
        + ", ".join(f"{n} {'are' if n > 1 else 'is'} {w}" for w, n in rest.items() if n)
        + ". What is simulated has a probability in our simulation, which rests on its priors, and no verdict; what is only alleged has none either. P is the share of draws in the asserted "
        "range: "
        + ", ".join(f"{word} from {least:.2f}" for word, least in BANDS)
        + ". Ranges that nobody gave are our reading."
    )


def _row(c: Claim, v: Verdict, then: float | None) -> dict[str, Any]:
    return {
        "claim": v.claim,
        "who": c.who,
        "said_on": str(c.said_on),
        "words": c.words,
        "paraphrase": c.paraphrase,
        "source": c.source,
        "interpretation": c.note,
        "reading": v.reading,
        "verdict": v.band,
        "support": v.support,
        "probability": v.probability,
        "probability_then": then,
        "low": v.low,
        "median": v.median,
        "high": v.high,
        "unit": v.unit,
        "note": v.note,
    }


def _card(
    c: Claim,
    verdicts: list[Verdict],
    then: dict[tuple[str, str], float | None],
    titles: dict[str, str],
    stamp: dict[str, Any],
) -> dict[str, Any]:
    found = summary(c, verdicts)
    said = found.words
    asked = {r.name: r for r in c.readings}
    readings = []
    for v in verdicts:
        r = asked.get(v.reading)
        readings.append({
            "name": v.reading, "verdict": v.band, "support": v.support, "p": _p(v.probability), "then": _p(then.get((v.claim, v.reading))),
            "said": "" if r is None else _range(r.low, r.high), "ours": f"{spread(v.low, v.median, v.high)} {v.unit}".strip(), "note": v.note,
            "anchor": anchor(r.quantity, r.parameters) if r is not None and v.probability is not None else "",
        })  # fmt: skip
    return {
        "id": c.id, "shown": c.shown, "who": c.who, "said_on": str(c.said_on), "note": c.note, "missing": c.missing, "readings": readings, "summary": said,
        "verdicts": sorted({v.band for v in verdicts}), "source_id": c.source if c.source in titles else "", "source_title": titles.get(c.source, c.source),
        "citation": f"{c.shown} ({c.who}, {c.said_on}). leadtime {stamp['version']}: {said} on {sum(found.counts.values())} readings, as of {stamp['as_of']}, evidence "
        f"{stamp['evidence_hash']}, claim {c.id}.",
    }  # fmt: skip


def _p(p: float | None) -> str:
    return "–" if p is None else f"{p:.2f}"


def _range(low: float, high: float) -> str:
    ends = [spread(None, e, None) for e in (low, high)]
    if low == float("-inf"):
        return f"at most {ends[1]}"
    return f"{ends[0]} or more" if high == float("inf") else f"{ends[0]} to {ends[1]}"
