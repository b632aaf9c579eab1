"""What running a network takes on a chip: memory, tokens a second, and money for a million tokens."""

import functools
import zlib
from typing import TYPE_CHECKING, Annotated, Any

from leadtime.answers.answer import About, Answer, Column, Spread, Table
from leadtime.answers.costs import by_meaning
from leadtime.answers.drawn import of_table
from leadtime.answers.kinds import Choice, Name
from leadtime.answers.measures import Interval, Number, Whole
from leadtime.answers.own_run import PriceOf, PriceUsd, run_of
from leadtime.answers.parameters import Chip, Draws, Seed
from leadtime.answers.question import Meaning, question
from leadtime.answers.questions.cost_network import EXAMPLE, Config
from leadtime.answers.words import count, significant
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.cost.network import Network
    from leadtime.cost.serve import Chip as Offered
    from leadtime.cost.serve import Load
    from leadtime.evidence import Evidence

_FORMATS = ("bf16", "fp8", "int8", "fp4", "int4", "fp32")
#: What an hour of a chip costs: the meanings of cost that know an hour.
_BY_THE_HOUR = {
    "rental": "at the rent of its chips by the hour",
    "cloud_committed": "at the rent of those who commit for three years",
    "amortized": "in worn-out chips and electricity",
}
_WRITING, _READING = "writing", "reading"

Model = Annotated[
    str,
    Meaning(
        kind=Name(of="model"), help="A model whose network is in the evidence.", example="deepseek-v3", positional=True
    ),
]
Context = Annotated[int, Meaning(kind=Whole(low=1, high=100_000_000), help="Tokens in each text.", example="8192")]
Batch = Annotated[
    int, Meaning(kind=Whole(low=1, high=10_000_000), help="How many texts are written at once.", example="64")
]
Weights = Annotated[
    str,
    Meaning(
        kind=Choice(of=_FORMATS),
        help="Number format of the weights. The default is that of the configuration, or bf16.",
        example="fp8",
    ),
]
Cache = Annotated[
    str,
    Meaning(
        kind=Choice(of=("bf16", "fp8")),
        help="Number format of the kept keys and values. The default is bf16.",
        example="fp8",
    ),
]
NChips = Annotated[
    int,
    Meaning(
        kind=Whole(low=1, high=10_000_000),
        help="Number of chips that run it. The default is as few as can hold it.",
        example="16",
    ),
]
Utilization = Annotated[
    tuple[float, float],
    Meaning(
        kind=Interval(low=0, high=1, above=True),
        help="Share of the chip's limit that is reached. It is assumed. The default is 0.15..0.6.",
        example="0.3..0.5",
    ),
]
MemoryShare = Annotated[
    float,
    Meaning(
        kind=Number(low=0, high=1, above=True),
        help="Share of a chip's memory that may be filled. The default is 0.9.",
        example="0.8",
    ),
]
MemorySpeed = Annotated[
    float,
    Meaning(
        kind=Number(low=0, high=1e9, above=True, unit="GB/s"),
        help="Bandwidth of the chip's memory, GB/s, instead of the known one.",
        option="--memory-gb-s",
        example="1600",
    ),
]


@question(
    "cost serve",
    "What does it take to run a network?",
    of="evidence",
    command="cost --serve",
    example={"model": "deepseek-v3", "chip": "h20", "weights": "fp8"},
    schema="cost-serve",
    docs="methods/cost-serve",
)
def cost_serve(
    evidence: "Evidence",
    *,
    chip: Chip,
    model: Model | None = None,
    config: (
        Annotated[Config, Meaning(help="A config.json, if the network has no known name.", example=EXAMPLE)] | None
    ) = None,
    context_tokens: Context = 8192,
    batch: Batch = 64,
    weights: Weights | None = None,
    cache: Cache = "bf16",
    chips: NChips | None = None,
    utilization: Utilization = (0.15, 0.6),
    memory_share: MemoryShare = 0.9,
    memory_gb_s: MemorySpeed | None = None,
    price_usd: PriceUsd | None = None,
    price_of: PriceOf | None = None,
    seed: Seed = 0,
    draws: Draws = 2000,
) -> Answer:
    """Say what running a network takes on a chip: memory, tokens a second, and cost per million tokens."""
    from leadtime.cost.serve import Use, chip_of, load_of

    network, who = _network(evidence, model, config)
    format_ = weights or network.precision or "bf16"
    offered = chip_of(evidence, chip, format_, bytes_s=memory_gb_s * 1e9 if memory_gb_s else None)
    use = Use(context=context_tokens, batch=batch, weights=format_, cache=cache, memory_share=memory_share, chips=chips)
    load = load_of(network, offered, use)
    reached = _reached(utilization, seed, draws)
    known = tuple(m for m in _BY_THE_HOUR if price_usd is None or m != "cloud_committed")
    hour = functools.partial(_hour, evidence, chip, (price_usd, price_of), (seed, draws))
    found, missing = by_meaning(None, hour, known)
    prices, filled = {m: draws_of for m, (draws_of, _) in found.items()}, [told for _, told in found.values() if told]
    rows = _rows(load, reached, prices)
    name = dict(evidence["chips"].select("id", "name").iter_rows())[chip]
    table = Table(rows=rows, columns=_COLUMNS)
    return Answer(
        sentence=sentence(
            f"{who} in {format_}", name, load, {r["quantity"]: r["value"] for r in rows}, context=context_tokens
        ),
        rows=table,
        more=(_needs(load, offered, network), missing),
        values={
            "family": network.family,
            "chip": chip,
            "chips": load.chips,
            "weights": format_,
            "cache": cache,
            "computes_in": offered.computes_in,
            "bound_by": load.bound_by,
            "context": context_tokens,
            "batch": batch,
            "utilization_low": utilization[0],
            "utilization_high": utilization[1],
            "memory_share": memory_share,
        },
        tag="assumed in part",
        notes=(_assumed(load, offered, utilization, format_), *filled, *network.notes),
        about=About(
            definition=(
                "Time of a step that writes a token of each text: what it reads over bandwidth, or computes over the"
                " peak."
            ),
            rests_on=(
                "The network's shape, the chip's published numbers, dated prices, and a utilization that is assumed."
            ),
            limits=(
                "Traffic between chips is not counted. It is part of what lowers the utilization.",
                "It assumes that experts are used at random and that all weights have one format.",
            ),
            docs="methods/cost-serve",
            see=("cost network", "cost"),
        ),
        figure=functools.partial(
            of_table,
            _tokens(table),
            "value",
            name="cost-serve",
            title=f"What {who} writes and reads on {name}",
            axis="tokens a second",
            stamp=dict(evidence.stamp),
            logarithmic=True,
        ),
    )


def _network(evidence: "Evidence", model: str | None, config: str | None) -> "tuple[Network, str]":
    """Return the network of a model in the evidence or of a configuration, and what it is called as a subject."""
    if (model is None) == (config is None):
        raise LeadtimeError(
            "no network was named", fix="Name a model, or give --config with its config.json. Do not give both."
        )
    if config is not None:
        from leadtime.cost.fields import parse_config
        from leadtime.cost.reading import read_network

        return read_network(parse_config(config)), "This network"
    from leadtime.cost.architecture import Architecture
    from leadtime.cost.network import network_of

    names = dict(evidence["models"].select("id", "name").iter_rows())
    for row in evidence["architectures"].iter_rows(named=True):
        if model in (row["id"], row["model"]):
            return network_of(Architecture.from_row(row)), names.get(str(model), str(model))
    known = sorted(m for m in evidence["architectures"]["model"].drop_nulls() if m in names)
    raise LeadtimeError(
        f"nobody has published the network of {names.get(str(model), model)}",
        where="architectures",
        fix=f"Give --config with its config.json. Known by name: {', '.join(known)}.",
    )


def _reached(ends: tuple[float, float], seed: int, draws: int) -> Any:
    """Return draws of the utilization, uniform in its logarithm; the ends are its 5% and 95% quantiles, and 1 is the
    most.
    """
    import numpy as np

    rng = np.random.default_rng([seed, zlib.crc32(b"serve utilization")])
    low, high = np.log(ends[0]), np.log(ends[1])
    middle, half = (low + high) / 2, (high - low) / 2 / 0.9
    places = 2 * (rng.permutation(draws) + 0.5) / draws - 1
    return np.minimum(np.exp(middle + half * places), 1.0)


def _hour(
    evidence: "Evidence", chip: str, given: tuple[float | None, str | None], drawn: tuple[int, int], definition: str
) -> "tuple[Any, str]":
    """Return draws of what an hour of a chip costs by one meaning, as of the evidence's day, and what was filled in.

    Where the power of a chip is not known, electricity is taken as its average share of what wears out with it.
    """
    from leadtime.cost.bill import Bill
    from leadtime.cost.serve import wear_usd_per_hour

    names = ("gpu_hours", "flop", "precision", "mfu", "chips", "days", "tokens", "active_parameters", "date")
    run = run_of(evidence, None, dict.fromkeys(names) | {"chip": chip, "gpu_hours": 1.0})
    bill = Bill(run, evidence, seed=drawn[0], draws=drawn[1], price_usd=given[0], price_of=given[1])
    powers = dict(evidence["chips"].select("id", "tdp_w").iter_rows())
    if definition != "amortized" or powers.get(given[1] or chip) is not None:
        cost = bill.cost(definition)
        return (
            cost.total_usd,
            f"{_BY_THE_HOUR[definition].capitalize()}: {'; '.join(cost.flags)}." if cost.flags else "",
        )
    share = bill.stated.value("epoch-cost-share-energy")
    told = (
        f"The power of the chip is not known: electricity is taken as {100 * share:.0f}% of its cost, the average of"
        " training runs."
    )
    return wear_usd_per_hour(bill) / (1 - share), told


_COLUMNS = (
    Column(key="title", title="What"),
    Column(key="value", title="How much", kind="spread", significant=True, digits=3, unit_from="unit"),
)


def _rows(load: "Load", reached: Any, prices: dict[str, Any]) -> list[dict[str, Any]]:
    """Return tokens a second, then what a million tokens cost by each meaning that is known."""
    writes, reads = load.batch / load.step_s * reached, reached / load.reading_s
    speeds = [
        ("written_per_second", "Tokens written a second, all texts", writes),
        ("written_per_second_and_text", "Tokens written a second, one text", writes / load.batch),
        ("written_per_second_and_chip", "Tokens written a second, one chip", writes / load.chips),
        ("read_per_second", "Tokens of prompts read a second, where nothing is written", reads),
    ]
    rows = [_row(key, title, values, "tokens") for key, title, values in speeds]
    for meaning, hour in prices.items():
        for verb, speed in ((_WRITING, writes), (_READING, reads)):
            title = f"{verb.capitalize()} a million tokens, {_BY_THE_HOUR[meaning]}"
            cost = 1e6 * load.chips * hour / (3600 * speed)
            rows.append(_row(f"{verb}_usd_per_million_{meaning}", title, cost, "US dollars"))
    return rows


def _row(key: str, title: str, values: Any, unit: str) -> dict[str, Any]:
    import numpy as np

    low, median, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    return {"quantity": key, "title": title, "value": Spread(low, median, high), "unit": unit}


def _tokens(table: Table) -> Table:
    return Table(rows=[r for r in table.rows if r["unit"] == "tokens"], columns=table.columns)


def _needs(load: "Load", chip: "Offered", network: "Network") -> Table:
    from leadtime.cost.counts import parameters

    rows = [
        ("parameters", "Parameters", parameters(network).total, "parameters"),
        ("weights_bytes", "Memory of the weights", load.weights_bytes, "bytes"),
        ("cache_bytes", "Memory of the caches of all texts", load.cache_bytes, "bytes"),
        ("chip_memory_bytes", "Memory of a chip", chip.memory_bytes, "bytes"),
        ("chips", "Chips", load.chips, "chips"),
        ("read_bytes", "Read in a step", load.read_bytes, "bytes"),
        ("flop", "Computed in a step", load.flop, "FLOP"),
        ("memory_seconds", "Time of a step at full bandwidth", load.memory_s, "seconds"),
        ("compute_seconds", "Time of a step at the full peak", load.compute_s, "seconds"),
    ]
    columns = (
        Column(key="title", title="What it needs"),
        Column(key="value", title="How much", kind="number", significant=True, digits=3, unit_from="unit"),
    )
    found = [{"quantity": k, "title": t, "value": v, "unit": u} for k, t, v, u in rows]
    return Table(name="needs", title="What it needs", rows=found, columns=columns)


def _assumed(load: "Load", chip: "Offered", utilization: tuple[float, float], format_: str) -> str:
    """Return what is assumed, in a sentence or two."""
    low, high = (f"{100 * u:.0f}" for u in utilization)
    reached = f"{low}%" if low == high else f"{low} to {high}%"
    waits = "its memory" if load.bound_by == "memory" else "its arithmetic"
    wide = "" if chip.computes_in == format_ else f" Weights in {format_} are computed in {chip.computes_in}."
    return f"Assumed: {reached} of what the chip could do is reached. A step waits for {waits}.{wide}"


def sentence(who: str, chip: str, load: "Load", found: dict[str, Spread], *, context: int) -> str:
    """Return how many chips hold a network, what they write, and what that costs by the first meaning that is known."""
    texts = f"{count(load.batch, 'text')} of {count(context, 'token')}"
    first = (
        f"{who} with {texts} fills {significant((load.weights_bytes + load.cache_bytes) / 1e9)} GB, on {load.chips:,}"
        f" {chip}."
    )
    speed = found["written_per_second"]
    second = f"It writes about {_range(speed)} tokens a second there, where what is reached of the chip is assumed."
    costs = [
        (w, found[f"{_WRITING}_usd_per_million_{m}"])
        for m, w in _BY_THE_HOUR.items()
        if f"{_WRITING}_usd_per_million_{m}" in found
    ]
    if not costs:
        return f"{first} {second} What that costs is unknown, because the cost of a chip-hour is."
    words, s = costs[0]
    return (
        f"{first} {second} A million tokens cost about ${significant(s.median, 2)} (${significant(s.low, 2)} to"
        f" ${significant(s.high, 2)}), {words}."
    )


def _range(s: Spread) -> str:
    ends = [significant(v, 2) for v in (s.low, s.median, s.high)]
    return ends[1] if ends[0] == ends[2] else f"{ends[1]} ({ends[0]} to {ends[2]})"
