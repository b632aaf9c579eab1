"""Why others get other numbers."""

from typing import TYPE_CHECKING, Any

from leadtime.answers.plain import plain

if TYPE_CHECKING:
    from leadtime.study import Study


def lag_published(study: "Study") -> dict[str, Any]:
    """Set each published lag beside ours by the nearest definition, and say what makes the difference."""
    from leadtime.published import compared, row, sentence

    found = compared(study)
    return {**study.stamp, "sentence": sentence(found), "rows": plain([row(c) for c in found])}
