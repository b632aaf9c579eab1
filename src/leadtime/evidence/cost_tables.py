"""Tables about chips, their prices, training runs, architectures and what research costs beside the final run."""

from leadtime.evidence.schema import (
    ALIASES,
    CONFIDENCE,
    DATED_BY,
    ID,
    KNOWN_ON,
    NAME,
    NOTE,
    READ_IN,
    SOURCE,
    Column,
    Table,
)

#: Number formats of matrix units, with the bits of the widest input: what TPP multiplies by.
PRECISION_BITS: dict[str, int] = {
    "fp64": 64,
    "fp32": 32,
    "tf32": 19,
    "fp16": 16,
    "bf16": 16,
    "int16": 16,
    "fp8": 8,
    "int8": 8,
    "fp6": 6,
    "fp4": 4,
    "int4": 4,
}


def _number(name: str, help: str, unit: str, **limits: float) -> Column:
    return Column(
        name=name,
        kind="number",
        help=help,
        unit=unit,
        required=False,
        low=limits.get("low", 0.0),
        high=limits.get("high"),
    )


def _count(name: str, help: str, unit: str = "") -> Column:
    return Column(name=name, kind="integer", help=help, unit=unit, required=False, low=0)


CHIPS = Table(
    name="chips",
    help="One accelerator as sold: what a license officer and a cluster builder need to know of it.",
    columns=(
        ID,
        NAME,
        Column(name="maker", kind="text", help="Who designs and sells it."),
        Column(name="country", kind="text", help="Country of the maker's headquarters, ISO 3166 alpha-3."),
        Column(name="market", kind="choice", help="How it is designed or marketed.",
               choices=("datacenter", "workstation", "consumer", "internal")),
        Column(name="announced_on", kind="date", help="First official announcement.", required=False),
        Column(name="released_on", kind="date", help="First shipments, or availability in a cloud.", required=False),
        _number("memory_gb", "Memory in the package.", "GB"),
        _number("memory_gb_s", "Peak bandwidth of that memory.", "GB/s"),
        _number("interconnect_gb_s", "Peak chip-to-chip bandwidth, both directions and all links summed.", "GB/s"),
        _number("die_area_mm2", "Area of all dies of logic in the package (what performance density divides by).",
                "mm2"),
        _number("process_nm", "Nominal process node.", "nm"),
        Column(name="foundry", kind="text", help="Who makes the die.", required=False),
        _number("tdp_w", "Thermal design power.", "W"),
        ALIASES,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        NOTE,
    ),
)  # fmt: skip

CHIP_SYSTEMS = Table(
    name="chip_systems",
    help=(
        "A board, server or rack that holds several accelerators: rules on computers test the chips inside, one by one."
    ),
    columns=(
        ID,
        NAME,
        Column(name="chip", kind="id", help="The accelerator inside.", refers_to="chips"),
        Column(name="n_chips", kind="integer", help="How many of it.", low=1),
        ALIASES,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

CHIP_PEAKS = Table(
    name="chip_peaks",
    help="The peak rate of a chip at one precision, dense (without sparsity).",
    key=("chip", "precision"),
    columns=(
        Column(name="chip", kind="id", help="The chip.", refers_to="chips"),
        Column(name="precision", kind="choice", help="Number format of the inputs.", choices=tuple(PRECISION_BITS)),
        Column(name="tera_op_s", kind="number", help="Dense peak: 10^12 operations a second (a multiply-add is two).",
               unit="10^12 op/s", low=0),
        Column(name="unit", kind="choice", help="Which circuits reach it.", choices=("matrix", "vector")),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)  # fmt: skip

CHIP_PRICES = Table(
    name="chip_prices",
    help="One price of one chip on one day: an hour of rent, or a purchase.",
    key=("chip", "kind", "term", "basis", "seller", "region", "priced_on", "source"),
    columns=(
        Column(name="chip", kind="id", help="The chip.", refers_to="chips"),
        Column(name="kind", kind="choice", help="Rent per chip-hour, or purchase per chip.",
               choices=("rental", "purchase")),
        Column(name="term", kind="choice", help="Length of the commitment; empty for a purchase.",
               choices=("on-demand", "spot", "1-month", "1-year", "2-year", "3-year", "contract"), required=False),
        Column(name="basis", kind="choice",
               help="What a purchase price holds: the chip alone, its share of an eight-chip board or server, its "
               "share of a maker's complete system (DGX), an estimate.",
               choices=("chip", "server", "dgx", "estimate"), required=False),
        Column(name="price_usd", kind="number", help="US dollars of the day, per chip-hour or per chip.", unit="USD",
               low=0),
        Column(name="seller", kind="text", help="Who offers it.", required=False),
        Column(name="region", kind="text", help="Where.", required=False),
        Column(name="priced_on", kind="date", help="Day on which the price held."),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)  # fmt: skip

TRAINING_RUNS = Table(
    name="training_runs",
    help="One training run, or the part of it that someone published figures for; empty cells were not published.",
    columns=(
        ID,
        NAME,
        Column(name="model", kind="id", help="The model in `models`, when it is there.", refers_to="models",
               required=False),
        Column(name="organization", kind="id", help="Who ran it.", refers_to="organizations"),
        Column(name="published_on", kind="date", help="Publication of the model."),
        Column(name="scope", kind="choice", help="Which part of training the figures cover.",
               choices=("pre-training", "continued", "post-training", "all")),
        _number("flop_low", "Training compute, 5% quantile where stated.", "FLOP", low=1e15, high=1e30),
        _number("flop", "Training compute.", "FLOP", low=1e15, high=1e30),
        _number("flop_high", "Training compute, 95% quantile where stated.", "FLOP", low=1e15, high=1e30),
        Column(name="flop_basis", kind="choice",
               help="How the compute is known: published by the developer; 6 x parameters x tokens; from hardware and "
               "time; another's estimate.",
               choices=("reported", "6nd", "hardware", "estimate"), required=False),
        _number("tokens", "Tokens trained on, epochs counted.", "tokens"),
        _number("parameters", "All parameters.", "parameters"),
        _number("active_parameters", "Parameters used per token.", "parameters"),
        Column(name="chip", kind="id", help="The chip it ran on.", refers_to="chips", required=False),
        _count("n_chips", "How many at once.", "chips"),
        _number("chip_hours", "Chip-hours.", "hours"),
        Column(name="chip_hours_basis", kind="choice", help="Published, or computed from chips and days.",
               choices=("reported", "derived"), required=False),
        _number("hours", "Wall-clock length.", "hours"),
        Column(name="precision", kind="choice", help="Format of most matrix products.",
               choices=tuple(PRECISION_BITS), required=False),
        _number("mfu", "Model FLOP utilization, of the peak in `mfu_precision`.", "fraction", high=1.0),
        Column(name="mfu_precision", kind="choice", help="The peak that `mfu` refers to.",
               choices=tuple(PRECISION_BITS), required=False),
        _number("reported_cost_usd", "Cost as its developer states it.", "USD"),
        Column(name="reported_cost_definition", kind="choice", help="What that figure means.",
               choices=("rental", "amortized", "cloud_committed", "acquisition", "development", "unstated"),
               required=False),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        NOTE,
    ),
)  # fmt: skip

ARCHITECTURES = Table(
    name="architectures",
    help="The shape of a published network: enough to count its parameters, FLOP and cache.",
    columns=(
        ID,
        Column(name="model", kind="id", help="The model in `models`, when it is there.", refers_to="models",
               required=False),
        Column(name="family", kind="text", help="`model_type` in its configuration."),
        Column(name="n_layers", kind="integer", help="Layers, without multi-token-prediction modules.", low=1),
        Column(name="hidden", kind="integer", help="Width of the residual stream.", low=1),
        Column(name="vocabulary", kind="integer", help="Rows of the embedding.", low=1),
        Column(name="tied", kind="flag", help="Whether the output head is the embedding."),
        Column(name="n_heads", kind="integer", help="Query heads.", low=1),
        _count("n_kv_heads", "Key and value heads; empty for MLA."),
        _count("head_dim", "Width of a head; empty for MLA."),
        _count("q_rank", "MLA: rank of the query compression; 0 when there is none."),
        _count("kv_rank", "MLA: rank of the key-value compression."),
        _count("nope_dim", "MLA: width of the part of a head without position."),
        _count("rope_dim", "MLA: width of the part of a head with position."),
        _count("v_dim", "MLA: width of a value head."),
        _count("index_heads", "DSA: heads of the indexer."),
        _count("index_dim", "DSA: width of an indexer head."),
        _count("index_top", "DSA: keys kept per query."),
        _count("window", "Sliding window, in tokens."),
        _count("n_window_layers", "How many layers use it."),
        _count("ffn", "Inner width of a dense feed-forward layer."),
        _count("expert_ffn", "Inner width of an expert."),
        _count("n_experts", "Routed experts in a layer."),
        _count("n_active", "Routed experts used per token."),
        _count("n_shared", "Shared experts in a layer."),
        _count("n_dense_layers", "Leading layers with a dense feed-forward part."),
        _count("n_mtp", "Multi-token-prediction modules."),
        Column(name="qkv_bias", kind="flag", help="Biases on query, key and value.", required=False),
        Column(name="qk_norm", kind="flag", help="Norms on queries and keys.", required=False),
        _number("published_parameters", "Total as its maker states it.", "parameters"),
        _number("published_active", "Active parameters as its maker states them.", "parameters"),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)  # fmt: skip

ASSUMPTIONS = Table(
    name="assumptions",
    help="A figure that a computation rests on and that is not a fact about one row: rates, shares, overheads.",
    columns=(
        ID,
        Column(name="quantity", kind="text", help="What it is."),
        Column(name="low", kind="number", help="5% quantile.", required=False),
        Column(name="value", kind="number", help="Central value."),
        Column(name="high", kind="number", help="95% quantile.", required=False),
        Column(name="unit", kind="text", help="Unit of low, value and high."),
        Column(name="distribution", kind="choice", help="How draws are made.",
               choices=("exact", "normal", "lognormal", "uniform")),
        Column(name="grade", kind="choice", help="What it rests on.",
               choices=("measured", "published", "judged")),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)  # fmt: skip

ADOPTIONS = Table(
    name="adoptions",
    help="The first model in which an organization is known to have shipped an innovation.",
    key=("innovation", "organization"),
    columns=(
        Column(name="innovation", kind="choice", help="What was shipped.",
               choices=("fine-grained-moe", "mla", "aux-loss-free-balancing", "fp8-training", "multi-token-prediction",
                        "sparse-attention", "rl-reasoning", "open-reasoning-trace")),
        Column(name="organization", kind="id", help="Who.", refers_to="organizations"),
        Column(name="model", kind="id", help="In which model, when it is in `models`.", refers_to="models",
               required=False),
        Column(name="shipped_on", kind="date", help="When it became public."),
        Column(name="role", kind="choice",
               help="Whether it came from this organization, or followed DeepSeek's publication.",
               choices=("origin", "precursor", "follower")),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)  # fmt: skip

COST_TABLES = (CHIPS, CHIP_SYSTEMS, CHIP_PEAKS, CHIP_PRICES, TRAINING_RUNS, ARCHITECTURES, ASSUMPTIONS, ADOPTIONS)
