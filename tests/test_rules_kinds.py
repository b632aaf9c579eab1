"""No confident error: each kind of mistake that a review found, tried on more than the case in which it was seen."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.rules import log as logs
from leadtime.rules.answers import full
from leadtime.rules.exporters import resolve_party
from leadtime.rules.many import columns_of
from leadtime.rules.split import limits_of
from leadtime.rules.status import headline, status
from leadtime.rules.told import told
from leadtime.rules.transaction import FIRST_MATRIX_UNITS, Stated, chip_numbers, transaction

LOG = logs.built_in()
TODAY = dt.date(2026, 11, 29)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ask(chip=None, to="CHN", on=TODAY, known=TODAY, **details):
    day = dt.date.fromisoformat(on) if isinstance(on, str) else on
    return status(LOG, transaction(LOG, chip, Stated(to=to, **details)), day, known)


# -- A1: what a paragraph leaves to others, the letters take up
# ----------------------------------------------------------------


@FEW
@given(st.floats(1600, 4799), st.floats(100, 900), st.booleans())
def test_no_chip_falls_between_the_paragraph_and_the_letters(tpp, area, datacenter):
    """With memory over the limit of the letters, a chip to China needs a license in 3A090.a or by letter,
    dense or not.
    """
    numbers = {"tpp": (tpp, tpp), "die_area_mm2": (area, area), "dram_gb_s": (1792.0, 1792.0), "io_gb_s": (64.0, 64.0)}
    found = ask(None, numbers=numbers, flags={"datacenter": datacenter}, exporter="NVIDIA", on="2025-05-01")
    assert found.verdict == "license-required"


def test_the_card_of_the_review():
    assert ask("rtx-5090d", on="2025-05-01").verdict == "license-required"
    assert ask("rtx-5090d", on="2025-03-01").verdict == "no-license"


# -- A2: other regimes
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["RUS", "BLR", "IRN", "CUB", "PRK", "SYR"])
@pytest.mark.parametrize("item", ["chip", "system", "hbm", "weights", "foundry-die"])
@pytest.mark.parametrize("on", ["2022-09-01", "2024-06-01", "2026-11-29"])
def test_no_embargoed_place_is_ever_free(to, item, on):
    found = ask(None if item == "weights" else "t4", to=to, item=item, on=on, flags={"weights_published": True})
    assert found.verdict in ("license-required", "not-covered")
    assert found.elsewhere


@pytest.mark.parametrize("home", ["CUB", "PRK", "IRN"])
@pytest.mark.parametrize("who", ["hq", "parent"])
def test_a_party_from_an_embargoed_place_is_never_free_elsewhere(home, who):
    for chip, to in (("t4", "DEU"), ("l20", "ARE"), ("rtx-3060", "SGP")):
        found = ask(chip, to=to, on="2024-06-01", **{who: home})
        assert found.verdict in ("not-covered", "license-required"), (chip, to)


def test_a_place_that_is_not_covered_says_so_first():
    found = ask("t4", to="CUB")
    assert found.verdict == "not-covered"
    assert told(found).headline.startswith("Not covered here: Embargo of Cuba")


# -- A3: absence from a group
# --------------------------------------------------------------------------------------------------


def test_cambodia_was_in_the_group_until_it_left():
    assert ask("h100-sxm", to="KHM", on="2024-06-01").review == "presumption_of_denial"
    assert ask("h100-sxm", to="KHM", on="2026-02-03").review == "presumption_of_approval"


def test_the_list_of_the_state_department_governs_the_group_of_arms_embargoes():
    """Ethiopia is in the group by the note to it, though the table of Commerce never named it."""
    found = ask("h100-sxm", to="ETH", on="2024-06-01")
    assert (found.verdict, found.review, found.confidence) == ("license-required", "presumption_of_denial", "medium")
    assert ask("h100-sxm", to="DJI", hq="ETH", on="2024-06-01").verdict == "license-required"
    assert (
        ask("h100-sxm", to="ETH", on="2023-10-01", exporter="Dell").verdict == "no-license"
    )  # the rule of 2022 names China
    assert ask("h100-sxm", to="ETH", on="2025-07-08").verdict in ("depends", "unknown")  # not seen on the list since


@pytest.mark.parametrize(
    ("to", "on"), [("IND", "2024-05-01"), ("THA", "2024-05-01"), ("BRA", "2023-12-01"), ("KEN", "2026-11-29")]
)
def test_absence_from_a_list_that_was_not_read_is_never_sure(to, on):
    found = ask("h100-sxm", to=to, on=on)
    assert found.confidence != "high"
    assert any(f"{LOG.countries[to]} not in D:5" in u for u in found.unconfirmed)


def test_on_the_day_of_the_text_absence_is_known():
    found = ask("h100-sxm", to="IND", on="2026-07-23")
    assert not [u for u in found.unconfirmed if "not in D:" in u]


# -- A4: who ships
# -------------------------------------------------------------------------------------------------------------

FORMS = ["{}", "{} Corporation", "{} Corp.", "{}, Inc.", "The {} Company", " {} ", "{} Ltd", "{} Co., Ltd."]


@FEW
@given(
    st.sampled_from(["NVIDIA", "nvidia", "Nvidia", "AMD", "amd", "Intel", "INTEL", "Advanced Micro Devices"]),
    st.sampled_from(FORMS),
)
def test_a_firm_is_found_by_any_form_of_its_name(name, form):
    expected = {"nvidia": "NVIDIA", "intel": "Intel"}.get(name.casefold(), "AMD")
    assert resolve_party(LOG, form.format(name)) == expected


@FEW
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", min_size=6, max_size=20))
def test_a_name_that_is_not_known_never_frees(name):
    if not name.strip() or not resolve_party(LOG, name).startswith("?"):
        return
    assert ask("h20", on="2025-05-01", exporter=name).verdict == "unknown"


def test_a_firm_that_got_no_letter_is_free_of_it():
    assert ask("a100-sxm-80gb", on="2022-10-20", exporter="Super Micro Computer, Inc.").verdict == "no-license"
    assert ask("h20", on="2025-05-01", exporter="other").verdict == "no-license"
    assert ask("h20", on="2025-05-01", exporter="NVIDIA Corporation").verdict == "license-required"


@pytest.mark.parametrize(
    ("chip", "to", "on", "exporter"),
    [
        ("h20", "CHN", "2025-05-01", "Supermicro"),
        ("h20", "SGP", "2025-05-01", "Dell"),
        ("a100-sxm-80gb", "CHN", "2022-10-20", "HPE"),
    ],
)
def test_that_a_firm_is_in_no_known_letter_is_never_sure(chip, to, on, exporter):
    """Letters are not published: another firm may have got one."""
    found = ask(chip, to=to, hq="CHN", on=on, exporter=exporter)
    assert (found.verdict, found.confidence) == ("no-license", "medium")
    assert any(f"whether {exporter} got such a letter too" in u for u in found.unconfirmed)
    said = ask(chip, to=to, hq="CHN", on=on, exporter="other")
    assert not any("such a letter" in u for u in said.unconfirmed)
    made = [transaction(LOG, chip, Stated(to=to, hq="CHN", exporter=who)) for who in (exporter, "other")]
    many = full(LOG, columns_of(made, [dt.date.fromisoformat(on)] * 2, [TODAY] * 2))
    assert many.confidence.tolist() == [found.confidence, said.confidence]


# -- A5: text without force
# ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chip", "item", "to"), [("h100-sxm", "chip", "POL"), ("h100-sxm", "system", "CHE"), (None, "weights", "CHN")]
)
def test_a_text_that_is_not_enforced_has_its_own_word(chip, item, to):
    found = ask(chip, to=to, item=item, numbers={"training_operations": (1e27, 1e27)} if item == "weights" else None)
    assert (found.verdict, found.license_codified, found.license_enforced) == ("not-enforced", "yes", "no")


# -- B: nothing leaves
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", ["h100-sxm", "h20", "rtx-4090", "b200", "mi308x"])
@pytest.mark.parametrize("hq", ["USA", "CHN", "MAC", "RUS"])
def test_what_stays_in_the_united_states_needs_no_export_license(chip, hq):
    found = ask(chip, to="USA", hq=hq, flags={"listed": True})
    assert found.verdict in ("no-license", "not-covered")


# -- C: exceptions and policies
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["PRI", "GUM", "VIR", "ASM", "MNP"])
def test_territories_are_in_the_united_states(to):
    """15 CFR 772.1: Puerto Rico and the territories are no export, not even for a party from China."""
    assert ask("b200", to=to, hq="CHN", on="2026-07-01").verdict == "no-license"
    assert ask("h100-sxm", to=to, on="2025-06-01").verdict == "no-license"


def test_a_die_is_freed_by_a_confirmed_count_only():
    """3A090, note 1: who packages it must confirm the number of transistors."""
    die = {
        "item": "foundry-die",
        "numbers": {"node_nm": (7.0, 7.0), "transistors_bn": (20.0, 20.0)},
        "origin": "reexport",
    }
    asked = {flag: ask(on="2025-06-01", flags={"count_confirmed": flag}, **die).verdict for flag in (True, False)}
    assert asked == {True: "no-license", False: "license-required"}
    assert ask(on="2025-06-01", **die).verdict == "depends"


@FEW
@given(
    st.sampled_from(["rtx-4090", "l4", "l40s", "a800-sxm", "rtx-4090d"]),
    st.sampled_from(["CHN", "MAC", "VNM", "SAU", "ARE", "IND"]),
    st.sampled_from(["us", "reexport", "in-country"]),
    st.dates(dt.date(2023, 12, 1), TODAY),
)
def test_no_exception_is_left_where_a_listed_party_needs_a_license(chip, to, origin, on):
    found = ask(chip, to=to, origin=origin, on=on, flags={"listed": True})
    assert (found.verdict, found.exceptions) == ("license-required", ())


def test_what_listed_parties_own_has_no_exception_while_the_rule_on_it_holds():
    assert ask("rtx-4090", on="2025-10-15", flags={"owned_by_listed": True}).exceptions == ()
    assert ask("rtx-4090", on="2025-12-15", flags={"owned_by_listed": True}).exceptions == ("NAC",)
    assert ask("rtx-4090", on="2026-11-29", flags={"owned_by_listed": True}).exceptions == ("NAC (may)",)


def test_a_policy_that_hangs_on_the_record_is_told_as_possible():
    found = ask("rtx-4090", to="VNM", on="2026-11-29", flags={"owned_by_listed": True})
    assert (found.review, found.review_possible) == ("presumption_of_denial", ("presumption_of_approval",))


def test_in_country_transfers_changed_their_exception():
    assert ask("rtx-4090", origin="in-country", on="2024-04-03").exceptions == ("NAC",)
    assert ask("rtx-4090", origin="in-country", on="2024-04-04").exceptions == ("ACA",)
    assert ask("rtx-4090", origin="us", on="2024-04-04").exceptions == ("NAC",)


def test_rates_without_matrix_units_bound_performance_from_below():
    """A chip of 2023 that is known by its vector rate alone may do far more: it is never freed by that rate."""
    found = ask("max-1550", on="2023-03-01", exporter="Intel")
    assert found.verdict == "depends"
    assert any("performance (TPP) 1,678 or more" in line for line in found.because)
    assert ask("max-1550", on="2025-05-01", exporter="Intel").verdict == "license-required"
    for chip, row in LOG.chips.items():
        tpp = chip_numbers(LOG, chip).get("tpp")
        begun = row["released_on"] or row["announced_on"] or row["known_on"]
        if tpp and begun >= FIRST_MATRIX_UNITS:
            has_matrix = any(p["unit"] == "matrix" for p in LOG.peaks[chip])
            assert (tpp[0] == tpp[1]) == has_matrix, chip
    assert chip_numbers(LOG, "tesla-p40")["tpp"] == (376.32, 376.32)  # older than such units


def test_memory_on_the_die_is_no_dram():
    what = transaction(LOG, "groq-lpu-v1", Stated(to="CHN"))
    assert what.number("dram_gb_s") == (0.0, 0.0)
    assert transaction(LOG, "h200-sxm", Stated(to="CHN")).number("dram_gb_s") == (4800.0, 4800.0)


@pytest.mark.parametrize("chip", ["trainium-2", "tpu-v5p"])
def test_whether_what_was_never_sold_is_available_is_open(chip):
    found = ask(chip, on="2026-02-01")
    assert "case_by_case" in (found.review, *found.review_possible)
    assert found.review_possible
    assert "commercially available" in found.turns_on
    assert ask(chip, on="2026-02-01", flags={"available_in_us": False}).review == "presumption_of_denial"


@pytest.mark.parametrize("name", ["supply", "foundry", "volume", "security", "test"])
def test_each_certification_that_is_not_made_ends_the_policy(name):
    assert ask("h200-sxm", on="2026-02-01").review == "case_by_case"
    assert ask("h200-sxm", on="2026-02-01", flags={f"certified_{name}": False}).review == "presumption_of_denial"


def test_games_cards_have_an_exception_under_the_worldwide_requirement():
    found = ask("rtx-4090", to="IND", on="2025-06-01", known=dt.date(2025, 2, 1))
    assert (found.verdict, "ACA" in found.exceptions) == ("license-required", True)


def test_what_is_not_subject_to_the_rules_needs_no_license_by_them():
    assert ask("h100-sxm", origin="reexport", flags={"subject": False}).verdict == "no-license"
    with pytest.raises(LeadtimeError, match="subject"):
        ask("h100-sxm", flags={"subject": False})


# -- D: cases
# --------------------------------------------------------------------------------------------------------------


def test_between_two_paragraphs_that_both_ask_nothing_is_open():
    found = ask("tpu-v5e", on="2026-02-01", numbers={"die_area_mm2": (200.0, 860.0)})
    assert found.verdict == "license-required"
    assert set(found.eccn_possible) == {"3A090.a", "3A090.b"}


@pytest.mark.parametrize("chip", ["t4", "a10", "tesla-p4", "tesla-p40", "tesla-k80", "tesla-k40"])
def test_cards_with_a_bus_and_no_link_are_decided(chip):
    assert ask(chip, on="2026-02-01").verdict == "no-license"


NUMBERS = st.fixed_dictionaries(
    {
        "tpp": st.sampled_from([500.0, 1599.0, 1600.0, 2399.0, 2400.0, 4799.0, 4800.0, 20999.0, 21000.0]),
        "die_area_mm2": st.sampled_from([100.0, 300.0, 600.0, 814.0, 1600.0]),
        "dram_gb_s": st.sampled_from([300.0, 1399.0, 1400.0, 1690.0, 6499.0, 6500.0]),
        "io_gb_s": st.sampled_from([20.0, 400.0, 600.0, 1100.0]),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    NUMBERS,
    st.sampled_from(["tpp", "die_area_mm2", "dram_gb_s", "io_gb_s"]),
    st.floats(1.01, 6.0),
    st.sampled_from(["CHN", "VNM", "MYS"]),
    st.dates(dt.date(2022, 9, 1), TODAY),
    st.booleans(),
    st.sampled_from([None, "NVIDIA", "other"]),
)
def test_open_numbers_depend_exactly_where_some_case_differs(numbers, name, width, to, on, datacenter, exporter):
    """Brute force over a fine grid finds the same set of answers as the split, but for cells that the grid misses."""
    low = numbers[name]
    grid = [low * width ** (i / 60) for i in range(61)]
    for limits in limits_of(LOG).values():
        grid += [float(x) for x in limits if low <= x <= low * width]
    details = {"to": to, "flags": {"datacenter": datacenter}, "exporter": exporter}
    exact = {k: (v, v) for k, v in numbers.items()}
    points = [transaction(LOG, None, Stated(numbers=exact | {name: (x, x)}, **details)) for x in grid]
    seen = set(full(LOG, columns_of(points, [on] * len(points), [TODAY] * len(points))).words.answer.tolist())
    wide = headline(
        LOG, transaction(LOG, None, Stated(numbers=exact | {name: (low, low * width)}, **details)), on, TODAY
    )["answer"]
    if wide != "conditional":
        assert seen == {wide}
    elif len(seen) == 1 and "conditional" not in seen:
        assert name in ("die_area_mm2", "tpp"), "the grid misses only cells of density"


def test_an_open_answer_is_one_sentence():
    found = ask(
        None,
        numbers={
            "tpp": (4500.0, 5200.0),
            "die_area_mm2": (600.0, 600.0),
            "dram_gb_s": (900.0, 900.0),
            "io_gb_s": (64.0, 64.0),
        },
        flags={"datacenter": False},
        exporter="NVIDIA",
        on="2024-06-01",
    )
    assert found.verdict == "depends"
    assert (
        found.turns_on == "It turns on performance (TPP): 4,800 or more and it is a license, less and it is no license."
    )
