"""Lists of parties, the names that are looked up on them, and forecasts that were locked."""

import csv
import datetime as dt
import functools
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict

from faults.targets import Target
from faults.targets.oracle import file, require_seen
from leadtime.answers.parties import _share
from leadtime.backtest import locked
from leadtime.rules import screening, screening_lists

_DAY = dt.date(2026, 11, 1)
#: By the first letter of an input: the name of its file.
_FILES = {b"C": "consolidated.csv", b"J": "list.json", b"S": "sdn.csv", b"A": "alt.csv"}
_HEADER = "source,name,alt_names,federal_register_notice,start_date,end_date,license_requirement,license_policy"
_CONSOLIDATED = (
    f"{_HEADER}\n"
    'Entity List (EL) - Bureau of Industry and Security,"Made Up Photonics Co., Ltd.",'
    '"Made-Up; MUP Institute",88 FR 11111,2023-03-02,,All items,Presumption of denial\n'
    "Unverified List (UVL),Nobody Microelectronics,,,2024-05-14,2026-01-01,,\n"
).encode()
_SDN = (
    b'101,"VEKTORSTANOV ELEKTRONIKA","-0- ","RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"x"\r\n'
    b'102,"MADEUP, Ivan","individual","RUSSIA-EO14024","Director",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970."\r\n\x1a\r\n'
)
_ALT = b'101,7,"aka","OOO VEKTOR-ELEK",-0- \r\n101,8,"fka","VEKTORSTAN",-0- \r\n\x1a'


def _list_seeds() -> Iterator[bytes]:
    yield b"C" + _CONSOLIDATED
    yield b"C" + b"name;list\nMade Up Photonics;Entity List\n"
    rows = [{"name": "Made Up Photonics", "source": "Entity List", "alt_names": ["MUP"], "start_date": "2023-03-02"}]
    yield b"J" + json.dumps({"results": rows * 2}, indent=1).encode()
    yield b"S" + _SDN
    yield b"A" + _ALT


def _lists(data: bytes) -> None:
    name, content = _FILES.get(data[:1], "consolidated.csv"), data[1:]
    beside = {"sdn.csv": _SDN, "alt.csv": _ALT}
    found = screening_lists.entries_of(name, {**beside, name: content})
    for e in found:
        assert e.name and e.source and e.name.isprintable() and e.source.isprintable()
        require_seen(e.name, e.source, *e.others, e.notice, e.requirement, e.policy)
    n_said = _n_rows(name, content) if found else None  # a file of other names alone has no party of its own
    assert n_said is None or len(found) == n_said, f"{n_said} parties in the file, {len(found)} taken"


def _n_rows(name: str, content: bytes) -> int | None:
    """Return how many parties a file has, where that can be told plainly."""
    text = content.decode("utf-8-sig")
    if name.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        whole = json.loads(text)
        return len(whole["results"] if isinstance(whole, dict) else whole)
    first = text.split("\n", 1)[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    rows = [r for r in csv.reader(io.StringIO(text), delimiter=mark) if "".join(r).strip("\x1a \t")]
    return None if name == "alt.csv" else len(rows) if rows[0][0].strip().isdecimal() else len(rows) - 1


@functools.cache
def _screener() -> screening.Screener:
    return screening.Screener(screening_lists.of_files({"consolidated.csv": _CONSOLIDATED, "sdn.csv": _SDN}, {}))


def _name_seeds() -> Iterator[bytes]:
    yield b"Made-Up Photonics\nMade Up Photonics Co=60%"
    yield "МАДЕУП Электроника OOO\n某某科技有限公司=0.5".encode()
    yield b"M.U.P. Inst. & Sons (Hong Kong) Ltd.\nX=10%\nY=50%"


def _names(data: bytes) -> None:
    name, *owners = data.decode("utf-8", "replace").split("\n")
    found = screening.screen(_screener(), name, [_share(o) for o in owners[:9]], _DAY)
    for match in found.matches + found.later:
        assert screening.MAYBE <= match.score <= 100.0, f"a likeness of {match.score}"
    assert found.listed in (True, False, None) and found.said


def _locked_seeds() -> Iterator[bytes]:
    for entry in locked.read(locked.SHIPPED)[:4]:
        yield json.dumps(asdict(entry) | {"n": 1, "before": locked.START}, indent=1).encode()
    yield locked.SHIPPED.read_bytes()


def _locked(data: bytes) -> None:
    """A line whose hash is right, whatever it says: so that what stands behind the hash is reached too."""
    text = data.decode("utf-8", "replace")
    try:
        content = json.loads(text)
        whole = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        content["hash"] = hashlib.sha256(whole.encode()).hexdigest()
        data = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    except (ValueError, TypeError, RecursionError):
        pass  # as it is
    found = locked.read(file("locked.jsonl", data))
    written = b"".join(e.line().encode() + b"\n" for e in found)
    assert written.rstrip(b"\n") == data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\n"), "another text"
    for e in found:
        require_seen(e.question, e.words, e.unit, e.method, *e.forecasts)
        assert all(v == sorted(v) for v in e.forecasts.values())


TARGETS = (
    Target(
        name="party-lists",
        what="lists of parties, CSV, JSON and the Treasury's",
        seeds=_list_seeds,
        check=_lists,
        words=("name", "source", "alt_names", "start_date", "-0- ", "aka", "\x1a", "results", "Entity List", "\u202e"),
    ),
    Target(
        name="party-names",
        what="names of parties and owners",
        seeds=_name_seeds,
        check=_names,
        words=("Ltd", "Co", "OOO", "=60%", "=", "%", "有限公司", "\u0130", "ß", "ﷺ", "'", "."),
    ),
    Target(
        name="locked-jsonl",
        what="locked forecasts (`locked.jsonl`)",
        seeds=_locked_seeds,
        check=_locked,
        words=("forecasts", "n", "before", "made_on", "unit", "NaN", "1e999", "1e308", "\\ud800", "\\u202e"),
    ),
)
