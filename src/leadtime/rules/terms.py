"""The words with which a question about rules is asked: what is shipped, how it moves, how it was made, which goods."""

#: Kinds of transaction: out of the United States, from one other country to the next, inside one.
ORIGINS = ("us", "reexport", "in-country")
ITEMS = ("chip", "system", "hbm", "weights", "foundry-die")
#: What an item made abroad may be a direct product of.
MADE_WITH = ("us-technology", "us-plant", "neither")
#: The five certifications of 91 FR 1684; `certified` alone stands for all that are not stated one by one.
CERTIFICATIONS = ("certified_supply", "certified_foundry", "certified_volume", "certified_security", "certified_test")
#: Goods whose duties are read.
GOODS = ("semiconductors", "ai-chips", "servers", "legacy-chips", "polysilicon", "wafers", "general")
#: End uses that the duty on advanced chips asks about, and whether they are exempt (US note 39(d), headings 9903.79.03
#: to .09).
END_USES = {
    "us-data-center": True,
    "us-repair": True,
    "us-research": True,
    "us-startup": True,
    "consumer": True,
    "industrial": True,
    "public-sector": True,
    "other": False,
}
