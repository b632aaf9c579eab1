"""The chart of leaks: a dot for each case, by channel and day; what is only alleged is hollow."""

from collections.abc import Sequence

import altair as alt

from leadtime.figures.chart import SERIES_COLORS, WIDTH, Row, inline, tips


def timeline(rows: Sequence[Row]) -> alt.LayerChart:
    """Return cases on an axis of time.

    Args:
        rows: kind, to (a day), who, quantity, grade, alleged_by.
    """
    kept = [{k: r[k] for k in ("kind", "who", "quantity", "grade", "alleged_by")} | {"day": r["to"]} for r in rows]
    base = alt.Chart(inline(kept)).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y", tickCount="year")),
        y=alt.Y("kind:N", title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=160)),
        color=alt.value(SERIES_COLORS[0]),
        tooltip=tips("quantity", "who", "grade", "alleged_by"),
    )
    layers = [
        base.transform_filter(f"(datum.grade == 'alleged') == {'true' if hollow else 'false'}").mark_point(
            size=80, filled=not hollow, opacity=0.8
        )
        for hollow in (False, True)
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(34))
