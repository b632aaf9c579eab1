"""What the server does when nobody asks: it prepares the ends of past months, and looks which editions it may send."""

import asyncio
import contextlib
import datetime as dt
import json
from typing import Any

from leadtime.errors import LeadtimeError
from leadtime.study import Study
from leadtime.web import editions
from leadtime.web.asked import Which
from leadtime.web.desk import Desk
from leadtime.web.editions import Editions
from leadtime.web.settings import Settings

#: So long nobody may have asked before a file of an edition is begun; so often a new day is looked for.
_IDLE_SECONDS, _AGAIN_SECONDS = 2.0, 600.0


async def keep(desk: Desk, kept: Editions, settings: Settings) -> None:
    """Accept the editions that are there, and make those that are missing, until the server stops."""
    while True:
        today = dt.date.today()  # noqa: DTZ011 - a study without a day is one of today
        wanted = editions.days(today, settings.ahead)
        for day in list(dict.fromkeys([*wanted, *kept.there()])):
            if day < today:
                with contextlib.suppress(OSError, LeadtimeError):  # a disk that is full: at the next look perhaps
                    await _see_to(desk, kept, settings, day, make=day in wanted)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _see_to(desk: Desk, kept: Editions, settings: Settings, day: dt.date, *, make: bool) -> None:
    """Accept the edition of a day, made before if it is wanted and missing."""
    which = Which(as_of=day, draws=settings.draws, method=settings.method)
    found = await desk.own("stamp", which, _stamp, slow=False)
    if found is None:
        return
    stamp: dict[str, Any] = json.loads(found.body)
    if await asyncio.to_thread(kept.accept, day, stamp) or not make:
        return
    with kept.claimed(day) as mine:
        if not mine:
            return
        made = {}
        for file in editions.files(day, kept.public):
            await _idle(desk)
            name = f"page {file.address[1:]}" if file.path.endswith(".html") else f"edition {file.path}"
            answer = await desk.own(name, which, file.compute, slow=file.slow)
            if answer is not None:
                made[file.path] = answer.body
        if "index.html" in made:
            await asyncio.to_thread(kept.put, day, made, stamp)
            await asyncio.to_thread(kept.accept, day, stamp)


async def _idle(desk: Desk) -> None:
    """Wait until nobody has asked for a while."""
    quiet = 0.0
    while quiet < _IDLE_SECONDS:
        await asyncio.sleep(0.25)
        quiet = quiet + 0.25 if desk.idle else 0.0


def _stamp(study: Study) -> dict[str, Any]:
    return editions.stamp_of(study)
