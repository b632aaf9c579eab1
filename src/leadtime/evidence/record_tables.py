"""Tables of the record: questions about the world with how they came out, and what others forecast of them."""

from leadtime.evidence.schema import DATED_BY, ID, KNOWN_ON, NOTE, READ_IN, SOURCE, Column, Table

#: How a question about a number, or about an event, is answered.
RESOLVED_BY = ("source", "measure", "open")

RESOLUTIONS = Table(
    name="resolutions",
    help="One question that had, or will have, an answer: what is asked, when it closes, how it came out.",
    columns=(
        ID,
        Column(name="question", kind="text", help="The question, in words."),
        Column(
            name="topic",
            kind="choice",
            help="What it is about; scores are grouped by it.",
            choices=("lag", "revenue", "capital", "rules", "supply"),
        ),
        Column(name="kind", kind="choice", help="A number, or whether something happens.", choices=("number", "event")),
        Column(
            name="series",
            kind="text",
            help=(
                "What a forecast is made from: revenue:COMPANY:ITEM:BASIS, investment:ENTITY:COUNTRY:KIND,"
                " lag:DEFINITION, published:ID,ID (earlier figures of the same publisher), rules:CLASS, scheduled,"
                " bill, case:USD, or none."
            ),
        ),
        Column(name="period", kind="text", help="Fiscal period or year that is asked about.", required=False),
        Column(name="opens_on", kind="date", help="First day on which the question makes sense."),
        Column(name="closes_on", kind="date", help="Day the answer is about, or last day for an event."),
        Column(
            name="resolved_by",
            kind="choice",
            help=(
                "source: the value below; measure: this study's own lag of that day, by today's evidence; open: not"
                " yet."
            ),
            choices=RESOLVED_BY,
        ),
        Column(name="low", kind="number", help="Outcome, 5% quantile, where it is itself uncertain.", required=False),
        Column(name="value", kind="number", help="Outcome; of an event 1 or 0.", required=False),
        Column(name="high", kind="number", help="Outcome, 95% quantile.", required=False),
        Column(name="unit", kind="text", help="Unit of the outcome.", required=False),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

FORECASTS = Table(
    name="forecasts",
    help="What someone else said beforehand about one of the questions.",
    key=("question", "forecaster", "known_on"),
    columns=(
        Column(name="question", kind="id", help="The question.", refers_to="resolutions"),
        Column(name="forecaster", kind="text", help="Who said it."),
        Column(name="low", kind="number", help="Lower end of what was said.", required=False),
        Column(name="value", kind="number", help="Central value, or the probability of an event."),
        Column(name="high", kind="number", help="Upper end.", required=False),
        Column(
            name="level",
            kind="number",
            help="What the interval is said to hold; empty when not said.",
            low=0,
            high=1,
            required=False,
        ),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

RECORD_TABLES = (RESOLUTIONS, FORECASTS)
