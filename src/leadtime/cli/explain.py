"""`leadtime explain`: where a number comes from, down to its rows and sources."""

from typing import TYPE_CHECKING, Annotated

import typer

from leadtime.cli.terminal import (
    AsJson,
    AsOf,
    Draws,
    Method,
    Seed,
    StudyDir,
    columns,
    open_study,
    put,
    put_json,
    records,
    stamp,
    wrap,
)

if TYPE_CHECKING:
    import polars as pl

    from leadtime.explain import Explanation, Moved, Without


def explain(
    name: Annotated[
        str | None,
        typer.Argument(help="A number, such as lag.deepseek-v3 or cost.deepseek-v3.rental; none: list them."),
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--with", metavar="PARAMETER=VALUE", help="A parameter; may be repeated.")
    ] = None,
    without: Annotated[
        int,
        typer.Option("--without", metavar="N", min=0, help="Recompute without each of the N main sources; 0: of none."),
    ] = 8,
    by: Annotated[
        str,
        typer.Option("--by", help="Which row, model, benchmark or source of scores moves it most, left out in turn."),
    ] = "",
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, max=50, help="So many of them.")] = 8,
    refits: Annotated[
        int,
        typer.Option(
            "--refits", metavar="N", min=0, max=50, help="Abilities are fitted again so often, where weights do not do."
        ),
    ] = 4,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="Rows shown of each step.")] = 6,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    method: Method = None,
    as_json: AsJson = False,
) -> None:
    """Give a number's definition, equation, derivation, assumptions, sources, and what each source does to it."""
    if name is None:
        return _list(as_json=as_json)
    from leadtime.answers.claimed import explained, explanation_json, moved_by

    s = open_study(as_of, study, seed, draws, method)
    found, less, why_not = explained(s, name, given or (), 0 if by else without)
    moved = moved_by(s, found, by, most, refits)
    if as_json:
        return put_json(explanation_json(s, found, less, moved))
    _show(found, less, why_not, rows)
    if moved:
        _moved(moved, by, found.unit)
    return stamp(s)


def _list(*, as_json: bool) -> None:
    from leadtime.answers import quantities
    from leadtime.quantities import QUANTITIES

    if as_json:
        return put_json(quantities())
    for name, q in QUANTITIES.items():
        put(f"{'.'.join([name, *(n.rstrip('?').upper() for n in q.needs if not n.endswith('?'))])}  ({q.unit})")
        wrap(q.sentence + (f" Optional: {', '.join(n[:-1] for n in q.needs if n.endswith('?'))}." if any(n.endswith("?") for n in q.needs) else ""), "    ")  # fmt: skip
    return None


def _show(e: "Explanation", less: "list[Without]", why_not: str, rows: int) -> None:
    asked = ", ".join(f"{k} {v}" for k, v in e.parameters.items())
    put(f"{e.title}{': ' + asked if asked else ''}")
    put(f"  {_n(e.median)} {e.unit} [{_n(e.low)}, {_n(e.high)}]")
    if e.undefined > 0.005:
        wrap(f"not defined in {e.undefined:.0%} of draws", "  ")
    put()
    wrap(f"Definition. {e.sentence}", "")
    wrap(f"Equation. {e.equation} (docs/methods/{e.method}.md)", "")
    put()
    for i, s in enumerate(e.steps, 1):
        wrap(f"{i}. {s.words}", "")
        for line in _lines(s.rows, rows):
            put(f"     {line}")
        if s.rows.height > rows:
            put(f"     and {s.rows.height - rows} more: --rows {s.rows.height}, or leadtime evidence {s.table}")
    put()
    put(f"{e.sources.height} sources" + (", those of most rows:" if e.sources.height > 10 else ":"))
    for r in records(e.sources)[:10]:
        wrap(
            f"{r['id']}: {r['title']} ({r['publisher'] or 'no publisher'}), {r['n_rows']} rows. {r['url'] or 'No address.'}",
            "  ",
        )
    put()
    if why_not:
        wrap(f"Not recomputed without its sources: {why_not}", "")
    for w in less:
        said = f"cannot be computed: {w.why}" if w.median is None else f"{_n(w.median)} [{_n(w.low)}, {_n(w.high)}]"
        wrap(f"without {w.source}: {said}" if w.source else f"recomputed (abilities by map): {said}", "  ")


def _moved(moved: "list[Moved]", by: str, unit: str) -> None:
    """Print what moves the number most."""
    put(f"Which {by} moves it most: the number without it, and how far it moves the number, {unit}\n")
    rows = [(by, "scores", "without it [90 %]", "moves it by", "how")]
    for m in moved:
        if m.median is None or m.low is None or m.high is None or m.moves_by is None:
            rows.append((m.part, str(m.n_scores), "unknown", "", ""))
        else:
            spread = f"{_n(m.median)} [{_n(m.low)}, {_n(m.high)}]"
            rows.append((m.part, str(m.n_scores), spread, f"{m.moves_by:+.2f}", m.how))
    columns(rows, (34, 6, 20, 11, 7))
    for m in moved:
        if m.why:
            wrap(f"{m.part}: {m.why}", "")
    wrap(
        "Weights: the same draws, weighted as if the scores were not there. Refit: the abilities fitted again, by their mode, where the weights "
        "could not be trusted.",
        "",
    )
    put()


def _lines(table: "pl.DataFrame", n: int) -> list[str]:
    """Return rows as text: what is filled in, its source and day last."""
    found = []
    for r in records(table.head(n)):
        words = [
            str(v) if not isinstance(v, float) else f"{v:g}"
            for k, v in r.items()
            if v is not None and k not in ("source", "known_on", "note")
        ]
        found.append(f"{' '.join(words)[:37]:<37} {r.get('source', '')[:25]:<25} {r.get('known_on', '')}")
    return found


def _n(x: float | None) -> str:
    if x is None or x != x:
        return "-"
    for size, unit in ((1e9, "billion"), (1e6, "million")):
        if abs(x) >= size:
            return f"{x / size:.3g} {unit}"
    return f"{x:.3g}" if abs(x) < 1e4 else f"{x:,.0f}"
