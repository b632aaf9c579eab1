"""`leadtime predict`, and the part of `leadtime backtest` that shows what was locked."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.terminal import AsJson, Draws, Method, Seed, StudyDir, columns, open_study, put, put_json, stamp, wrap
from leadtime.errors import LeadtimeError
from leadtime.stranger import is_there

if TYPE_CHECKING:
    from leadtime.study import Study


def predict(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The file to add to; default locked.jsonl of the study.")
    ] = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
) -> None:
    """Lock a forecast of every open question: add it to a file whose lines are chained by hash."""
    from leadtime.answers.recorded import locked_json
    from leadtime.backtest import locked as lines

    path = to or (study / lines.NAME if study is not None else None)
    if path is None:
        raise LeadtimeError(
            "no file is named", where="predict", fix="Name a study with --study, or a file with --to FILE."
        )
    s = open_study(None, study, seed, draws, method)
    today = dt.date.today()  # noqa: DTZ011 - the user's own calendar day
    new, silent = lines.predict(s, path, today=today, within=None if to else study)
    if as_json:
        return put_json(locked_json(s, path.name, lines.read(path) if is_there(path) else []))
    wrap(f"locked on {today}, {len(new)} forecast{'s' * (len(new) != 1)} added to {path}", "")
    put()
    if new:
        columns(
            [("question", "closes", "said [90 %]"), *((e.question, e.closes_on, _said(e)) for e in new)], (38, 10, 26)
        )
        put(f"\nlast hash {new[-1].hash}")
        wrap("Publish this hash, or commit the file: it proves what was said by that day.", "")
    else:
        wrap("Nothing is new: each open question has a forecast of this day, evidence and program already.", "")
    for why in dict.fromkeys(silent.values()):
        names = [name for name, reason in silent.items() if reason == why]
        wrap(f"No forecast of {', '.join(names)}: {why}.", "")
    return stamp(s)


def locked(s: "Study", file: Path | None, *, as_json: bool) -> None:
    """Check the chain of a file, and show its forecasts with their scores."""
    from leadtime import answers
    from leadtime.answers.recorded import locked_json

    found = answers.locked(s) if file is None else locked_json(s, file.name, _read(file))
    if as_json:
        return put_json(found)
    put(f"{found['file']}: {found['n']} locked forecasts, the chain holds\n")
    for day in dict.fromkeys(r["made_on"] for r in found["forecasts"]):
        put(f"locked on {day}")
        columns(
            [
                ("question", "closes", "said [90 %]", "came", "score"),
                *(
                    (
                        r["question"],
                        r["closes_on"],
                        _band(r),
                        _number(r["outcome"]),
                        f"{r['scores']['leadtime']:.2f}" if "leadtime" in r["scores"] else r["state"],
                    )
                    for r in found["forecasts"]
                    if r["made_on"] == day
                ),
            ],
            (31, 10, 19, 5, 6),
        )
        put()
    for r in found["summary"]:
        wrap(f"{r['forecaster']}: mean {r['measure']} {r['score']:.2f} over {r['n']} (ours: {r['ours']:.2f}).", "")
    wrap(found["sentence"], "")
    put(f"last hash {found['head']}")
    return stamp(s)


def _read(file: Path) -> list[Any]:
    from leadtime.backtest import locked as lines

    return list(lines.read(file))


def _said(e: Any) -> str:
    from leadtime.backtest.locked_standing import band

    return f"{_band(band(e))}{' %' if e.unit == 'percent' else ''}"


def _band(r: dict[str, Any]) -> str:
    return f"{_number(r['median'])} [{_number(r['low'])}, {_number(r['high'])}]"


def _number(x: float | None) -> str:
    from leadtime.cli.backtest import number

    return number(x)
