"""Files of a study: evidence, rules, scenarios, claims, settings, lock."""

import datetime as dt
import functools
import math
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import polars as pl

from faults.targets import Target
from faults.targets.oracle import CONTROL, file, folder, records, same_cells
from leadtime.claims import ledger
from leadtime.evidence import TABLES, lock, rules_yaml, settings, validate
from leadtime.quantities import QUANTITIES
from leadtime.scenario import files as scenario_files
from leadtime.scenario import levers, own

_DATA = Path(str(files("leadtime"))) / "evidence" / "data"
_TABLES = tuple(TABLES.values())


def _csv_seeds() -> Iterator[bytes]:
    for i, table in enumerate(_TABLES):
        lines = (_DATA / table.folder / f"{table.name}.csv").read_bytes().splitlines(keepends=True)
        for first in (1, len(lines) // 2):
            yield bytes((65 + i,)) + b"".join([lines[0], *lines[first : first + 4]])


def _csv(data: bytes) -> None:
    table, content = _TABLES[(data[0] if data else 0) % 65 % len(_TABLES)], data[1:]
    rows = validate.read_table(file(f"{table.name}.csv", content), table)
    same_cells(rows, *records(content))
    assert rows.select(table.key).is_unique().all(), "a key is there twice"
    for column in table.columns:
        if column.low is not None:
            assert (rows[column.name].drop_nulls() >= column.low).all()
        if column.high is not None:
            assert (rows[column.name].drop_nulls() <= column.high).all()
        assert not column.required or not rows[column.name].null_count(), f"{column.name} is empty"


def _rules_seeds() -> Iterator[bytes]:
    from leadtime.evidence import Evidence

    evidence = Evidence.load(as_of=dt.date.max)
    for section, table in rules_yaml.SECTIONS.items():
        for rows in (evidence[table.name].head(2), evidence[table.name].tail(1)):
            text = f"{section}:\n"
            for row in rows.to_dicts():
                cells = [
                    f"{k}: {str(v).lower() if isinstance(v, bool) else repr(str(v))}"
                    for k, v in row.items()
                    if v is not None
                ]
                text += "  - " + "\n    ".join(cells) + "\n"
            yield text.encode()


def _rules(data: bytes) -> None:
    from ruamel.yaml import YAML

    path = file("own.yaml", data)
    found = rules_yaml.read(path)
    said = YAML(typ="base", pure=True).load(data.decode("utf-8-sig")) if data.strip() else {}
    said = said if isinstance(said, dict) or _plain(said) else {}  # a file that says nothing, or null
    assert {t.name for t, _ in found} == {rules_yaml.SECTIONS[k].name for k in said}
    for (table, rows), listed in zip(found, said.values(), strict=True):
        names = table.column_names
        texts = [[_plain(record.get(n)) for n in names] for record in listed]
        assert not any(CONTROL.search(c) for r in texts for c in r), "a control character was accepted"
        same_cells(rows.with_columns(pl.col(pl.String).replace(_NULLS, None)), names, texts)  # in quotes it is a word


_NULLS = ["null", "~", "Null", "NULL"]


def _plain(found: object) -> str:
    if isinstance(found, list):
        return "|".join(str(f).strip() for f in found)
    return "" if found is None or found in _NULLS else str(found).strip()


def _scenario_seeds() -> Iterator[bytes]:
    yield from (p.read_bytes() for p in sorted(scenario_files.DATA.glob("*.yaml")))
    yield b"title: Mine\nnarrative: None let in.\nbase: as-is\nlevers: {uptake: 0}\n"
    yield (
        b"title: A\nnarrative: B\nlevers:\n  uptake:\n    - {from: 2027-01-01, value: 0}\n    - {from: 2028-01-01,"
        b" value: 0.5}\n"
    )
    yield (
        b"title: A\nnarrative: B\npriors:\n  follower_gain: {low: 0.1, value: 0.2, high: 0.3, distribution: lognormal,"
        b" source: me}\n"
    )
    yield (
        b"a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\ntitle:"
        b" *c\nnarrative: x\n"
    )


@functools.cache
def _built_in() -> dict[str, levers.Scenario]:
    return scenario_files.built_in()


def _scenario(data: bytes) -> None:
    found = scenario_files.load_file(file("mine.yaml", data), _built_in())
    _sound(found)
    assert found.title.strip() and found.narrative.strip()
    assert not CONTROL.search(found.title + found.narrative), "a control character was accepted"
    for prior in found.priors.values():
        assert all(math.isfinite(prior[k]) for k in ("low", "value", "high") if k in prior), (
            f"the prior {prior} was accepted"
        )


def _sound(found: levers.Scenario) -> None:
    for name, steps in found.levers.items():
        lever = levers.LEVERS[name]
        assert all(lever.low <= s.value <= lever.high for s in steps if not s.chip), f"{name}: {steps}"
        assert [s.begin for s in steps] == sorted({s.begin for s in steps}), f"{name}: not in order: {steps}"
        assert found.path(name).shape == (levers.N_QUARTERS,)


def _lever_seeds() -> Iterator[bytes]:
    yield from (
        b"uptake=0@2027-01-01",
        b"open_ratio=0.5",
        b"quota_h100e=100000@2026-12-31\nuptake=1",
        b"build_cost=5@2022-01-01",
    )
    yield from (
        f"{name}={0 if lever.default != lever.default else lever.low}@2030-06-30".encode()
        for name, lever in levers.LEVERS.items()
    )


def _levers(data: bytes) -> None:
    texts = data.decode("utf-8", "replace").split("\n")
    found = own.with_levers(_built_in()["as-is"], texts)
    _sound(found)
    assert all(math.isfinite(v) for t in texts for v in [float(t.partition("=")[2].partition("@")[0])]), (
        "inf was accepted"
    )


def _claims_seeds() -> Iterator[bytes]:
    blocks = ledger.LEDGER.read_bytes().split(b"\n- ")
    yield from (b"- " + b.removeprefix(b"- ") + b"\n" for b in blocks[1:12])
    yield (
        b"- id: a\n  who: B\n  said_on: 2025-01-29\n  source: x\n  words: y\n  readings: [{quantity: lag, with: {model:"
        b" deepseek-v3}, low: 7, high: 10}]\n"
    )
    yield b"- &a {id: a, who: [x, x, x, x], said_on: [*a, *a]}\n"


def _claims(data: bytes) -> None:
    claims = ledger.load_file(file("claims.yaml", data))
    assert len({c.id for c in claims}) == len(claims) > 0
    for claim in claims:
        assert bool(claim.readings) != bool(claim.not_measurable)
        assert not CONTROL.search(f"{claim.id}{claim.who}{claim.words}{claim.note}"), "a control character was accepted"
        for r in claim.readings:
            assert r.low <= r.high and (math.isfinite(r.low) or math.isfinite(r.high)) and r.quantity in QUANTITIES


def _toml_seeds() -> Iterator[bytes]:
    yield b'as_of = 2026-11-01\nseed = 0\ndraws = 2000\nmethod = "nuts"\nlocked = true\n'
    yield b'# nothing\nmethod = "map"\n'


def _toml(data: bytes) -> None:
    file(settings.NAME, data)
    found = settings.read(folder())
    assert found.method in (None, "nuts", "map", "bootstrap") and isinstance(found.locked, bool)
    assert found.seed is None or 0 <= found.seed < 2**63
    assert found.draws is None or 2 <= found.draws <= 10**7, f"{found.draws} draws were accepted"


def _lock_seeds() -> Iterator[bytes]:
    made = lock.Lock(as_of=dt.date(2026, 11, 1), evidence_hash="0123456789abcdef", packages=lock.installed())
    yield made.write(folder()).read_bytes()


def _lock(data: bytes) -> None:
    import json

    path = file(lock.NAME, data)
    found = lock.read(folder())
    assert found is not None
    written = found.write(folder()).read_text(encoding="utf-8")
    assert lock.read(folder()) == found
    assert json.loads(written) == json.loads(data), "says something else when it is written again"
    path.unlink()


TARGETS = (
    Target(name="evidence-csv", what="tables of evidence (`evidence/TABLE.csv`)", seeds=_csv_seeds, check=_csv),
    Target(
        name="rules-yaml",
        what="rules of one's own (`rules/*.yaml`)",
        seeds=_rules_seeds,
        check=_rules,
        words=tuple(rules_yaml.SECTIONS),
    ),
    Target(
        name="scenario-yaml",
        what="scenarios (`scenarios/*.yaml`)",
        seeds=_scenario_seeds,
        check=_scenario,
        words=(*levers.LEVERS, "from", "value", "lognormal", "base", "priors", "changes"),
    ),
    Target(
        name="levers",
        what="levers on the command line (`--set LEVER=VALUE@DAY`)",
        seeds=_lever_seeds,
        check=_levers,
        words=tuple(levers.LEVERS),
    ),
    Target(
        name="claims-yaml",
        what="claims (`claims/*.yaml`)",
        seeds=_claims_seeds,
        check=_claims,
        words=(*QUANTITIES, "readings", "low", "high", "with", "not_measurable"),
    ),
    Target(
        name="settings-toml",
        what="`leadtime.toml`",
        seeds=_toml_seeds,
        check=_toml,
        words=("as_of", "seed", "draws", "method", "locked"),
    ),
    Target(
        name="lock-json",
        what="`leadtime.lock`",
        seeds=_lock_seeds,
        check=_lock,
        words=("packages", "as_of", "evidence_hash"),
    ),
)
