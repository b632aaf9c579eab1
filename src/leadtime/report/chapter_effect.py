"""The report's chapter on what the rules changed: its numbers; the page `effect` tells and draws them."""

from typing import TYPE_CHECKING

from leadtime.answers.registry import ask
from leadtime.backtest.simulated import beside
from leadtime.errors import LeadtimeError
from leadtime.report.chapter import Chapter

if TYPE_CHECKING:
    from leadtime.study import Study


def chapter(study: "Study") -> Chapter | None:
    """Return the chapter, or None on a day when no count of arrivals was public."""
    try:
        study.progress("what the rules changed", 0.93)
        found = study.effect()
        drawn = ask(study, "effect").drawn()
    except LeadtimeError:
        return None
    return Chapter(
        name="effect",
        title="What the rules changed",
        lead=found.sentence,
        figures=(drawn,),
        tables=(),
        json=beside(found.to_json(), study.as_of),
    )
