"""Tables about chips that arrive: shipments and stocks, cases of diversion, revenue, investment, and what
others say.
"""

from leadtime.evidence.resource_tables import WHOLE
from leadtime.evidence.schema import (
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

#: An assumption is a judgment where no count was found, or a publisher's own premise; it is never called measured.
GRADES = ("measured", "reported", "derived", "estimate", "assumed")


def _amount(name: str, help: str, unit: str) -> Column:
    return Column(name=name, kind="number", help=help, unit=unit, required=False, low=0.0)


def _range(name: str, help: str, unit: str) -> tuple[Column, Column, Column]:
    return (
        _amount(f"{name}_low", f"{help}, 5% quantile or lower end.", unit),
        _amount(name, f"{help}, central.", unit),
        _amount(f"{name}_high", f"{help}, 95% quantile or upper end.", unit),
    )


_BEGIN = Column(name="period_start", kind="date", help="First day of the period.", required=False)
_END = Column(name="period_end", kind="date", help="Last day of the period, or the day of a stock.")
_GRADE = Column(name="grade", kind="choice", help="How the figure came about.", choices=GRADES)

SHIPMENTS = Table(
    name="shipments",
    help=(
        "Accelerators that arrived in a period (flow), or were there on a day (stock), as someone counted or estimated"
        " them."
    ),
    columns=(
        ID,
        _BEGIN,
        _END,
        Column(
            name="measure",
            kind="choice",
            help="Arrivals of the period, or what was there at its end.",
            choices=("flow", "stock"),
        ),
        Column(name="designer", kind="text", help="Who designed the chips; `all` for several."),
        Column(name="chip", kind="id", help="The chip, where one is meant.", refers_to="chips", required=False),
        Column(
            name="bloc",
            kind="choice",
            help="Whose they are: USA and its firms, China, the rest, all, or all but China.",
            choices=("USA", "CHN", "ROW", "WORLD", "XCHN"),
        ),
        Column(
            name="channel",
            kind="choice",
            help=(
                "legal: shipped under the rules; offshore: owned or rented outside China by Chinese firms; diverted:"
                " against the rules; domestic: made in China; proxy: dies made abroad through others; all: not split."
            ),
            choices=("legal", "offshore", "diverted", "domestic", "proxy", "rented", "all"),
        ),
        Column(
            name="scope",
            kind="choice",
            help="Owned by, located in, or used by the bloc.",
            choices=("owned", "located", "used"),
        ),
        *_range("units", "Number of chips", "chips"),
        *_range("h100e", "H100-equivalents: units times dense 8-bit rate over 1,979 TOPS", "H100e"),
        Column(
            name="unit_basis",
            kind="choice",
            help="What the equivalents are counted in.",
            choices=("int8", "fp8", "fp16", "fp4", "bandwidth", "units"),
        ),
        _GRADE,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

ENFORCEMENT = Table(
    name="enforcement",
    help="One case of diversion, or one estimate of all of it.",
    columns=(
        ID,
        NAME,
        Column(name="kind", kind="choice", help="What it is.", choices=("case", "estimate", "report", "guidance")),
        Column(name="status", kind="text", help="Where it stands.", required=False),
        _BEGIN,
        _END,
        _amount("value_usd", "Value of the goods.", "USD"),
        *_range("units", "Number of chips", "chips"),
        *_range("h100e", "H100-equivalents diverted", "H100e"),
        Column(
            name="route", kind="text", help="Countries of transit, ISO 3166 alpha-3, separated by |.", required=False
        ),
        _GRADE,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

REVENUE = Table(
    name="revenue",
    help="A company's revenue, or another figure of its filings, in a fiscal period.",
    key=("company", "fiscal_period", "item", "basis"),
    columns=(
        Column(name="company", kind="text", help="The company."),
        Column(name="fiscal_period", kind="text", help="Its fiscal period, such as FY2026Q1."),
        _BEGIN,
        _END,
        Column(
            name="item",
            kind="choice",
            help="What the figure is.",
            choices=("total", "data-center", "china", "china-data-center-compute", "charge"),
        ),
        Column(
            name="basis",
            kind="choice",
            help=(
                "Where a sale is counted: billing address, or headquarters of the customer. "
                "The company changed it in November 2025: never splice the two."
            ),
            choices=("billing", "headquarters", "company"),
        ),
        Column(name="value_usd", kind="number", help="US dollars.", unit="USD"),
        _GRADE,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

INVESTMENT = Table(
    name="investment",
    help="Money put into AI by one entity, or all of a country, in a year or to date; or a share of such money.",
    key=("entity", "country", "kind", "period_end", "source"),
    columns=(
        Column(name="id", kind="id", help="A name for the row, where claims or notes speak of it.", required=False),
        Column(name="entity", kind="text", help="Who; `all` for a country."),
        Column(name="country", kind="text", help="ISO 3166 alpha-3."),
        Column(
            name="kind",
            kind="choice",
            help=(
                "What kind of money. ai-capex: capital spending on AI by all, as someone forecast it;"
                " round-with-foreign-money: a round or offering in which foreign money had an unpublished part;"
                " share-...: a share of such money."
            ),
            choices=(
                "capex",
                "private-investment",
                "equity-to-date",
                "military",
                "equity-round",
                "venture-ai",
                "venture-all",
                "compute-lease",
                "compute-prepayment",
                "chip-orders",
                "chip-spend",
                "government-funds",
                "sovereign-ai",
                "sovereign-all",
                "ai-capex",
                "offering",
                "round-with-foreign-money",
                "pledge",
                "revenue-forgone",
                "share-venture-ai",
                "share-venture-deals",
                "share-government-funds",
            ),
        ),
        _BEGIN,
        _END,
        *_range("value_usd", "Amount", "USD"),
        *(
            Column(name=c.name, kind="number", help=c.help, unit="fraction", required=False, low=0.0, high=1.0)
            for c in _range("share", "Share", "fraction")
        ),
        Column(name="definition", kind="text", help="What exactly was counted; a share has to say it.", required=False),
        WHOLE,
        _GRADE,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        NOTE,
    ),
)

SUPPLY_ESTIMATES = Table(
    name="supply_estimates",
    help="A ratio, share or forecast about chips that someone published, to be set beside ours and to constrain it.",
    columns=(
        ID,
        Column(
            name="quantity",
            kind="choice",
            help="What it is.",
            choices=(
                "us_over_china_stock",
                "us_over_china_flow",
                "china_share_stock",
                "diverted_share_of_china",
                "china_share_flow",
                "china_share_nvidia_data_center",
                "china_domestic_flow",
                "china_legal_flow",
                "china_flow",
                "china_hbm_stacks",
                "china_advanced_wafers",
                "lead_months",
            ),
        ),
        _BEGIN,
        _END,
        Column(name="low", kind="number", help="Lower end.", required=False),
        Column(name="value", kind="number", help="Central.", required=False),
        Column(name="high", kind="number", help="Upper end.", required=False),
        Column(
            name="level", kind="number", help="Coverage of low to high, where stated.", required=False, low=0, high=1
        ),
        Column(name="unit", kind="text", help="Unit."),
        Column(name="unit_basis", kind="text", help="What compute is counted in.", required=False),
        Column(name="scope", kind="text", help="Owned, located, used or added.", required=False),
        Column(name="definition", kind="text", help="What its author means."),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

SUPPLY_TABLES = (SHIPMENTS, ENFORCEMENT, REVENUE, INVESTMENT, SUPPLY_ESTIMATES)
