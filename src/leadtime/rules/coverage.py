"""What the engine reads, what it only points to, and what it does not model: said with every answer."""

from dataclasses import dataclass

from leadtime.rules.transaction import Transaction

MODELED, POINTER, NOT_MODELED = "modelled", "pointer only", "not modelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One part of the rules: what it is, where it stands, and how far it is read.

    Args:
        items: Kinds of item that it may reach; empty: any.
        to: Destinations that it may reach; empty: any.
        origins: Kinds of transaction that it may reach; empty: any.
    """

    id: str
    title: str
    pinpoint: str
    how: str
    words: str
    items: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    def may_reach(self, what: Transaction) -> bool:
        """Return whether the area may reach a transaction, by its kind of item, its place and its origin."""
        return (
            (not self.items or what.item in self.items)
            and (not self.to or what.to in self.to)
            and (not self.origins or what.origin in self.origins)
        )


_HARDWARE = ("chip", "system", "hbm", "foundry-die")
AREAS = (
    Area(
        id="chips",
        title="AI chips, computers, memory stacks",
        pinpoint="15 CFR 774, 3A090 and 4A090; 742.6",
        how=MODELED,
        words="Paragraphs, licenses by place and by headquarters, policies, exceptions, since October 2022.",
        items=_HARDWARE,
    ),
    Area(
        id="letters",
        title="Letters to single firms",
        pinpoint="15 CFR 744.21, 744.23",
        how=MODELED,
        words="Those of 2022, 2023, 2025 and 2026 that firms, law firms or the press reported. Others may exist.",
    ),
    Area(
        id="weights",
        title="Model weights",
        pinpoint="15 CFR 774, 4E091; 742.6",
        how=MODELED,
        words="The paragraph of January 2025, codified and not enforced; the letter of June 2026.",
        items=("weights",),
    ),
    Area(
        id="gp10",
        title="Dealings in chips of Chinese design",
        pinpoint="15 CFR 736.2(b)(10)",
        how=MODELED,
        words="The guidance of May 2025.",
        items=("chip", "system"),
    ),
    Area(
        id="russia",
        title="Russia, Belarus and Iran",
        pinpoint="15 CFR 746.7, 746.8",
        how=MODELED,
        words="A license for every item of the Commerce Control List. Sanctions of the Treasury come beside it.",
    ),
    Area(
        id="embargoes",
        title="other embargoes and sanctions",
        pinpoint="15 CFR 746; 31 CFR chapter V",
        how=POINTER,
        words=(
            "Cuba, North Korea, Syria: the answer says that they are not covered. The Treasury's programs are not read."
        ),
    ),
    Area(
        id="regions",
        title="Crimea and the occupied parts of Donetsk and Luhansk",
        pinpoint="15 CFR 746.6",
        how=POINTER,
        words="Asked for by name, the answer says that they are not covered. An address in Ukraine is not looked up.",
        to=("UKR", "UKR_CRIMEA", "UKR_DNR", "UKR_LNR"),
    ),
    Area(
        id="parties",
        title="lists of parties",
        pinpoint="15 CFR 744.11, 744.16, 744.21",
        how=POINTER,
        words="Lists that you bring are read, and names matched; else whether a party is listed is an input.",
    ),
    Area(
        id="fdp",
        title="foreign direct product rules",
        pinpoint="15 CFR 734.9",
        how=POINTER,
        words="The rule for 3A090 and 4A090 is read, with how the item was made as an input. The others are not.",
        items=_HARDWARE,
        origins=("reexport", "in-country"),
    ),
    Area(
        id="de-minimis",
        title="de minimis shares",
        pinpoint="15 CFR 734.4",
        how=POINTER,
        words="The share of US content is an input, held against 10 or 25%. It is not computed.",
        items=_HARDWARE,
        origins=("reexport", "in-country"),
    ),
    Area(
        id="deemed",
        title="deemed exports and technology",
        pinpoint="15 CFR 734.13(a)(2); 774, 3E001",
        how=NOT_MODELED,
        words="Technology shown to foreign persons is another item than the chip.",
    ),
    Area(
        id="end-uses",
        title="end uses",
        pinpoint="15 CFR 744.2 to 744.6, 744.23",
        how=NOT_MODELED,
        words="Weapons, military, supercomputers, training for parties of D:5: they turn on knowledge of the use.",
    ),
    Area(
        id="iaas",
        title="renting computing power from abroad",
        pinpoint="no rule in force",
        how=NOT_MODELED,
        words="Renting is a service; bills and drafts are in the timeline.",
    ),
    Area(
        id="z-items",
        title=".z items",
        pinpoint="15 CFR 774, 3A001.z, 4A003.z, 5A002.z and others",
        how=NOT_MODELED,
        words="They follow the test of the circuit inside; give the item as a system.",
        items=("system",),
    ),
    Area(
        id="other-ccl",
        title="other reasons for control of the same item",
        pinpoint="15 CFR 774, supplement 1",
        how=NOT_MODELED,
        words="3A001, 4A003, 5A992 and others may ask for a license of their own.",
        items=_HARDWARE,
    ),
    Area(
        id="other-countries",
        title="other countries' export rules",
        pinpoint="",
        how=POINTER,
        words="Measures of China and of Malaysia are in the timeline and in practice, where known.",
    ),
)


def not_modelled(what: Transaction) -> tuple[str, ...]:
    """Return what may reach a transaction and is not modelled, or only pointed to."""
    return tuple(a.title for a in AREAS if a.how != MODELED and a.may_reach(what))
