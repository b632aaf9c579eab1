"""Abilities from single items, and lags of models that only items know."""

import datetime as dt
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from leadtime import stranger
from leadtime.errors import LeadtimeError, unknown_name
from leadtime.estimate import Estimate
from leadtime.evidence import Evidence
from leadtime.evidence.csv_rows import all_rows_of
from leadtime.importers.hub import Hub, repository
from leadtime.importers.hub import rules as hub_rules
from leadtime.study import START, Study, lag_definitions


class Itemized(NamedTuple):
    """A fit of items and its errors, and what must be said of how the files were read."""

    fitted: Any
    errors: Any
    notes: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models in the files."""
        return tuple(self.fitted.responses.models)


def itemized(
    paths: Sequence[Path], *, irt: str = "2pl", hold: Path | None = None, cluster: str = "", percent: bool = False
) -> Itemized:
    """Return item curves and abilities from files of responses (see `capability.items`)."""
    from leadtime.capability.items.fit import fit
    from leadtime.capability.items.precision import precision
    from leadtime.capability.items.prior import n_parameters
    from leadtime.capability.items.read import read
    from leadtime.capability.items.tables import read_items

    n_parameters(irt)
    held = read_items(hold) if hold else None
    told: list[str] = []
    responses = read(paths, percent=percent, tell=told.append)
    if held is not None and not set(held) & set(responses.items):
        raise LeadtimeError(
            "the responses have none of the known questions", where=str(hold), fix="Use the same item names."
        )
    runner = None
    if cluster:
        from leadtime.capability.items.stream import on_cluster

        runner = on_cluster(cluster)
    fitted = fit(responses, irt=irt, held=held, runner=runner)
    return Itemized(fitted, precision(fitted), tuple(dict.fromkeys(told)))


def known(evidence: Evidence, names: Sequence[str]) -> dict[str, int]:
    """Return the number of each name in the files by the id it has in the evidence; names unknown there are left out.

    A name of a hub is the model whose weights it has, and no other; a prefix such as a provider's name is dropped where
    the whole is not known. What stands in brackets, such as how long a model thought, tells models of the files apart:
    where one model of the evidence is there several times so, none of them is that model.
    """
    found: dict[str, list[int]] = {}
    hubs = Hub.of(evidence)
    for i, name in enumerate(names):
        model = _model(evidence, hubs, name.partition(" [")[0])
        if model:
            found.setdefault(model, []).append(i)
    plain = {m: [i for i in at if " [" not in names[i]] or at for m, at in found.items()}
    return {m: at[0] for m, at in plain.items() if len(at) == 1 or " [" not in names[at[0]]}


def _model(evidence: Evidence, hubs: Hub, name: str) -> str | None:
    at = repository(name)
    if at and at[0].casefold() in hub_rules()["owners"]:
        return hubs.repository(*at) or hubs.served(name)
    for candidate in (name, name.rsplit("/", 1)[-1]):
        try:
            return evidence.resolve_model(candidate)
        except LeadtimeError:
            continue
    return None


def group_of(names: Sequence[str], group: str, evidence: Evidence) -> tuple[Any, Any]:
    """Return masks of a group of models and of the others: by country code, or by a file of columns model and group.

    In a file, the group that comes first is compared with all others named there.
    """
    if Path(group).suffix in {".csv", ".tsv", ".txt"}:
        return _group_file(names, Path(group))
    country = dict(
        evidence["models"]
        .join(evidence["organizations"].select("country", organization="id"), on="organization")
        .select("id", "country")
        .iter_rows()
    )
    if group not in country.values():
        raise unknown_name("country", group, {c for c in country.values() if c})
    hubs = Hub.of(evidence)
    of = [country.get(_model(evidence, hubs, name.partition(" [")[0]) or "") for name in names]
    return np.array([c == group for c in of]), np.array([c not in {group, None} for c in of])


def _group_file(names: Sequence[str], path: Path) -> tuple[Any, Any]:
    fix = "Expected a CSV with columns model and group."
    table = all_rows_of(stranger.read(path, fix=fix), str(path), fix)
    if not {"model", "group"} <= set(table.columns) or table.is_empty():
        raise LeadtimeError("it must have the columns model and group", where=str(path), fix=fix)
    groups = dict(table.select("model", "group").iter_rows())
    if len(groups) < table.select("model", "group").n_unique():
        raise LeadtimeError("one model is in two groups", where=str(path), fix=fix)
    lead = table["group"][0]
    first = np.array([groups.get(n) == lead for n in names])
    return first, np.array([n in groups and groups[n] != lead for n in names])


class Joined(NamedTuple):
    """One model of the files on the scale of the benchmarks."""

    worlds: Any
    column: int
    link: Any
    raw: Any
    fitted: Itemized


def joined(study: Study, found: Itemized, model: str, released: dt.date) -> Joined:
    """Return the joint draws of the study with one model of the files as a last column."""
    from dataclasses import replace

    from leadtime.capability.items.link import link
    from leadtime.capability.items.precision import draws

    if model not in found.models:
        raise unknown_name("model", model, found.models)
    ours = found.models.index(model)
    worlds = study.worlds()
    same = {m: i for m, i in known(study.evidence, found.models).items() if m in worlds.models and i != ours}
    which = np.unique([*same.values(), ours])
    raw = draws(found.fitted, found.errors, which, n=worlds.n_draws, seed=study.seed)
    place = {int(i): k for k, i in enumerate(which)}
    line = link(
        raw[:, [place[i] for i in same.values()]],
        worlds.ability[:, [worlds.models.index(m) for m in same]],
        seed=study.seed,
    )
    theta = line.moved(raw[:, [place[ours]]], seed=study.seed)
    day = np.full((worlds.n_draws, 1), float(released.toordinal()))
    extended = replace(
        worlds,
        models=(*worlds.models, f"{model} (items)"),
        ability=np.hstack([worlds.ability, theta]),
        day=np.hstack([worlds.day, day]),
        as_of=max(worlds.as_of, float(released.toordinal())),
    )
    return Joined(extended, len(worlds.models), line, {found.models[i]: raw[:, k] for i, k in place.items()}, found)


def lags(study: Study, both: Joined, model: str, behind: str, definition: str | None = None) -> dict[str, Estimate]:
    """Return how many months a model known by items lags a side, by each definition for models; positive when
    behind.
    """
    from leadtime.lag import DEFINITIONS
    from leadtime.lag.latent import latent_frontier
    from leadtime.lag.measure import measure

    mask = np.append(study.mask(behind), False)
    names = [definition] if definition else [d.name for d in lag_definitions("model")]
    if definition and definition not in {d.name for d in lag_definitions("model")}:
        raise unknown_name("definition", definition, [d.name for d in lag_definitions("model")])
    out = {}
    for name in names:
        result = measure(
            name,
            both.worlds,
            both.column,
            mask,
            start=float(START.toordinal()),
            rng=np.random.default_rng([study.seed, 11]),
            latent=functools.partial(
                latent_frontier,
                both.worlds,
                rng=np.random.default_rng([study.seed, 11]),
                start=float(START.toordinal()),
            ),
        )
        d = DEFINITIONS[name]
        out[name] = _estimate(
            study,
            f"lag.{model}.{name}",
            result.months,
            f"{model} behind {behind}, {d.title}: {d.sentence}",
            censored=float(np.mean(result.bound != 0)),
            note=result.note,
        )
    return out


def ahead(study: Study, both: Joined, model: str, against: str) -> tuple[Estimate, float]:
    """Return how many months of the US frontier's progress a model is ahead of another, and P(it is abler).

    Where the files know both, their difference on these items counts; otherwise the other's ability by benchmarks,
    and the error of the link with it.
    """
    from leadtime.lag import record_lines

    worlds = both.worlds
    lines = record_lines(worlds, np.append(study.mask("USA"), False), start=float(START.toordinal()))
    other = next((n for n in known_names(study.evidence, both, against)), None)
    if other is not None:
        gap, where = both.link.slope * (both.raw[model] - both.raw[other]), "on these items"
    else:
        there = worlds.models.index(study.evidence.resolve_model(against))
        gap, where = worlds.ability[:, both.column] - worlds.ability[:, there], "items against benchmarks"
    slope = np.where(lines.slope > 0, lines.slope, np.nan)
    sentence = f"How long the line through US records takes from the ability of {against} to that of {model}, {where}."
    return _estimate(study, f"ahead.{model}.{against}", gap / slope, sentence), float(np.mean(gap > 0))


def known_names(evidence: Evidence, both: Joined, against: str) -> list[str]:
    """Return the names in the files that mean a model, drawn with the rest."""
    if against in both.raw:
        return [against]
    try:
        wanted = evidence.resolve_model(against)
    except LeadtimeError:
        raise unknown_name("model", against, [*both.raw, *both.worlds.models]) from None
    found = [n for n in both.raw if wanted in known(evidence, [n])]
    if not found and wanted not in both.worlds.models:
        raise LeadtimeError(
            f"{wanted} has no measured ability, neither from items nor from benchmarks", where="--against"
        )
    return found


def _estimate(
    study: Study, name: str, months: Any, definition: str, *, censored: float = 0.0, note: str = ""
) -> Estimate:
    return Estimate(
        name=name,
        unit="months",
        draws=np.asarray(months),
        definition=definition,
        as_of=study.as_of.isoformat(),
        censored=censored,
        note=note,
        stamp=study.stamp,
    )
