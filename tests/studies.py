"""Studies that tests share. Each other evidence, method or number of draws costs a path of the lag of its own: forty
seconds of a processor. What is asked like this is computed once for all files, both workers and their servers.
"""

import functools

from leadtime.study import Study

#: A day after the newest score, as every day until the next one: their fits and paths are the same.
TODAY = "2026-11-24"
#: A day with few scores and many figures not yet published.
EARLY = "2025-01-29"
METHOD, DRAWS = "map", 200


def quick_study(day=TODAY, folder=None, **more):
    """A study of its own, whose fits are about the mode."""
    return Study(day, folder, method=METHOD, draws=DRAWS, **more)


@functools.cache
def shared(day=TODAY):
    """The one study of a day, for tests that ask it and patch nothing that it keeps."""
    return quick_study(day)
