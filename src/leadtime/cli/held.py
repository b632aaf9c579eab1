"""Questions within the line of another command: `leadtime figure lag deepseek-v3 --out lag.svg`, typed as they are on
their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer.core
import typer.main

from leadtime.answers.registry import questions
from leadtime.cli.asked import Asked, Command
from leadtime.cli.light import LightCommand
from leadtime.errors import LeadtimeError, unknown_name

#: What parts two questions.
PARTED = "--"


class Holding(LightCommand):
    """A command that holds questions: its own options may stand among their words, and `--` parts them.

    Settings of what questions are put to, such as `--as-of`, are its own before the first question, and the question's
    after.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return what is left once the command's own options are read; the words of questions go to its argument."""
        own = [p for p in self.get_params(ctx) if p.param_type_name == "option"]
        first = {o for p in own for o in p.opts if p.name in _SETTINGS or p.name == "help"}
        flags = {o for p in own for o in p.opts if getattr(p, "is_flag", False) or p.name == "help"}
        return super().parse_args(ctx, parted(args, {o for p in own for o in p.opts}, first, flags))


_SETTINGS = ("as_of", "study", "seed", "draws", "method")


def parted(args: Iterable[str], options: set[str], first: set[str], flags: set[str]) -> list[str]:
    """Return the words of a line, the command's own options first, then those of questions behind a `--`.

    Args:
        args: The line.
        options: Its own options.
        first: Those that are its own only before the first question.
        flags: Those that take no value.
    """
    own: list[str] = []
    words: list[str] = []
    rest = iter(args)
    for word in rest:
        name, equals, _ = word.partition("=")
        if name not in options or (words and name in first):
            words.append(word)
        elif equals or name in flags:
            own.append(word)
        else:
            value = next(rest, None)
            if value is None:  # told as of any option
                return [*own, word]
            own += [word, value]
    return [*own, PARTED, *words]


def asked(words: Sequence[str], common: Mapping[str, Any] | None = None) -> list[Asked]:
    """Return the questions of a line, each as its own command reads it.

    Args:
        words: Their words, parted by `--`.
        common: Settings for all, by name, as typed.

    Raises:
        LeadtimeError: No question was given, or one is unknown or badly written.
    """
    groups: list[list[str]] = [[]]
    for word in words:
        if word == PARTED:
            groups.append([])
        else:
            groups[-1].append(word)
    return [_asked(g, common) for g in groups if g] or [_asked([], common)]


def _asked(words: list[str], common: Mapping[str, Any] | None) -> Asked:
    command, rest = _command(words)
    app = typer.Typer(add_completion=False)
    app.command(cls=LightCommand)(command.signed(lambda **_: None))
    path = f"leadtime {' '.join(command.asked[0].words)}"
    with typer.main.get_command(app).make_context(path, rest) as context:
        return command.read(context.params, common)


def _command(words: list[str]) -> tuple[Command, list[str]]:
    """Return the command of a question and the words after it: it is called by the words of its command or by
    its name.
    """
    every = [
        q for q in questions() if not {"--out"} & {p.option for p in q.parameters}
    ]  # what writes files is no figure or memo
    for n in range(len(words), 0, -1):
        start = tuple(words[:n])
        if found := [q for q in every if q.words == start]:
            return Command.of(found), words[n:]
        if named := [q for q in every if tuple(q.name.split()) == start]:
            (q,) = named
            return Command.of([o for o in every if o.words == q.words]), [*([q.switch] if q.switch else []), *words[n:]]
    names = sorted({" ".join(q.words) for q in every})
    if not words or words[0].startswith("-"):
        raise LeadtimeError("no question was named", fix=f"Type one as its own command: {', '.join(names)}.")
    raise unknown_name("question", words[0], names)
