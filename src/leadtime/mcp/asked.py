"""How an assistant's question is answered: at the desk of the server, within its bounds; what is wrong is told in
words.
"""

import functools
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from leadtime.answers.question import Question
from leadtime.answers.registry import find
from leadtime.errors import LeadtimeError
from leadtime.mcp.told import elsewhere, told
from leadtime.mcp.tools import parameters
from leadtime.web.asked import Which, answer_to
from leadtime.web.desk import Desk, TooMuch
from leadtime.web.lanes import Busy
from leadtime.web.questions import parsed, split
from leadtime.web.settings import Settings

_log = logging.getLogger(__name__)


class Refused(Exception):
    """A question that was not answered; the words say why, and what to do."""


class Counter:
    """Where assistants ask: one desk, and what the server that it belongs to lets them ask.

    Args:
        desk: Where questions are answered.
        settings: The server's.
    """

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self.desk, self.settings = desk, settings

    async def question(self, client: str, q: Question, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the text and the envelope of an answer.

        Args:
            client: Who asks.
            q: The question.
            given: Values by the name of their parameter, as JSON has them.

        Raises:
            Refused: A value is wrong, the evidence does not reach, it is not ready yet, or it takes too much.
        """
        known = parameters(q, self.settings)
        try:
            asked = parsed(given, known, (), more=f"Ask for more by the command line: `leadtime {q.command}`.")
        except RequestValidationError as error:
            wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:20]]
            raise Refused("\n".join(wrong)) from None
        which, rest = split(q, asked, self.settings)
        compute = functools.partial(put, q.name, rest)
        if q.of == "nothing":
            return await self._put(q.id, functools.partial(self.desk.at_once, compute), elsewhere(q))
        ask = functools.partial(self.desk.ask, client, q.id, which, rest, compute, slow=q.of == "study")
        return await self._put(q.id, ask, elsewhere(q))

    async def evidence(self, client: str, name: str, compute: Callable[..., Any], *given: Any) -> dict[str, Any]:
        """Return what a function of `mcp.evidence` says of the evidence that is served.

        Raises:
            Refused: There is no such table, or it is not ready yet.
        """
        which = Which(draws=self.settings.draws, method=self.settings.method)
        asked = {str(i): v for i, v in enumerate(given)}
        ask = functools.partial(
            self.desk.ask, client, name, which, asked, functools.partial(compute, *given), slow=False
        )
        return await self._put(name, ask, "")

    async def _put(self, name: str, ask: Callable[[], Any], less: str) -> dict[str, Any]:
        try:
            found = await ask()
        except LeadtimeError as error:
            raise Refused(str(error)) from None
        except Busy as error:
            raise Refused(f"{error}; the work goes on\nAsk the same again in a few seconds.") from None
        except TooMuch as error:
            raise Refused(f"{error}\nAsk for less: fewer draws, points or days. {less}".strip()) from None
        except Exception:
            _log.exception("%s failed", name)
            raise Refused("this should not have happened\nPlease report it.") from None
        return dict(json.loads(found.body))


def put(name: str, asked: dict[str, Any], study: Any) -> dict[str, Any]:
    """Return the text and envelope of the answer to a question, in a process of the desk."""
    evidence = None if study is None else study.evidence
    return told(answer_to(name, asked, study), find(name), evidence)
