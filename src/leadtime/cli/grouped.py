"""A group of commands: its help says in full what each command does, as the terminal has room."""

from typing import Any

from typer.core import TyperGroup

#: No command says more of itself.
_ALL = 1_000


class Group(TyperGroup):
    """A group of commands whose list cuts nothing off."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what there is, each command with its first sentences."""
        known = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, c.get_short_help_str(_ALL)) for name, c in known if c is not None and not c.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
