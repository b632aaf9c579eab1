"""`leadtime predict`: what writes forecasts down before their outcome."""

import datetime as dt
from pathlib import Path
from typing import Annotated

from leadtime.answers.kinds import File
from leadtime.answers.question import Meaning
from leadtime.cli.declared import AsJson, Draws, Method, Seed, StudyDir, declared
from leadtime.cli.terminal import open_study, put_json
from leadtime.errors import LeadtimeError
from leadtime.stranger import is_there


@declared
def predict(
    *,
    to: Annotated[
        Path,
        Meaning(
            kind=File(), help="The file to add to. The default is locked.jsonl of the study.", example="locked.jsonl"
        ),
    ]
    | None = None,
    study: StudyDir | None = None,
    seed: Seed | None = None,
    draws: Draws | None = None,
    method: Method | None = None,
    as_json: AsJson = False,
) -> None:
    """Lock a forecast of every open question. Each is added to a file whose lines are chained by hash."""
    from leadtime.answers import find
    from leadtime.answers.recorded import added
    from leadtime.backtest import locked
    from leadtime.cli.shown import show

    path = to or (study / locked.NAME if study is not None else None)
    if path is None:
        raise LeadtimeError("no file was named", where="predict", fix="Name a study with --study, or a file with --to.")
    s = open_study(None, study, seed, draws, method)
    today = dt.date.today()  # noqa: DTZ011 - the user's own calendar day
    new, silent = locked.predict(s, path, today=today, within=None if to else study)
    if not as_json:
        return show(added(s, path, new, silent))
    if not is_there(path):
        raise LeadtimeError("no question is open, so nothing was locked", where=str(path))
    return put_json(find("backtest file").ask(s, {"file": path}).to_json())
