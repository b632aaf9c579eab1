"""Costs, claims and explanations in words: each sentence in every direction, and what their tables show."""

import datetime as dt
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from leadtime.answers import ask
from leadtime.answers.answer import Column, Spread, Table
from leadtime.answers.claimed import sentence as claim_told
from leadtime.answers.claimed import sentence_of_all
from leadtime.answers.costs import BY, MEANINGS
from leadtime.answers.questions import cost, cost_network, cost_published, cost_versus
from leadtime.answers.questions.explain import PARTS, _moves
from leadtime.answers.questions.explain import sentence as explained
from leadtime.answers.words import money, significant
from leadtime.claims import Claim, Summary
from leadtime.cli.asked import Command
from leadtime.cli.shown import lines
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.explain import BY as INFLUENCES
from leadtime.explain import Moved
from terminal_side import typed

DAY = dt.date(2025, 1, 29)


@pytest.fixture(scope="module")
def evidence():
    return Evidence.load(as_of=dt.date(2026, 11, 24))


# -- costs
# -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            {"amortized": (2e6, 3e6, 4e6)},
            "Training M cost about $3 million ($2 million to $4 million) in worn-out chips and electricity.",
        ),
        ({"rental": (5.0, 5.0, 5.0)}, "Training M cost about $5 at the rent of its chips by the hour."),
        (
            {"rental": (1e9, 2e9, 3e9), "amortized": (2e6, 3e6, 4e6)},
            (
                "in worn-out chips and electricity. It comes to about $2 billion ($1 billion to $3 billion) at the rent"
                " of its chips by the hour."
            ),
        ),
        ({"acquisition": (1e6, 2e6, 3e6)}, "if all its chips, servers and network had to be bought."),
        ({}, "What it cost to train M cannot be computed."),
    ],
)
def test_a_cost_is_told_by_what_can_be_computed(found, said):
    assert said in cost.sentence("M", {k: Spread(*v) for k, v in found.items()})


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (
            (0.05, 0.14, 0.4),
            "Training A cost 14% of what training B did (5% to 40%), in worn-out chips and electricity.",
        ),
        (
            (1.5, 2.5, 4.0),
            "Training A cost 2.5 times as much as training B (1.5 to 4), in worn-out chips and electricity.",
        ),
        ((0.4, 0.8, 1.6), "Which of the two cost more is not clear."),
        ((0.5, 1.2, 3.0), "Which of the two cost more is not clear."),
        ((2.0, 2.0, 2.0), "2 times as much as training B (in all draws)"),
        (None, "cannot be computed"),
    ],
)
def test_a_ratio_is_told_in_both_directions_and_where_it_is_unclear(ends, said):
    found = {"amortized": Spread(*ends)} if ends else {}
    told = cost_versus.sentence("A", "B", found)
    assert said in told and ("not clear" in told) == bool(ends and ends[0] < 1 < ends[2])


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ([], "No cost of training was published by this day."),
        ([None], "None of 1 published cost can be compared with ours."),
        ([(0.5, 1.0, 2.0), None], "Of 2 published costs, 1 can be compared with ours, and 1 lie within our range."),
        ([(2.0, 3.0, 4.0), (0.1, 0.2, 0.3)], "and 0 lie within our range; theirs is lower for 1 and higher for 1."),
    ],
)
def test_published_costs_are_told_as_within_below_and_above(ratios, said):
    assert said in cost_published.sentence(ratios)


def test_where_nothing_is_known_it_is_told_by_what_others_published(evidence):
    less = replace(evidence, tables=evidence.tables | {"training_runs": evidence["training_runs"].clear()})
    found = ask(less, "cost", model="grok-4", draws=50)
    assert "cannot be computed here. Others put it at $" in found.sentence and found.rows.rows == []
    assert found.to_json()["stated"] and "curve needs" in found.notes[0]
    with pytest.raises(LeadtimeError, match="curve needs"):
        ask(less, "cost", model="gpt-4o-2024-05", draws=50)


def test_every_meaning_of_cost_has_its_words():
    assert set(BY) == set(MEANINGS)


def test_a_network_is_told_dense_or_sparse():
    count = {"parameters": 6.71e11, "active": 3.76e10, "training_flop_per_token": 2.5e11}
    assert "671 billion parameters and uses 37.6 billion of them for a token" in cost_network.sentence(count, 4096)
    assert "and uses all of them" in cost_network.sentence(count | {"active": 6.71e11}, 4096)


def test_counts_of_a_network_are_numbers():
    config = {
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 1000,
    }
    rows = ask(None, "cost network", config=json.dumps(config)).to_json()["rows"]
    assert all(isinstance(r["value"], int | float) for r in rows)
    parts = [r["value"] for r in rows[1:] if r["part"] and r["unit"] == "parameters"]
    assert sum(parts) == rows[0]["value"]


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (944e6, 1, "900 million"),
        (5e8, 2, "500 million"),
        (999.9e6, 2, "1 billion"),
        (503_097, 2, "500,000"),
        (0.0341, 2, "0.034"),
        (12, 2, "12"),
        (0, 3, "0"),
        (-2.5e6, 2, "-2.5 million"),
    ],
)
def test_a_number_with_few_digits_has_no_exponent(value, digits, said):
    assert significant(value, digits) == said


def test_money_has_two_digits_and_is_not_made_up():
    assert [money(v) for v in (34.2e9, 5_690_000, None, float("nan"))] == [
        "$34 billion",
        "$5.7 million",
        "not known",
        "not known",
    ]


# -- claims
# ----------------------------------------------------------------------------------------------------------------


def summed(words, agreed="", depends=(), **counts):
    return Summary(claim="c", words=words, agreed=agreed, depends_on=depends, counts=counts)


MEASURED = {"measured": 2}


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (summed("supported", "supported", **MEASURED), "The evidence supports it."),
        (summed("refuted", "refuted", **MEASURED), "The evidence refutes it."),
        (summed("plausible", "plausible", **MEASURED), "By the evidence it is plausible."),
        (summed("unlikely", "unlikely", **MEASURED), "By the evidence it is unlikely."),
        (
            summed("supported, estimated from few sources", few=1),
            "The evidence supports it, as estimated from few sources.",
        ),
        (
            summed("depends on the definition", depends=("the definition",), **MEASURED),
            "Whether that is so depends on the definition.",
        ),
        (
            summed("30 to 98 in 100 in our simulation; nothing measured", simulated=2),
            "The chance that it is so is 30 to 98 in 100 in our simulation; nothing measured.",
        ),
        (summed("not measurable"), "That cannot be measured."),
    ],
)
def test_a_claim_is_told_whatever_it_comes_to(summary, said):
    claim = Claim(
        id="c",
        who="Somebody, Inc.",
        said_on=DAY,
        source="s",
        words="a tenth",
        paraphrase=False,
        note="",
        readings=(),
        not_measurable="no",
    )
    assert claim_told(claim, summary) == f"Somebody, Inc., said on January 29, 2025: “a tenth.” {said}"


def test_claims_are_counted_by_what_they_come_to():
    found = [
        summed("supported", "supported", **MEASURED),
        summed("refuted", "refuted", **MEASURED),
        summed("depends on the clock", **MEASURED),
        summed("41 in 100 in our simulation; nothing measured", simulated=1),
        summed("not measurable"),
    ]
    found = [
        Summary(claim=str(i), words=s.words, agreed=s.agreed, depends_on=(), counts=s.counts)
        for i, s in enumerate(found)
    ]
    assert (
        sentence_of_all(found)
        == "Of 5 claims, 1 is supported, 1 is refuted, 1 depends on how it is read, 1 rests on a simulation alone and 1"
        " cannot be measured."
    )
    assert sentence_of_all([]) == "No claim of the ledger was made by this day."


# -- explanations
# ----------------------------------------------------------------------------------------------------------


def number(low, median, high, unit="months", quantity="lag.year"):
    return SimpleNamespace(
        title="lag of a group",
        parameters={"of": "CHN"},
        low=low,
        median=median,
        high=high,
        unit=unit,
        quantity=quantity,
    )


@pytest.mark.parametrize(
    ("e", "said"),
    [
        (number(4.0, 5.0, 6.0), "Lag of a group (of CHN): 5 months (4 to 6)."),
        (number(-6.0, -5.0, -4.0), "Lag of a group (of CHN): -5 months (-6 to -4)."),
        (number(5.0, 5.0, 5.0), "5 months (in all draws)."),
        (number(float("nan"), float("nan"), float("nan")), "not known, as it is defined in no draw."),
        (number(4.0, 5.0, 6.0, quantity="scenario"), "In our simulation, lag of a group (of CHN): 5 months"),
        (number(0, 1, 1, "(1 if so)"), "yes in most draws."),
        (number(2e6, 3e6, 4e6, "USD"), "3 million US dollars (2 million to 4 million)."),
    ],
)
def test_a_number_is_told_with_its_range(e, said):
    assert said in explained(e)


def test_what_moves_a_number_is_told_up_down_not_at_all_or_as_unknown():
    def moved(by):
        return [Moved(part="m-1", n_scores=3, moves_by=by, median=1.0)]

    most = " Of the models left out in turn, M 1 moves it most: up by 0.5 months."
    assert _moves(moved(0.5), "model", "months", {"m-1": "M 1"}) == most
    unknown = Moved(part="m-2", n_scores=3, why="no")
    assert (
        _moves([*moved(0.5), unknown], "model", "months", {"m-1": "M 1"})
        == f"{most} What 1 more of them would do is not known."
    )
    assert "down by 0.5 months" in _moves(moved(-0.5), "model", "months", {})
    assert _moves(moved(0.0), "source", "months", {}) == " No source of those left out moves it."
    assert "is not known" in _moves([Moved(part="m-1", n_scores=3, why="no")], "row", "months", {})
    assert _moves([], None, "months", {}) == ""
    assert set(PARTS) == set(INFLUENCES)


# -- tables and commands
# ---------------------------------------------------------------------------------------------------


def test_rows_stand_under_what_heads_them_and_each_group_is_cut():
    rows = [{"head": h, "what": f"{h}{i}", "unit": "km"} for h in ("A", "B") for i in range(3)]
    table = Table(rows=rows, columns=(Column(key="what", title="What"),), by="head", most=2)
    text = lines(table, 80, {})
    assert [t for t in text if t] == [
        "What",
        "A",
        "A0",
        "A1",
        "and 1 more: --json has all and --csv",
        "B",
        "B0",
        "B1",
        "and 1 more: --json has all and --csv",
    ]


def test_a_command_is_told_from_another_by_its_place():
    from leadtime.answers.registry import find

    command = Command([find("explain"), find("quantities")])
    assert command._chosen({}).name == "quantities" and command._chosen({"name": "lag.year"}).name == "explain"
    done = typed("explain", "--by", "model")
    assert done.returncode == 1 and "`leadtime explain` does not take --by" in done.stderr


def test_seed_and_draws_of_a_folder_hold_for_costs(tmp_path):
    (tmp_path / "leadtime.toml").write_text("draws = 60\nseed = 3\n")
    said = json.loads(typed("cost", "deepseek-v3", "--study", tmp_path, "--json").stdout)
    assert (said["asked"]["draws"], said["asked"]["seed"]) == (60, 3)
    assert (
        json.loads(typed("cost", "deepseek-v3", "--study", tmp_path, "--draws", "50", "--json").stdout)["asked"][
            "draws"
        ]
        == 50
    )
