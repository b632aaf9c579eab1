"""The tables of the page on models, in their order."""

from leadtime.estimate import atoms_text
from leadtime.report import tables, tables_lag
from leadtime.report.results import Results


def page_tables(r: Results) -> list[tables.Table]:
    """Return the tables in the order of the page."""
    ours = {
        row["model"]: atoms_text(row["lag"].atoms) or tables.months(row["lag"].median, row["lag"].low, row["lag"].high)
        for row in r.organization
    }
    ours["CHN"] = tables.months(r.group.median, r.group.low, r.group.high)
    found = [
        tables.abilities(r.named(r.abilities, "organization")),
        tables.grid(
            r.group_grid,
            "group-grid",
            "China behind the United States, by definition",
            "Months, median and 90% interval; negative means ahead. “Only a bound”: share of draws in which the true"
            " value lies beyond.",
        ),
    ]
    if not r.choices.is_empty():
        found.append(tables_lag.choices(r.choices))
    if not r.bounding.is_empty():
        found.append(tables_lag.bounding(r.bounding))
    if r.model_grid is not None:
        found.append(
            tables.grid(
                r.model_grid,
                "model-grid",
                "DeepSeek-V3, by definition and setting",
                "Months behind when released, and the probability that the lag is within 7 to 10.",
                claim=True,
            )
        )
    if r.organization:
        found.append(tables.model_lags(r.organization, "DeepSeek"))
    return [
        *found,
        tables.published(r.named(r.published, "published_by"), ours),
        tables.vendor_effect(r.named(r.effects, "name")),
    ]
