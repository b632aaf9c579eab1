"""Tables of what a lead rests on besides chips and models: talent, military use, leaks, industry, and access.

All have the same columns. A row is one published figure: what was counted, of whom, in which unit and period, by which
definition, by whom.
"""

from leadtime.evidence.schema import DATED_BY, ID, KNOWN_ON, NOTE, READ_IN, SOURCE, Column, Table

#: How a figure came about. An allegation names its speaker; of what is unpublished the row says what was looked for,
#: and has no number.
GRADES = ("measured", "reported", "derived", "estimate", "forecast", "target", "alleged", "unpublished")
#: Units in which a figure is a part of something, so that the row has to say of what.
SHARES = ("fraction", "%", "percent", "share")
BLOCS = ("USA", "CHN", "ROW", "WORLD")
#: What a share is a share of, who made an allegation, and which rows say otherwise.
WHOLE = Column(
    name="whole", kind="text", help="What a share is a share of; empty for what is no share.", required=False
)
ALLEGED_BY = Column(
    name="alleged_by", kind="text", help="Who alleges it; empty for what is more than an allegation.", required=False
)
CONFLICTS = Column(
    name="conflicts_with",
    kind="text",
    help="Ids of rows of this table that say otherwise of the same thing, separated by |.",
    required=False,
)
SURE = Column(name="confidence", kind="choice", help="How sure the curator is.", choices=("high", "medium", "low"))


def _table(name: str, help: str, kinds: tuple[str, ...], kind_help: str) -> Table:
    columns = (
        ID,
        Column(name="kind", kind="choice", help=kind_help, choices=kinds),
        Column(
            name="quantity", kind="text", help="What is counted, in words; rows that can be compared have the same."
        ),
        Column(
            name="bloc",
            kind="choice",
            help="Whose it is: the United States, China, others, or all the world.",
            choices=BLOCS,
        ),
        Column(
            name="who", kind="text", help="The country, firm or body, where it is not all of the bloc.", required=False
        ),
        Column(name="unit", kind="text", help="Unit of low, central and high; a share is a fraction of 1."),
        Column(name="low", kind="number", help="Lower end; alone for “at least”.", required=False),
        Column(name="central", kind="number", help="Central value.", required=False),
        Column(name="high", kind="number", help="Upper end; alone for “at most”.", required=False),
        Column(
            name="from", kind="date", help="First day of the period; empty where it was not published.", required=False
        ),
        Column(name="to", kind="date", help="Last day of the period, or the day of a stock."),
        Column(name="definition", kind="text", help="What exactly was counted, by whose rule."),
        WHOLE,
        Column(
            name="grade",
            kind="choice",
            help="How the figure came about; unpublished: looked for and not found.",
            choices=GRADES,
        ),
        ALLEGED_BY,
        CONFLICTS,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        SURE,
        NOTE,
    )
    return Table(name=name, help=help, columns=columns)


TALENT = _table(
    "talent",
    "One published figure on those who make AI: where they work, come from, and go.",
    ("work", "origin", "flow", "output", "training", "staff", "rule"),
    "Where they work; where they come from; who moved; papers and citations; degrees; staff of one firm; a rule.",
)
MILITARY = _table(
    "military",
    "One published figure on military use of AI, or on the military strength that it would serve.",
    ("budget", "contract", "procurement", "list", "use", "computing", "force"),
    "Money; contracts and their ceilings; tenders and awards; lists of firms; use; computing power; forces.",
)
LEAKS = _table(
    "leaks",
    "One case in which ideas or outputs of one side were taken, or one estimate of what that costs.",
    ("distillation", "trade-secrets", "people", "front-firms", "all-channels", "answer"),
    "By which channel; all-channels: an estimate over several; answer: what a government or firm did about it.",
)
INDUSTRY = _table(
    "industry",
    "One published figure on the physical base: power, data centers, factories, ships, robots.",
    ("electricity", "data-centers", "chip-making", "memory", "manufacturing", "ships", "robots", "drones", "computing"),
    "What is made or used.",
)
ACCESS = _table(
    "access",
    "One published figure on who can use AI, at what price, and what was denied.",
    ("use", "firms", "open-models", "traffic", "price", "offer", "cloud", "denied", "target"),
    "People who use it; firms that do; downloads of open models; tokens; prices; who is served; data centers; "
    "what was refused or ran short; aims of governments.",
)
RESOURCE_TABLES = (TALENT, MILITARY, LEAKS, INDUSTRY, ACCESS)
