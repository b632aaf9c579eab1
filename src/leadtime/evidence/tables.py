"""The evidence tables, each declared once: columns, types, units, ranges, keys and what they mean.

Validation, `leadtime evidence --schema` and the data dictionary in the docs all read these declarations.
"""

from leadtime.evidence.cost_tables import COST_TABLES
from leadtime.evidence.record_tables import RECORD_TABLES
from leadtime.evidence.resource_tables import RESOURCE_TABLES
from leadtime.evidence.rule_tables import RULE_TABLES
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
from leadtime.evidence.supply_tables import SUPPLY_TABLES

SOURCES = Table(
    name="sources",
    help="One document, page or data set that facts were read from.",
    columns=(
        ID,
        Column(name="title", kind="text", help="Title of the document."),
        Column(name="publisher", kind="text", help="Who published it.", required=False),
        Column(name="url", kind="text", help="Address of the document.", required=False),
        Column(
            name="no_url",
            kind="text",
            help="Why there is none that leads to it: none is public, or only that of a home page.",
            required=False,
        ),
        Column(
            name="published_on",
            kind="date",
            help="Publication date; of the copy used, for a page that changes.",
            required=False,
        ),
        Column(
            name="kind",
            kind="choice",
            help="Who speaks.",
            choices=("primary", "official", "vendor", "press", "analysis"),
        ),
        Column(name="license", kind="text", help="License, where stated.", required=False),
    ),
)

ORGANIZATIONS = Table(
    name="organizations",
    help="A developer of models, or someone who measures them.",
    columns=(
        ID,
        NAME,
        Column(
            name="country",
            kind="text",
            help="Country of the headquarters, ISO 3166 alpha-3; empty when not confirmed.",
            required=False,
        ),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

MODELS = Table(
    name="models",
    help="One released version of a model.",
    columns=(
        ID,
        NAME,
        Column(name="organization", kind="id", help="Who trained it.", refers_to="organizations"),
        Column(name="released_on", kind="date", help="First day someone outside could use this version."),
        Column(name="announced_on", kind="date", help="Announcement, where earlier than release.", required=False),
        Column(name="trained_by_low", kind="date", help="End of training: 5% quantile.", required=False),
        Column(name="trained_by", kind="date", help="End of training, where published.", required=False),
        Column(name="trained_by_high", kind="date", help="End of training: 95% quantile.", required=False),
        Column(name="weights", kind="choice", help="Whether the weights were published.", choices=("open", "closed")),
        Column(name="reasoning", kind="flag", help="Trained to think at length before it answers (hybrids too)."),
        Column(name="stage", kind="choice", help="Base checkpoint or post-trained.", choices=("instruct", "base")),
        Column(name="base_model", kind="id", help="The base it was post-trained from.", refers_to="models",
               required=False),
        Column(name="distilled_from", kind="id", help="The teacher, where its maker states one.", refers_to="models",
               required=False),
        ALIASES,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        NOTE,
    ),
)  # fmt: skip

BENCHMARKS = Table(
    name="benchmarks",
    help="One test, with what guessing and label errors make of its scale.",
    columns=(
        ID,
        NAME,
        Column(name="n_items", kind="integer", help="Number of scored items.", unit="items", low=1, required=False),
        Column(name="floor", kind="number", help="Expected score of guessing, by design.", unit="fraction", low=0,
               high=0.99),
        Column(name="ceiling", kind="number", help="Best attainable score given label errors.", unit="fraction",
               low=0.01, high=1),
        Column(name="domain", kind="choice", help="What it tests.",
               choices=("math", "coding", "software-engineering", "agentic", "knowledge", "reasoning", "science",
                        "language", "vision", "cyber", "long-context", "professional")),
        Column(name="access", kind="choice", help="Whether the questions are public.",
               choices=("public", "semi-private", "private")),
        Column(name="released_on", kind="date", help="First publication.", required=False),
        Column(name="metric", kind="text", help="What a score is.", required=False),
        ALIASES,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        NOTE,
    ),
)  # fmt: skip

SCORES = Table(
    name="scores",
    help="One score of one model on one benchmark, as someone reported it.",
    key=("model", "benchmark", "effort", "setting", "evaluator", "source"),
    columns=(
        Column(name="model", kind="id", help="The test-taker.", refers_to="models"),
        Column(name="benchmark", kind="id", help="The test.", refers_to="benchmarks"),
        Column(name="score", kind="number", help="The score as reported, a fraction, never chance-corrected.",
               unit="fraction", low=0, high=1),
        Column(name="se", kind="number", help="Standard error, where published.", unit="fraction", low=0, high=0.5,
               required=False),
        Column(name="effort", kind="text", help="Reasoning effort or thinking budget; empty when none or unstated.",
               required=False),
        Column(name="setting", kind="text", help="Shots, tools, scaffold, sampling; empty for the usual protocol.",
               required=False),
        Column(name="evaluator", kind="id", help="Who ran the test.", refers_to="organizations"),
        Column(name="report_type", kind="choice",
               help="vendor: the developer about its own model; competitor: a developer about another's; "
               "leaderboard: a third party's public board; independent: an evaluation body.",
               choices=("vendor", "competitor", "leaderboard", "independent")),
        Column(name="measured_on", kind="date", help="Day of the run, where stated.", required=False),
        KNOWN_ON,
        DATED_BY,
        SOURCE,
        READ_IN,
        Column(name="locator", kind="text", help="Log, table or page within the source.", required=False),
        NOTE,
        Column(name="known_from", kind="date", required=False,
               help="Where the day is estimated: it cannot have been public on this day or before."),
        Column(name="known_by", kind="date", required=False,
               help="Where the day is estimated: it was public by this day, that of the copy."),
    ),
)  # fmt: skip

#: Our definitions of a lag that a published one can be brought to; `past_year` is the headline.
NEAREST = (
    "past_year",
    "age_of_equal",
    "age_of_equal_windowed",
    "age_of_matched",
    "daily_mean",
    "daily_mean_matched",
    "catch_up",
    "trend_gap_linear",
    "trend_gap_latent",
)

PUBLISHED = Table(
    name="published",
    help="A figure that someone else published, to be set beside ours.",
    columns=(
        ID,
        Column(name="quantity", kind="text", help="What is measured, with its unit."),
        Column(name="subject", kind="text", help="Model or country it is about."),
        Column(name="reference_group", kind="text", help="What it is compared with.", required=False),
        Column(name="value", kind="number", help="Central value.", required=False),
        Column(name="low", kind="number", help="Lower end of the stated interval.", required=False),
        Column(name="high", kind="number", help="Upper end of the stated interval.", required=False),
        Column(name="unit", kind="text", help="Unit of value, low and high.", required=False),
        Column(name="interval_kind", kind="text", help="What the interval is (90% CI, range, ...).", required=False),
        Column(name="definition", kind="text", help="How its author defines it.", required=False),
        Column(name="nearest_definition", kind="choice", required=False, choices=NEAREST,
               help="Of a lag: our definition that comes nearest to theirs; empty where none does."),
        Column(name="nearest_benchmarks", kind="text", help="The set or domain of benchmarks that comes nearest.",
               required=False),
        Column(name="nearest_clock", kind="choice", choices=("released", "trained"), required=False,
               help="Whether a model counts from its release or from the end of its training."),
        Column(name="data_through", kind="date", help="Day through which their evidence goes.", required=False),
        Column(name="not_the_same", kind="text", required=False,
               help="Where their way and our nearest differ; or why there is no common footing."),
        Column(name="published_by", kind="id", help="Who published it.", refers_to="organizations"),
        KNOWN_ON,
        DATED_BY,
        SOURCE,
        READ_IN,
        NOTE,
    ),
)  # fmt: skip

#: Every table, in an order in which foreign keys only point backward.
TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        SOURCES,
        ORGANIZATIONS,
        MODELS,
        BENCHMARKS,
        SCORES,
        PUBLISHED,
        *COST_TABLES,
        *RULE_TABLES,
        *SUPPLY_TABLES,
        *RESOURCE_TABLES,
        *RECORD_TABLES,
    )
}
#: Tables that name things for others to refer to: no source is ever taken out of them.
NAMING = {"sources", "organizations", "models", "benchmarks", "chips", "chip_systems"} | {t.name for t in RULE_TABLES}
