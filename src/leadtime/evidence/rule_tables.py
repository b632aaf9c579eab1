"""Tables of the log of rules and tariffs: append-only, every record with the day it holds and the day it was known."""

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

FOLDER = "rules"
UNCONFIRMED = Column(
    name="unconfirmed",
    kind="text",
    help="What of this record could not be confirmed; every answer that rests on it says so.",
    required=False,
)
INSTRUMENT = Column(name="instrument", kind="id", help="The document it comes from.", refers_to="rule_instruments")

#: What an event does to a provision. The last line leaves it as it was.
EVENT_KINDS = (
    "effective", "compliance_due", "not_enforced", "enforcement_unclear", "enforced", "suspended",
    "scheduled_return", "scheduled_end", "superseded", "withdrawn", "struck_down", "ended",
    "announced", "published", "guidance", "decision", "introduced", "advanced", "dropped", "reported",
)  # fmt: skip
#: What a provision is for; `elsewhere`: a regime that the engine does not model governs the place.
ROLES = ("classification", "requirement", "review", "exception", "practice", "elsewhere")
EFFECTS = ("bars", "tightens", "eases", "none")
REVIEWS = (
    "presumption_of_denial",
    "case_by_case",
    "presumption_of_approval",
    "approval_within_cap",
    "not_stated",
    "authorization_needed",
    "none",
)

COUNTRIES = Table(
    name="countries",
    help="A destination: a country as ISO 3166 names it, or a region that a rule sets apart.",
    folder=FOLDER,
    columns=(
        Column(
            name="id",
            kind="text",
            help="ISO 3166-1 alpha-3 code; of a region that a rule sets apart, that of its country and a name.",
        ),
        Column(name="alpha_2", kind="text", help="ISO 3166-1 alpha-2 code.", required=False),
        NAME,
        ALIASES,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
    ),
)

COUNTRY_GROUPS = Table(
    name="country_groups",
    help="A country in a group of the regulations, for a time; where only bounds of a date are known, both are given.",
    folder=FOLDER,
    key=("group", "country", "from", "known_on"),
    columns=(
        Column(name="group", kind="text", help="The group, such as D:1."),
        Column(name="country", kind="text", help="ISO 3166 alpha-3.", refers_to="countries"),
        Column(name="from", kind="date", help="First day on which it may be a member."),
        Column(name="sure_from", kind="date", help="First day on which it surely is, when later.", required=False),
        Column(name="sure_to", kind="date", help="Last day on which it surely is, when earlier than `to`.",
               required=False),
        Column(name="to", kind="date", help="Last day on which it may be a member.", required=False),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        UNCONFIRMED,
        NOTE,
    ),
)  # fmt: skip

INSTRUMENTS = Table(
    name="rule_instruments",
    help="One document that makes, changes, reads or would make a rule.",
    folder=FOLDER,
    columns=(
        ID,
        Column(name="title", kind="text", help="What it is called, shortened."),
        Column(name="citation", kind="text", help="Where it is published.", required=False),
        Column(
            name="kind",
            kind="choice",
            help="What sort of document.",
            choices=(
                "rule",
                "letter",
                "guidance",
                "policy",
                "proclamation",
                "order",
                "license",
                "deal",
                "decision",
                "directive",
                "draft",
                "bill",
                "tariff",
            ),
        ),
        Column(name="jurisdiction", kind="text", help="Whose it is, ISO 3166 alpha-3.", refers_to="countries"),
        Column(name="announced_on", kind="date", help="First day on which it was announced, or took effect unseen."),
        Column(name="summary", kind="text", help="What it does, one sentence."),
        Column(
            name="effect",
            kind="choice",
            required=False,
            choices=EFFECTS,
            help=(
                "What it does to accelerators, memory and tools that reach China or Chinese firms: bars a chip that was"
                " sold there, tightens otherwise, eases, or none; our reading. Empty: not counted."
            ),
        ),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        UNCONFIRMED,
        NOTE,
    ),
)

EVENTS = Table(
    name="rule_events",
    help="Something that happened to an instrument, or to one of its provisions.",
    folder=FOLDER,
    key=("instrument", "provision", "kind", "effective_on", "known_on"),
    columns=(
        INSTRUMENT,
        Column(name="provision", kind="id", help="Only this provision; empty for all of the instrument.",
               refers_to="rule_provisions", required=False),
        Column(name="kind", kind="choice", help="What happened.", choices=EVENT_KINDS),
        Column(name="effective_on", kind="date", help="The day from which it holds."),
        KNOWN_ON,
        DATED_BY,
        Column(name="until", kind="date", help="Scheduled last day, where the text gives one.", required=False),
        SOURCE,
        READ_IN,
        CONFIDENCE,
        UNCONFIRMED,
        NOTE,
        Column(name="label", kind="text", help="Two or three words for charts; empty where no chart marks it.",
               required=False),
        Column(name="weight", kind="integer", help="Which events a chart marks first: the larger, the sooner.",
               required=False),
    ),
)  # fmt: skip

PROVISIONS = Table(
    name="rule_provisions",
    help="One paragraph: what it is about, where and for whom it applies, and what follows.",
    folder=FOLDER,
    columns=(
        ID,
        INSTRUMENT,
        Column(name="role", kind="choice", help="What the paragraph does.", choices=ROLES),
        Column(name="title", kind="text", help="What it says, a few words."),
        Column(name="pinpoint", kind="text", help="Paragraph of the regulations.", required=False),
        Column(
            name="eccn",
            kind="text",
            help=(
                "classification: the paragraph it puts items in; elsewhere: the paragraphs it is about, by |; "
                "empty for any item."
            ),
            required=False,
        ),
        Column(
            name="requires",
            kind="text",
            help="review and exception: ids of the requirements it is about, by |.",
            required=False,
        ),
        Column(
            name="item",
            kind="text",
            help="Kinds of item, by |: chip, system, hbm, weights, foundry-die; empty: any.",
            required=False,
        ),
        Column(
            name="condition", kind="text", help="What must be true of the transaction; empty: nothing.", required=False
        ),
        Column(
            name="destinations",
            kind="text",
            help="Where to: groups and countries with | & - and brackets.",
            required=False,
        ),
        Column(
            name="headquarters",
            kind="text",
            help="Or: where the end user or its ultimate parent has its headquarters.",
            required=False,
        ),
        Column(name="addressees", kind="text", help="Exporters it binds, by |; empty: all.", required=False),
        Column(
            name="outcome",
            kind="text",
            help="review: the policy; exception: its symbol; practice: what happens.",
            required=False,
        ),
        Column(name="priority", kind="integer", help="Among those that apply, the highest wins.", required=False),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        UNCONFIRMED,
        NOTE,
    ),
)

PARAMETERS = Table(
    name="rule_parameters",
    help="One number of a rule, from a day on; conditions refer to it by name.",
    folder=FOLDER,
    key=("parameter", "from"),
    columns=(
        Column(name="parameter", kind="text", help="Name used in conditions, such as tpp_a."),
        INSTRUMENT,
        Column(name="from", kind="date", help="First day on which it holds."),
        Column(name="to", kind="date", help="Last day; empty: until the next value.", required=False),
        Column(name="value", kind="number", help="The number."),
        Column(name="unit", kind="text", help="Its unit."),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        UNCONFIRMED,
        NOTE,
    ),
)  # fmt: skip

TARIFFS = Table(
    name="tariffs",
    help="One rate of one measure, from a day on: announced, legal and collected dates apart.",
    folder=FOLDER,
    key=("measure", "goods", "origins", "legal_from", "known_on"),
    columns=(
        Column(name="measure", kind="id", help="The layer it belongs to; later rows of a measure replace earlier."),
        INSTRUMENT,
        Column(name="title", kind="text", help="What it is called."),
        Column(name="authority", kind="text", help="The law it rests on."),
        Column(
            name="goods",
            kind="text",
            help=(
                "Goods, by |: semiconductors, ai-chips, servers, polysilicon, wafers, "
                "legacy-chips, general; empty: all."
            ),
            required=False,
        ),
        Column(name="origins", kind="text", help="Countries of origin, as a set."),
        Column(
            name="rate_fraction",
            kind="number",
            help="Ad valorem rate; empty when exempt or not set.",
            unit="fraction",
            low=0,
            high=3,
            required=False,
        ),
        Column(
            name="treatment",
            kind="choice",
            help="How the rate applies.",
            choices=("ad-valorem", "net-of-mfn", "exempt", "excluded", "not-set"),
        ),
        Column(name="condition", kind="text", help="What must be true of the item.", required=False),
        Column(name="announced_on", kind="date", help="Announcement."),
        Column(name="legal_from", kind="date", help="First day in law."),
        Column(
            name="legal_to", kind="date", help="Last day in law, as scheduled when this became known.", required=False
        ),
        Column(name="collected_from", kind="date", help="First day of collection, when another.", required=False),
        Column(name="collected_to", kind="date", help="Last day of collection, when another.", required=False),
        Column(
            name="displaces", kind="text", help="Measures that do not apply where this one does, by |.", required=False
        ),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        UNCONFIRMED,
        NOTE,
    ),
)

EXPORTERS = Table(
    name="rule_exporters",
    help=(
        "A firm that ships chips or systems, by the names it goes by: letters bind the firms they are sent to, no"
        " other."
    ),
    folder=FOLDER,
    columns=(
        ID,
        NAME,
        ALIASES,
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

CARD_LINKS = Table(
    name="card_links",
    help="A card that has the host's bus and no other link between chips; its bandwidth counts for rules on transfer.",
    folder=FOLDER,
    key=("chip",),
    columns=(
        Column(name="chip", kind="id", help="The card.", refers_to="chips"),
        Column(name="bus", kind="text", help="The bus as listed, such as PCIe 3.0 x16."),
        Column(name="gb_s", kind="number", help="Its bandwidth, both directions summed.", unit="GB/s", low=0),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        CONFIDENCE,
        NOTE,
    ),
)

GROUP_TEXTS = Table(
    name="group_texts",
    help=(
        "A day on which the whole list of a country group was read: absence from the group is sure between two such"
        " days only."
    ),
    folder=FOLDER,
    key=("group", "on"),
    columns=(
        Column(name="group", kind="text", help="The group, such as D:1."),
        Column(name="on", kind="date", help="The day of the text."),
        SOURCE,
        READ_IN,
        KNOWN_ON,
        DATED_BY,
        NOTE,
    ),
)

RULE_TABLES = (
    COUNTRIES,
    COUNTRY_GROUPS,
    INSTRUMENTS,
    PROVISIONS,
    EVENTS,
    PARAMETERS,
    TARIFFS,
    EXPORTERS,
    CARD_LINKS,
    GROUP_TEXTS,
)
