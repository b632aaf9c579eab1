"""Study: the whole chain, each stage computed when first asked for."""

import functools
from typing import TYPE_CHECKING, Any

from leadtime.estimate import Estimate
from leadtime.once import once
from leadtime.study.headline import Headlines

if TYPE_CHECKING:
    from leadtime.answers.answer import Answer
    from leadtime.figures.figure import Figure


#: Draws of abilities and of the curve behind a cost.
_COST_DRAWS = 1000


class Study(Headlines):
    """The whole chain for one body of evidence, one date, one seed.

    Args:
        as_of: Only what was public on or before this day is used; default today.
        folder: A study folder with an overlay in `evidence/`.
        seed: Same seed and evidence, same numbers; default that of the folder's `leadtime.toml`, else 0.
        draws: Joint draws per quantity; default as above, else 2,000.
        method: `nuts` (default, as above), `map` (seconds, intervals somewhat narrow) or `bootstrap` for the headline;
            other benchmark sets use `map`.
        refit: Fit all abilities anew where the folder has scores of its own. Otherwise its models are placed on the fit
            of the built-in evidence, which takes seconds and does not change that fit.
        progress: Called with a text and a fraction done.
        evidence: Use this instead of reading it; `as_of` is its own day then.
    """

    def ask(self, question: str, **given: Any) -> "Answer":
        """Return the answer to a question, as every door gives it: `study.ask("lag path", of="China")`.

        The answer shows itself in a notebook; `answer.sentence` is its sentence, `answer.table` its rows as a polars
        frame, `answer.units` their units.

        Args:
            question: Its name, such as `lag path`; `leadtime.answers.registry.questions()` lists them.
            given: Its parameters.

        Raises:
            LeadtimeError: There is no such question, a value is wrong, or the evidence does not reach.
        """
        import leadtime  # questions lie above a study: the package itself knows both

        found: Answer = leadtime.ask(self, question, **given)
        return found

    def figure(self, question: str, **given: Any) -> "Figure":
        """Return the figure of an answer: `study.figure("lag path", of="China")`.

        Args:
            question: Its name.
            given: Its parameters.

        Raises:
            LeadtimeError: As `ask` does; or the answer has no figure, and why.
        """
        return self.ask(question, **given).drawn()

    def cost(self, model: str, definition: str = "amortized", *, price_of: str | None = None) -> Estimate:
        """Return what a training run cost in nominal US dollars, under one definition (see `cost.definitions`).

        Raises:
            LeadtimeError: Unknown run or definition, or nothing is known that the cost could be told from.
        """
        found = self.costing(model, price_of=price_of)
        estimate: Estimate = found.estimate(found.cost(definition))
        return estimate

    def costing(self, run: Any, *, price_usd: float | None = None, price_of: str | None = None) -> Any:
        """Return the costs of a run, known by its name or given by its figures, over what is not known of it (see
        `cost.costing.Costing`).

        Raises:
            LeadtimeError: No such run, or nothing is known that its cost could be told from.
        """
        from leadtime.cost.costing import Costing
        from leadtime.cost.run import find_run

        found = find_run(self.evidence, run) if isinstance(run, str) else run
        return Costing(
            found,
            self.evidence,
            lambda: self.cost_known,
            seed=self.seed,
            draws=self.draws,
            price_usd=price_usd,
            price_of=price_of,
        )

    @functools.cached_property
    def rough(self) -> "Study":
        """The same study by the quick method with fewer draws."""
        return Study(evidence=self.evidence, seed=self.seed, draws=_COST_DRAWS, method="map")

    @functools.cached_property
    def cost_known(self) -> Any:
        """How able models are and how that goes with compute: what the cost of a run of which little is known is told
        from.

        Abilities are fitted the quick way: how wrong compute may be for a given ability is far more than how wrong
        these are.
        """
        from leadtime.cost.by_ability import Known

        if (self.method, self.draws) != ("map", _COST_DRAWS):
            return self.rough.cost_known
        fitted = self.fit()
        return Known(curve=self.curve, models=fitted.cells.models, points=self._scale().points(fitted.draws.theta))

    @functools.cached_property
    def supply(self) -> Any:
        """Which chips arrived, by which channel (see `supply.Supply`)."""
        from leadtime.supply import Supply

        return Supply(self.evidence, seed=self.seed, draws=self.draws)

    @functools.cached_property
    def fork(self) -> Any:
        """The scenarios on the constrained ensemble (see `scenario.fork.Fork`)."""
        from leadtime.scenario.fork import Fork

        return Fork(self)

    def scenario(self, name: str, *, start: str = "", **levers: float) -> Any:
        """Return what follows under a scenario, in our simulation, by quarter (see `scenario.course.Course`).

        Args:
            name: Name of a scenario, such as `as-is` or `strengthened`.
            start: The day from which the levers are set; the next quarter by default.
            levers: Levers set otherwise, such as `uptake=0.5`.

        Raises:
            LeadtimeError: Unknown scenario or lever, or a value or day out of range.
        """
        from leadtime.scenario.course import course

        return course(self.fork, name, start, **levers)

    @functools.cached_property
    def curve(self) -> Any:
        """How fast the cost of a given ability falls, and what was expected of it (see `cost.curve.Curve`)."""
        from leadtime.capability import cache
        from leadtime.cost.curve import Curve

        fitted, points = self.fit(), self._scale().points(self.fit().draws.theta)
        made_by = cache.made_by(*(f"cost/{name}.py" for name in ("curve", "curve_data", "curve_model", "estimands")))
        tables = ("training_runs", "models", "organizations", "assumptions")
        key = cache.key("curve", made_by, self.fit_key(), self.seed, *(self.evidence[t].write_csv() for t in tables))
        return Curve.of(self.evidence, fitted.cells.models, points, seed=self.seed, key=key)

    @once
    def effect(self, at: str = "") -> Any:
        """Return what the rules changed by the end of a quarter, in layers (see `effect.Layers`).

        Args:
            at: The quarter, such as 2025Q4; the last one whose arrivals are counted by default.

        Raises:
            LeadtimeError: Arrivals of the quarter are not counted, or too few runs have a known compute.
        """
        from leadtime.effect import effect

        return effect(self, at)
