"""What a study works on: evidence, a date and settings, and what every answer says about them."""

import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import leadtime
from leadtime import environment, stranger
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence, age, parts, settings, yaml_text

Progress = Callable[[str, float], None]
#: Clocks and time zones differ, and a study may be prepared ahead; beyond, an as-of day is a slip.
_AHEAD = dt.timedelta(days=366)


class Known:
    """One body of evidence, one date and one seed. Every stage of a study is computed from these.

    Its arguments are those of `Study`, which is made of it.
    """

    def __init__(
        self,
        as_of: dt.date | str | Path | None = None,
        folder: Path | str | None = None,
        *,
        seed: int | None = None,
        draws: int | None = None,
        method: str | None = None,
        refit: bool = False,
        progress: Progress | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        as_of, folder = _day_and_folder(as_of, folder)
        seed, draws, method = settings.resolve(folder, seed, draws, method)
        if draws < 2:
            raise LeadtimeError(f"{draws} draws are too few", fix="Ask for 2 or more; 2000 is the default.")
        if draws > settings.MOST_DRAWS:
            raise LeadtimeError(f"{draws:,} draws are too many", fix=f"Ask for {settings.MOST_DRAWS:,} or less.")
        if not 0 <= seed <= settings.MOST_SEED:
            raise LeadtimeError(f"{seed} is not a seed", fix=f"Expected a whole number from 0 to {settings.MOST_SEED}.")
        self.folder = Path(folder) if folder is not None else None
        day = parse_date(as_of)
        if day is not None and day > dt.date.today() + _AHEAD:  # noqa: DTZ011 - the user's own calendar day
            raise LeadtimeError(
                f"{day} is in the future", where="--as-of", fix="Nobody knows that day yet. Choose a day up to today."
            )
        self.refit = refit
        #: Whether models of a folder are placed on the built-in fit.
        self.places = folder is not None and evidence is None and not refit
        self.evidence = evidence or Evidence.load(folder, as_of=day)
        self.as_of = self.evidence.as_of
        self.seed, self.draws, self.method = seed, draws, method
        self.progress = progress or (lambda text, done: None)
        self._fits: dict[tuple[str, str], Any] = {}
        self._taken = ""
        self._worlds: dict[tuple[str, str, str], Any] = {}

    def __repr__(self) -> str:
        folder = f", folder={str(self.folder)!r}" if self.folder else ""
        return (
            f"<Study of {self.as_of}{folder}: evidence {self.evidence.hash}, seed {self.seed}, {self.draws:,} draws,"
            f" {self.method}>"
        )

    @classmethod
    def open(cls, folder: Path | str, as_of: dt.date | str | None = None, **settings: Any) -> Self:
        """Return the study of a folder. It takes the same settings as `Study`.

        Raises:
            LeadtimeError: There is no such folder, or one of its files is wrong.
        """
        return cls(as_of, folder, **settings)

    def with_evidence(self, evidence: Evidence, *, method: str | None = None, draws: int | None = None) -> Self:
        """Return the same study with other evidence, and with another method or number of draws if you give them."""
        return type(self)(
            folder=self.folder,
            seed=self.seed,
            draws=draws or self.draws,
            method=method or self.method,
            evidence=evidence,
        )

    @functools.cached_property
    def stamp(self) -> dict[str, Any]:
        """What every result carries: version, date, evidence hash, seed, settings, and what it is computed with."""
        e = self.evidence
        return {
            "version": leadtime.__version__,
            "as_of": self.as_of.isoformat(),
            "evidence_through": self.evidence_through.isoformat(),
            **age.age(e.tables, self.as_of).stamp(),
            "evidence_hash": e.hash,
            "seed": self.seed,
            "draws": self.draws,
            "method": self.method,
            **({"own_scores": how} if (how := self.own_scores) else {}),
            "n_scores": e["scores"].height,
            "n_models": e["models"].height,
            "n_benchmarks": e["benchmarks"].height,
            "environment": environment.recorded(),
        }

    @property
    def own_scores(self) -> str:
        """How the study's own scores were used: `placed`, `refit`, or empty if it has none."""
        return ""

    @functools.cached_property
    def key(self) -> str:
        """The content key of all that an answer can depend on: evidence, settings, own scenarios, and the code."""
        from leadtime.capability import cache

        own = [
            (p.name, stranger.read(p, most=yaml_text.MOST_BYTES, within=self.folder))
            for part in ("scenarios", "scenarios/profiles")
            for p in (parts.files(self.folder, part) if self.folder else ())
        ]
        return cache.key(
            "study",
            cache.code(),
            self._taken,
            self.evidence.hash,
            str(self.as_of),
            self.seed,
            self.draws,
            self.method,
            self.places,
            own,
        )

    @functools.cached_property
    def evidence_through(self) -> dt.date:
        """The last day on which a score became known. What happened later is not measured, and not guessed."""
        return self._last_known()

    def _last_known(self) -> dt.date:
        last = self.evidence["scores"]["known_on"].max()
        return min(self.as_of, last) if isinstance(last, dt.date) else self.as_of

    @functools.cached_property
    def rules(self) -> Any:
        """The export rules and tariffs in the evidence, as known on the as-of date (see `rules.Rulebook`)."""
        from leadtime.rules import Rulebook

        return Rulebook.of(self.evidence, study=self.folder)


def _day_and_folder(
    as_of: dt.date | str | Path | None, folder: Path | str | None
) -> tuple[dt.date | str | None, Path | str | None]:
    """Return the day and the folder that were given. A folder may be given in place of the day."""
    alone = isinstance(as_of, Path) or (
        isinstance(as_of, str) and not as_of[:4].isdigit() and (as_of.endswith(("/", "\\")) or Path(as_of).is_dir())
    )
    if not alone:
        return as_of, folder  # type: ignore[return-value]
    if folder is not None:
        raise LeadtimeError(f"{str(as_of)!r} is a folder, and so is {str(folder)!r}", fix="Name one of them.")
    return None, Path(str(as_of))


def parse_date(day: dt.date | str | None) -> dt.date | None:
    """Return the date that an ISO text names. None stays None."""
    if day is None or isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except (TypeError, ValueError):
        raise LeadtimeError(
            f"{day!r} is not a date", where="--as-of", fix="Expected a calendar date such as 2025-01-29."
        ) from None
