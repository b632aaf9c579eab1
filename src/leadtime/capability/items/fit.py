r"""Marginal maximum likelihood: expectation over abilities, maximization over items, accelerated.

One pass over the data does both: the log-likelihood of each model at the nodes is a matrix product (models x items)
(items x nodes), the expected counts of each item another, (items x models) (models x nodes).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from leadtime.capability.items.curve import Curves
from leadtime.capability.items.dispersion import dispersed
from leadtime.capability.items.matrix import Block, Responses
from leadtime.capability.items.posterior import NODES, posterior
from leadtime.capability.items.prior import LOG_A, Priors, improved, n_parameters
from leadtime.capability.items.result import Found, ItemFit
from leadtime.capability.result import Floats
from leadtime.environment import one_thread
from leadtime.errors import LeadtimeError

Progress = Callable[[str, float], None]
#: Stop when no item moves by more than this part of its standard error in a pass, and no model of its own.
TOLERANCE = 0.01
#: Or when so many passes gain less than a tenth of a unit of log-likelihood, where it is flat.
_IDLE = 9
_MOST_PASSES = 500


Runner = Callable[[Responses, Curves, tuple[float, float], dict[int, tuple[Floats, Floats]]], Iterable[Found]]


def fit(
    responses: Responses,
    *,
    irt: str = "2pl",
    priors: Priors | None = None,
    held: dict[str, tuple[float, float, float]] | None = None,
    runner: Runner | None = None,
    progress: Progress = lambda text, done: None,
) -> ItemFit:
    """Return item curves and abilities by marginal maximum likelihood with priors on the items.

    Args:
        responses: The response matrix.
        irt: `1pl`, `2pl` or `3pl`.
        priors: Priors on the items.
        held: Discrimination, difficulty and guessing by item name, which stay as given: the scale is theirs then.
        runner: Goes through the data; here and block by block unless given (see `stream.on_cluster`).
        progress: Called with a text and a fraction done.

    Raises:
        LeadtimeError: The item response model is unknown, or there is no response.
    """
    n_parameters(irt)
    if not responses.n_responses:
        raise LeadtimeError("there are no responses", fix="Give rows with columns model, item and response.")
    run, weights = runner or here, priors or Priors()
    with one_thread():
        result = _em(_State(responses, irt, weights, held or {}, run), progress)
        if responses.repeated or responses.partial:
            for _ in range(2):
                result = _em(_State(dispersed(result), irt, weights, held or {}, run, result), progress)
    return result


def here(
    responses: Responses, curves: Curves, population: tuple[float, float], start: dict[int, tuple[Floats, Floats]]
) -> Iterable[Found]:
    """Yield what each block says, one after the other."""
    odds, wrong = logs_at_nodes(curves)
    for block in responses.blocks():
        yield look(block, odds, wrong, population, start)


def logs_at_nodes(curves: Curves) -> tuple[Floats, Floats]:
    """Return log odds and log(1 - P) at the nodes as 32-bit numbers, shape (item, node)."""
    odds, wrong = curves.logs(NODES)
    return np.ascontiguousarray(odds, np.float32), np.ascontiguousarray(wrong, np.float32)


def look(
    block: Block, odds: Floats, wrong: Floats, population: tuple[float, float], start: dict[int, tuple[Floats, Floats]]
) -> Found:
    """Return the expected counts, the likelihood and the abilities of a block of models."""
    right = np.zeros((len(odds), len(NODES)))
    tries: Floats = np.zeros_like(right)
    total, models = 0.0, {}
    for part in block.chunks():
        found = posterior(part.forward(odds, wrong), population, start.get(part.first))
        r, n = part.backward(found.weight.astype(np.float32))
        right += r
        tries += n
        total += float(found.log_marginal.sum())
        models[part.first] = (found.mean, found.sd)
    return Found(right=right, tries=tries, log_marginal=total, models=models)


def _em(state: "_State", progress: Progress) -> ItemFit:
    cycle: list[Floats] = [state.x]
    best, safe = -np.inf, state.x
    moved, idle = np.inf, False
    likelihoods: list[float] = []
    while state.passes < _MOST_PASSES:
        moved = state.step()
        likelihoods.append(state.found.log_marginal)
        idle = len(likelihoods) > _IDLE and max(likelihoods[-_IDLE:]) < max(likelihoods[:-_IDLE]) + 0.1
        if moved < TOLERANCE or idle:
            break
        progress(f"items, pass {state.passes}, moved by {moved:.2g} standard errors", min(0.9, state.passes / 40))
        if len(cycle) == 1 and state.found.log_marginal < best - abs(best) * 1e-6:
            state.x = safe  # the leap went too far
            best, cycle = -np.inf, [safe]
            continue
        cycle.append(state.x)
        if len(cycle) == 3:
            best, safe = state.found.log_marginal, state.x
            state.x = _leap(*cycle)
            cycle = [state.x]
    return state.result(moved < TOLERANCE or idle)


def _leap(first: Floats, second: Floats, third: Floats) -> Floats:
    """Return the squared extrapolation of three iterates (SQUAREM)."""
    r = second - first
    v = third - second - r
    length = float(np.sqrt(float(r @ r) / max(float(v @ v), 1e-300)))
    alpha = -min(max(length, 1.0), 12.0)
    return np.asarray(first - 2 * alpha * r + alpha**2 * v)


class _State:
    """Items and population as one vector, and the step that improves it."""

    def __init__(
        self,
        responses: Responses,
        irt: str,
        priors: Priors,
        held: dict[str, tuple[float, float, float]],
        run: Runner,
        before: ItemFit | None = None,
    ) -> None:
        self.responses, self.irt, self.priors, self.run = responses, irt, priors, run
        self.k = n_parameters(irt)
        n = len(responses.items)
        self.held = np.array([name in held for name in responses.items], dtype=bool)
        self.free = ~self.held
        self.given = np.array([held.get(name, (1.0, 0.0, 0.0)) for name in responses.items], dtype=float)
        self.passes = 0
        self.found = Found(right=np.zeros(0), tries=np.zeros(0), log_marginal=-np.inf, models={})
        c = np.full(n, 0.2 if irt == "3pl" else 0.0)
        curves, population = Curves(log_a=np.zeros(n), b=np.zeros(n), c=c), (0.0, 1.0)
        if before is not None:
            curves, population = before.curves, before.population
            self.found = before.found
        self._put(curves, population)
        if before is None:
            self._start()

    def _start(self) -> None:
        right = sum(np.asarray(b.right.sum(axis=0), dtype=float).ravel() for b in self.responses.blocks())
        tries = sum(
            np.full(len(self.given), float(b.n)) if b.tries is None else np.asarray(b.tries.sum(axis=0), float).ravel()
            for b in self.responses.blocks()
        )
        share = (np.asarray(right) + 0.5) / (np.asarray(tries) + 1)
        curves, population = self.curves()
        self._put(replace(curves, b=-np.log(share / (1 - share))), population)

    def _put(self, curves: Curves, population: tuple[float, float]) -> None:
        parts = [curves.log_a, curves.b]
        if self.k == 3:
            parts.append(np.log(curves.c / (1 - curves.c)))
        self.x = np.concatenate([*(part[self.free] for part in parts), [population[0], np.log(population[1])]])

    def curves(self) -> tuple[Curves, tuple[float, float]]:
        """Return the vector as curves and the population's mean and sd."""
        n = int(self.free.sum())
        log_a, b, c = np.log(self.given[:, 0]), self.given[:, 1].copy(), self.given[:, 2].copy()
        log_a[self.free] = np.clip(self.x[:n], *LOG_A)
        b[self.free] = np.clip(self.x[n : 2 * n], -40, 40)
        if self.k == 3:
            c[self.free] = np.clip(1 / (1 + np.exp(-self.x[2 * n : 3 * n])), 1e-4, 0.8)
        return Curves(log_a=log_a, b=b, c=c), (float(self.x[-2]), float(np.exp(np.clip(self.x[-1], -3, 3))))

    def step(self) -> float:
        """Go through the data once and move; return the largest move in standard errors."""
        curves, population = self.curves()
        before, old = self.found.models, self.x
        self.found = total(self.run(self.responses, curves, population, before))
        self.passes += 1
        curves, scale = improved(curves, self.found.right, self.found.tries, self.irt, self.priors, self.free)
        mean, sd = abilities(self.found)
        center, spread = float(mean.mean()), float(np.sqrt(mean.var() + (sd**2).mean()))
        if self.held.any():
            population = (center, max(spread, 0.1))
        else:
            curves = curves.rescaled(center, spread)
            moved = {i: ((m - center) / spread, s / spread) for i, (m, s) in self.found.models.items()}
            self.found = replace(self.found, models=moved)
        self._put(curves, population)
        people = np.sqrt(2.0 * len(mean))
        if self.irt == "1pl":
            scale[:, 0] = people
        sharp = np.concatenate([scale[self.free].T.ravel(), [people, people]])
        by_model = [
            float(np.max(np.abs(m - before[i][0]) / s)) for i, (m, s) in self.found.models.items() if i in before
        ]
        return max(float(np.max(np.abs(self.x - old) * sharp)), *by_model or [np.inf], 0.0)

    def result(self, converged: bool) -> ItemFit:
        """Go through the data once more and return the fit."""
        curves, population = self.curves()
        found = total(self.run(self.responses, curves, population, self.found.models))
        mean, sd = abilities(found)
        return ItemFit(
            responses=self.responses,
            irt=self.irt,
            curves=curves,
            theta=mean,
            sd=sd,
            population=population,
            held=self.held,
            found=found,
            priors=self.priors,
            passes=self.passes + 1,
            converged=converged,
        )


def abilities(found: Found) -> tuple[Floats, Floats]:
    """Return mean and sd of all models in their order, each (model,)."""
    mean, sd = (np.concatenate([found.models[i][j] for i in sorted(found.models)]) for j in (0, 1))
    return mean, sd


def total(parts: Iterable[Found]) -> Found:
    """Return the sum of what blocks found out, whatever the order they come in."""
    right: Floats | None = None
    tries: Floats = np.zeros(0)
    log_marginal, models = 0.0, {}
    for part in parts:
        right = part.right if right is None else right + part.right
        tries = part.tries if tries.size == 0 else tries + part.tries
        log_marginal += part.log_marginal
        models.update(part.models)
    return Found(right=np.asarray(right), tries=tries, log_marginal=log_marginal, models=models)
