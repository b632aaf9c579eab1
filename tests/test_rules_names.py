"""Names as people type them: spelling never changes which chip or country is meant, and nothing is guessed in
silence.
"""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadtime.errors import LeadtimeError
from leadtime.rules import log as logs
from leadtime.rules.batch import run
from leadtime.rules.destinations import country_code
from leadtime.rules.names import chip_and_system, chip_id, chip_names, same_designation, squeezed
from leadtime.rules.transaction import Stated, chip_numbers, transaction

LOG = logs.built_in()
GIVEN = [
    (name, key)
    for key, row in LOG.chips.items()
    for name in (row["id"], row["name"], *(row["aliases"] or "").split("|"))
    if name
]


def test_every_name_of_the_tables_is_its_own_chip():
    """An alias that two chips share would take one in silence."""
    for name, key in GIVEN:
        assert chip_and_system(LOG, name) == (key, ""), name
    for key, row in LOG.systems.items():
        for name in (key, row["name"], *(row["aliases"] or "").split("|")):
            assert chip_and_system(LOG, name) == (row["chip"], key), name


@given(st.sampled_from(GIVEN), st.randoms(use_true_random=False))
def test_case_spaces_and_hyphens_change_nothing(named, random):
    name, key = named
    shaken = "".join(random.choice((c.upper(), c.lower())) for c in name)
    shaken = "".join(random.choice(("-", " ", "_", "", ". ")) if c in "-_ " else c for c in shaken)
    assert chip_and_system(LOG, f" {shaken} ")[0] == key


@given(
    st.sampled_from(GIVEN),
    st.sampled_from(("NVIDIA ", "AMD ", "Tesla ", "")),
    st.sampled_from((" 80GB", " 40 GB", " 96GB", " 141GB", " 24 GB", "")),
    st.sampled_from((" SXM5", " PCIe", " OAM", " NVL", "")),
    st.sampled_from((" GPU", " accelerator card", "")),
)
def test_a_resolved_name_is_never_a_chip_with_other_numbers(named, maker, memory, form, word):
    """Memory and form that are said are those of the chip found, or no chip is found."""
    name = f"{maker}{named[0]}{memory}{form}{word}"
    try:
        found, system = chip_and_system(LOG, name, near=False)
    except LeadtimeError:
        return
    if system:
        assert LOG.systems[system]["chip"] == found
        return
    row = LOG.chips[found]
    spelled = squeezed(" ".join((row["id"], row["name"], row["aliases"] or "")))
    if memory and squeezed(name) not in spelled:
        gb = re.search(r"\d+", memory).group()
        assert row["memory_gb"] is not None and (round(row["memory_gb"]) == int(gb) or f"{gb}gb" in spelled), name
    if form:
        assert squeezed(form).rstrip("5") in spelled, name


@given(st.text(max_size=200))
def test_any_text_is_a_chip_or_a_told_error(text):
    for find in (chip_and_system, country_code):
        try:
            find(LOG, text)
        except LeadtimeError as error:
            assert error.fix


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NVIDIA H100 80GB SXM5", "h100-sxm"),
        ("NVIDIA H100 80GB HBM3", "h100-sxm"),
        ("RTX 4090 D", "rtx-4090d"),
        ("RTX4090", "rtx-4090"),
        ("HL-328", "gaudi-3-hl-328"),
        ("Kunlun P800", "kunlun-p800"),
        ("WSE-3", "cerebras-wse-3"),
        ("Ascend 910C", "ascend-910c"),
        ("MI300X OAM", "mi300x"),
        ("Tesla V100-SXM2-32GB", "v100-sxm-32gb"),
        ("NVIDIA A100-SXM4-80GB", "a100-sxm-80gb"),
        ("NVIDIA H200 NVL", "h200-nvl"),
        ("B200 192GB", "b200"),
        ("A100 80GB SXM4", "a100-sxm-80gb"),
        ("V100 32GB SXM2", "v100-sxm-32gb"),
        ("GH200 Grace Hopper", "gh200"),
    ],
)
def test_names_that_shops_and_drivers_print(typed, meant):
    assert chip_id(LOG, typed) == meant


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("RTX PRO 6000", ("rtx-pro-6000-workstation", "rtx-pro-6000-server")),
        ("Hygon DCU", ("hygon-bw1000", "hygon-k100")),
        ("A100 40GB", ("a100-pcie-40gb", "a100-sxm-40gb")),
        ("H100 96GB", ("h100-sxm (80 GB)", "h100-nvl (94 GB)")),
        ("MI300X+", ("mi300x",)),
    ],
)
def test_what_may_be_several_chips_is_told_with_them(typed, told):
    with pytest.raises(LeadtimeError) as error:
        chip_id(LOG, typed)
    for name in told:
        assert name in error.value.fix


@pytest.mark.parametrize("typed", ["HBM3E", "hbm2e 8-high", "GDDR7", "LPDDR5X"])
def test_memory_is_told_to_go_by_its_numbers(typed):
    with pytest.raises(LeadtimeError, match="is memory, no chip") as error:
        chip_id(LOG, typed)
    assert "--item=hbm" in error.value.fix and "hbm_density" in error.value.told("http")[2]


def test_a_short_name_that_leaves_the_form_open_says_how_it_was_read():
    assert "h100-pcie" in same_designation(LOG, "NVIDIA H100")
    assert transaction(LOG, "H100", Stated(to="DEU")).read_as.startswith("H100 is read as H100 SXM5; there is also")
    assert transaction(LOG, "h100-pcie", Stated(to="DEU")).read_as == ""


@pytest.mark.parametrize(
    ("typed", "chip", "n"), [("DGX H100", "h100-sxm", 8), ("GB200 NVL72", "gb200", 72), ("hgx-h200", "h200-sxm", 8)]
)
def test_a_system_is_tested_by_the_chip_inside(typed, chip, n):
    """3A090 and 4A090 set their limits for one circuit: a rack of many is not their sum."""
    made = transaction(LOG, typed, Stated(to="China"))
    assert (made.chip, made.item) == (chip, "system")
    assert dict(made.numbers)["tpp"] == chip_numbers(LOG, chip)["tpp"]
    assert f"{n} x" in made.read_as


def test_a_count_of_systems_is_not_taken_for_a_count_of_chips():
    with pytest.raises(LeadtimeError) as error:
        chip_id(LOG, "DGX H100")
    assert "system of 8 chips" in error.value.what


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CN", "CHN"),
        ("cn", "CHN"),
        ("UAE", "ARE"),
        ("U.A.E.", "ARE"),
        ("South Korea", "KOR"),
        ("Republic of Korea", "KOR"),
        ("Taiwan", "TWN"),
        ("TW", "TWN"),
        ("Macau", "MAC"),
        ("Macao", "MAC"),
        ("MO", "MAC"),
        ("Hong Kong", "HKG"),
        ("HK", "HKG"),
        ("the Netherlands", "NLD"),
        ("Viet Nam", "VNM"),
        ("C\u00f4te d\u2019Ivoire", "CIV"),
        ("P.R. China", "CHN"),
        ("UK", "GBR"),
        ("T\u00fcrkiye", "TUR"),
        ("Russian Federation", "RUS"),
        ("DPRK", "PRK"),
        ("CG", "COG"),
        ("CD", "COD"),
    ],
)
def test_countries_by_name_and_code(typed, code):
    assert country_code(LOG, typed) == code


def test_every_country_goes_by_both_codes_and_its_name():
    for row in LOG.tables["countries"]:
        names = [row[c] for c in ("id", "alpha_2", "name") if row[c] and row[c] != "Congo"]
        assert {country_code(LOG, name) for name in names} == {row["id"]}


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("Congo", ("COD", "COG")),
        ("the congo", ("COD", "COG")),
        ("Korea", ("KOR", "PRK")),
        ("Virgin Islands", ("VGB", "VIR")),
    ],
)
def test_a_name_of_two_countries_is_never_guessed(typed, places):
    """One of the two may be under an embargo: the rules of the other are no answer."""
    with pytest.raises(LeadtimeError, match="either of two places") as error:
        country_code(LOG, typed)
    assert all(place in error.value.fix for place in places)


def test_a_city_is_told_how_to_be_named():
    with pytest.raises(LeadtimeError) as error:
        country_code(LOG, "Dubai")
    assert "goes by its country" in error.value.fix


def test_an_unknown_code_suggests_no_country_that_merely_looks_alike():
    with pytest.raises(LeadtimeError) as error:
        country_code(LOG, "XX")
    assert "COG" not in error.value.fix


def test_systems_in_a_batch_are_systems(tmp_path):
    path, out = tmp_path / "t.csv", tmp_path / "o.csv"
    path.write_text("chip,to,on\nDGX H100,CN,2024-06-01\nNVIDIA H100 80GB SXM5,CN,2024-06-01\n", encoding="utf-8")
    run(LOG, path, out, tmp_path / "r.csv", logs.dt.date(2026, 11, 23))
    with out.open(encoding="utf-8") as file:
        assert [row["eccn"] for row in csv.DictReader(file)] == ["4A090.a", "3A090.a"]


def test_names_of_a_log_are_made_once():
    assert chip_names(LOG) is chip_names(LOG)
