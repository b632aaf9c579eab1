"""Which chips a developer may have trained on, where it does not say: those in use in its country then, and those it
used before.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import polars as pl

from leadtime.cost.stand_in import peaks, released
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence

#: Deliveries of so many days before the start of training are what it may have run on.
_DELIVERED_DAYS = 731
#: A run tells of another as far away in time by e to the minus one.
_FADES_DAYS = 365.0
#: What each of three kinds of evidence may weigh at most, against the deliveries' 1.
_OWN, _COUNTRY = 4.0, 1.0
_OLD_DAYS = 1826
_LEAST_SHARE, _MOST_CHIPS = 0.03, 6


def chips_in_use(evidence: Evidence, organization: str, day: dt.date, *, apart_from: str = "") -> dict[str, float]:
    """Return the probability of each chip that a developer may have trained on, greatest first; they sum to 1.

    Three sources, each a mix of chips: the developer's own runs and those of others in its country, by how near in time
    they are, and what was delivered to its country in the two years before, by 16-bit operations. A chip that its maker
    keeps counts for its maker alone, whose own chips these then are.

    Args:
        evidence: The tables.
        organization: The developer.
        day: Start of training.
        apart_from: A model, or a run, that is not to tell of itself.

    Raises:
        LeadtimeError: Nothing tells which chips there were.
    """
    countries = dict(evidence["organizations"].select("id", "country").iter_rows())
    country, kept = countries.get(organization), _kept(evidence, organization, day)
    runs = evidence["training_runs"].filter(
        pl.col("chip").is_not_null(),
        pl.col("id") != apart_from,
        pl.col("model").is_null() | (pl.col("model") != apart_from),
    )
    own, near = defaultdict[str, float](float), defaultdict[str, float](float)
    for row in runs.iter_rows(named=True):
        weight = float(np.exp(-abs((row["published_on"] - day).days) / _FADES_DAYS))
        if row["chip"] not in kept:
            continue
        if row["organization"] == organization:
            own[row["chip"]] += weight
        elif _bloc(countries.get(row["organization"])) == _bloc(country):
            near[row["chip"]] += weight
    delivered = _delivered(evidence, _bloc(country), day, kept)
    total = defaultdict[str, float](float)
    for mix, most in ((own, _OWN), (near, _COUNTRY), (delivered, 1.0)):
        mass = sum(mix.values())
        for chip, weight in mix.items():
            total[chip] += weight / mass * (min(most, most * mass) if mix is not delivered else 1.0)
    if not total:
        raise LeadtimeError(
            f"nobody has said which chips there were for {organization or 'such a run'} in {day.year}",
            fix="Give --chip or --price-of.",
        )
    whole = sum(total.values())
    some = [(c, w) for c, w in sorted(total.items(), key=lambda t: -t[1])[:_MOST_CHIPS] if w / whole >= _LEAST_SHARE]
    kept_whole = sum(w for _, w in some)
    return {c: w / kept_whole for c, w in some}


def _bloc(country: str | None) -> str:
    return "CHN" if country == "CHN" else "XCHN"


def _kept(evidence: Evidence, organization: str, day: dt.date) -> Mapping[str, float]:
    """Return the chips that a developer can have had on a day, with their peaks: its own where it makes some, else
    those that are sold.

    None that was not released by then, or was five years before.
    """
    since = released(evidence)
    known = {c: p for c, p in peaks(evidence).items() if c not in since or 0 <= (day - since[c]).days <= _OLD_DAYS}
    market = {
        chip: (m, str(maker).lower())
        for chip, m, maker in evidence["chips"].select("id", "market", "maker").iter_rows()
    }
    made = {c for c, (m, maker) in market.items() if m == "internal" and organization.startswith(maker)}
    own = {c: p for c, p in known.items() if c in made}
    used = set(evidence["training_runs"].filter(pl.col("organization") == organization)["chip"].drop_nulls())
    if own and not used - made:
        return own
    return {c: p for c, p in known.items() if market[c][0] != "internal" or c in own}


def _delivered(evidence: Evidence, bloc: str, day: dt.date, kept: Mapping[str, float]) -> Mapping[str, float]:
    """Return what was delivered to China, or to all others, in the two years before a day, by chip, in 1e12 operations
    a second.
    """
    rows = evidence["shipments"].filter(
        pl.col("measure") == "flow",
        pl.col("chip").is_in(list(kept)),
        pl.col("units").is_not_null(),
        pl.col("bloc").is_in(["CHN"] if bloc == "CHN" else ["XCHN", "WORLD"]),
        pl.col("period_end") > day - dt.timedelta(days=_DELIVERED_DAYS),
        pl.col("period_start") < day,
    )
    found = defaultdict[str, float](float)
    for row in rows.iter_rows(named=True):
        found[row["chip"]] += row["units"] * kept[row["chip"]]
    return found
