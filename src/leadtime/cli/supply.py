"""`leadtime supply`: which chips arrived, by which channel, and what others say of them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadtime.cli.terminal import (
    AsCsv,
    AsJson,
    AsOf,
    Draws,
    Seed,
    StudyDir,
    columns,
    open_study,
    put,
    put_json,
    records,
    wrap,
)

if TYPE_CHECKING:
    from leadtime.supply import Supply


def supply(
    country: Annotated[str, typer.Option("--country", help="CHN, USA or ROW (the rest).")] = "CHN",
    compare: Annotated[bool, typer.Option("--compare", help="Set published estimates beside ours.")] = False,
    chips: Annotated[bool, typer.Option("--chips", help="Counted arrivals by quarter and chip.")] = False,
    share: Annotated[
        bool, typer.Option("--share", help="China's share before the rules and now, like for like.")
    ] = False,
    as_of: AsOf = None,
    study: StudyDir = None,
    seed: Seed = None,
    draws: Draws = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say which chips arrived in a bloc by year and channel, what stock they add up to, or how China's share moved."""
    from leadtime import answers
    from leadtime.answers.simulated import arrivals

    s = open_study(as_of, study, seed, draws, "nuts")
    if as_json:
        return put_json(answers.supply(s, country=country, compare=compare, chips=chips, share=share))
    table = arrivals(s, country, compare=compare, chips=chips, share=share)
    if as_csv:
        return put(table.write_csv().rstrip())
    if share:
        _show_share(records(table))
    elif compare:
        _show_compared(records(table))
    elif chips:
        columns([("quarter", "channel", "chip", "thousand chips", "thousand H100e", "of"), *(
            (r["quarter"], r["channel"], r["chip"] or r["designer"], *(_thousand(r, k) for k in ("units", "h100e")), r["bloc"])
            for r in records(table)
        )], (7, 7, 14, 17, 20, 5))  # fmt: skip
        wrap(
            "XCHN: all but China; WORLD: all. Counted arrivals; estimates that conflict are in `leadtime evidence shipments`.",
            "",
        )
    else:
        _show(s.supply, country)
    return put(f"as of {s.as_of}, evidence {s.evidence.hash}, seed {s.seed}, {s.draws} draws, 90 % intervals")


def _thousand(r: dict[str, Any], name: str) -> str:
    low, median, high = (None if r[k] is None else f"{r[k] / 1e3:.3g}" for k in (f"{name}_low", name, f"{name}_high"))
    return f"{median} [{low}, {high}]"


def _show(s: "Supply", country: str) -> None:
    import numpy as np

    from leadtime.supply import CHANNELS

    names = s.history.quarters
    years = {y: [i for i, q in enumerate(names) if q[:4] == y] for y in sorted({q[:4] for q in names})}
    streams = list(CHANNELS) if country == "CHN" else ["usa" if country == "USA" else "rest"]
    size, word, form = (1e3, "thousand", "{:.0f}") if country == "CHN" else (1e6, "million", "{:.1f}")
    put(f"accelerators of {country}, {word} H100-equivalents (dense 8-bit), to {names[-1]}\n")

    def band(values: Any) -> str:
        low, median, high = (form.format(v) for v in np.quantile(values, [0.05, 0.5, 0.95]) / size)
        return f"{median} [{low}, {high}]"

    home = [c for c in streams if c in s.flows]
    widths = (9, *(15 if len(home) > 1 else 20,) * len(home))
    put("arrived in the year")
    columns([("", *home), *(
        (y if len(at) == 4 else f"{y} Q1-{len(at)}" if len(at) > 1 else f"{y} Q1", *(band(s.flows[c][:, at].sum(axis=1)) for c in home)) for y, at in years.items()
    )], widths)  # fmt: skip
    put("\nin use at the end")
    ends = [at[-1] for at in years.values()]
    columns([("", *home), *((names[i], *(band(s.stocks[c][:, i]) for c in home)) for i in ends)], widths)
    if country == "CHN":
        put()
        share, ratio = s.share_of_china(), s.ratio()
        lines = [("rented in third countries", s.stocks["rented"] / size, "{:.0f}"), ("China's share of all", share * 100, "{:.1f} %"),
                 ("US over Chinese stock", ratio, "{:.1f}")]  # fmt: skip
        for label, values, shown in lines:
            cells = [
                " ".join((names[i] if names[i][-1] != "4" else names[i][:4], shown.format(np.median(values[:, i]))))
                for i in ends
            ]
            wrap(f"{label}: " + ", ".join(cells), "")
        if (leases := s.leases()).height:
            wrap(f"Leases abroad known by name: {leases.height}, {float(leases['h100e'].sum()) / size:.0f} {word} in all, some not running yet; "
                 "the rented above rest on a judged share.", "")  # fmt: skip
        put()
        wrap("Arrivals at home are what Chinese firms own; what they rent abroad is not among them. `--compare` sets published "
             "figures beside these: units and scopes differ, and so do careful people.", "")  # fmt: skip
    for said in s.history.words():
        wrap(said, "")


def _show_share(rows: list[dict[str, Any]]) -> None:
    """Print China's share in each pair of periods, a block for each choice of makers."""
    from leadtime.supply.arrivals import designer

    words = {
        ("all", "owned"): "all channels, owned",
        ("legal", "owned"): "under the rules alone",
        ("all", "used"): "owned and rented abroad",
    }
    put("China's share of arriving accelerators, %, in H100-equivalents (8-bit)")

    def band(r: dict[str, Any], name: str, form: str = "{:.0f}") -> str:
        low, median, high = (form.format(100 * r[f"{name}_{k}"]) for k in ("low", "median", "high"))
        return f"{median} [{low}, {high}]"

    for before, makers in dict.fromkeys((r["before"], r["makers"]) for r in rows):
        some = [r for r in rows if (r["before"], r["makers"]) == (before, makers)]
        put()
        title = "the same makers in both" if makers == "same" else "all makers, with what is assumed of them"
        put(f"{before} and {some[0]['after']}: {title}")
        columns(
            [
                ("", "before", "after", "change, points", "P(fell)"),
                *(
                    (
                        words[r["channels"], r["scope"]] if r["unit_basis"] == "int8" else "all, in memory bandwidth",
                        band(r, "share_before"),
                        band(r, "share_after"),
                        band(r, "change", "{:+.0f}"),
                        f"{r['p_fell']:.2f}",
                    )
                    for r in some
                    if r["unit_basis"] == "int8" or (r["channels"], r["scope"]) == ("all", "owned")
                ),
            ],
            (24, 12, 12, 16, 7),
        )
        wrap(
            f"Makers: {', '.join(map(designer, some[0]['designers'].split(', ')))}. Assumed: {some[0]['assumed'] or 'nothing'}.",
            "",
        )
    put()
    wrap(
        "The same makers: outside China those counted in every quarter of both periods; Chinese ones where they were counted, "
        "so that a period without a count of them understates the fall. Before the rule of October 2023 the A800 and H800 could be "
        "bought; before August 2022 every chip could, but China's part was not counted. Rented: a judged share of chips in third "
        "countries.",
        "",
    )


def _show_compared(rows: list[dict[str, Any]]) -> None:
    def numbers(*values: float | None) -> str:
        low, median, high = (None if v is None else f"{v:,.3g}" if v < 1e4 else f"{v:,.0f}" for v in values)
        if median is None and low is None and high is None:
            return "-"
        return (median or "") + (f" [{low or '?'}, {high or '?'}]" if low or high else "")

    columns([("quantity", "day", "published", "ours"), *(
        (r["quantity"].replace("_", " "), str(r["period_end"]), numbers(r["low"], r["value"], r["high"]),
         numbers(r["our_low"], r["our_median"], r["our_high"]))
        for r in rows
    )], (20, 10, 24, 20))  # fmt: skip
    put()
    wrap(
        "-: later than the last counted quarter, or in a unit we do not count. `--csv` gives units, scopes and sources.",
        "",
    )
