"""Every output that has a schema, and how a test asks for it."""

import re

#: What each command is asked, by what the schema says that it gives; `--json` is added.
ASKED = {
    "leadtime lag": ["lag deepseek-v3", "lag", "lag --of deepseek --behind OpenAI --definition catch_up"],
    "leadtime lag --all": ["lag deepseek-v3 --all", "lag --all"],
    "leadtime lag --against": ["lag deepseek-r1 --against deepseek-v3"],
    "leadtime lag --published": ["lag --published"],
    "leadtime lag --path": ["lag --path"],
    "leadtime lag --headline": ["lag --headline"],
    "leadtime capability": ["capability", "capability --domain math"],
    "leadtime capability --scores": [
        "capability --scores {scores} --method eci",
        "capability --scores {scores} --method eci --draws 2",
    ],
    "leadtime cost": ["cost deepseek-v3", "cost grok-4", "cost --chip h100-sxm --gpu-hours 1000 --definition rental"],
    "leadtime cost --against": ["cost deepseek-v3 --against gpt-4"],
    "leadtime cost --published": ["cost --published"],
    "leadtime cost --savings": ["cost --savings"],
    "leadtime cost --models": ["cost --models deepseek-v3 --models gpt-4"],
    "leadtime cost --config": ["cost --config {config}"],
    "leadtime cost --serve": [
        "cost --serve deepseek-v3 --chip h20",
        "cost --serve --config {config} --chip h100-sxm --price-usd 2",
    ],
    "leadtime curve --firsts": ["curve --firsts"],
    "leadtime curve --adoption": ["curve --adoption"],
    "leadtime curve --test": ["curve --test deepseek-v3", "curve --test deepseek-v3 --quality 3"],
    "leadtime rules coverage": ["rules coverage"],
    "leadtime rules status": [
        "rules status h20 --to CHN --on 2025-05-01",
        "rules status --tpp 4500..5200 --die-area 814 --to SAU --on 2026-11-01",
        "rules status h100-sxm --to CHN --on 2024-01-01 --as-known 2022-10-08",
    ],
    "leadtime rules party": ["rules party 'Acme GmbH' --owner 'Somebody=60%'"],
    "leadtime rules timeline": ["rules timeline", "rules timeline --since 2031-01-01"],
    "leadtime rules show": ["rules show bis-2022-10-ifr", "rules show bis-2025-01-ai-diffusion --on 2025-05-20"],
    "leadtime rules diff": ["rules diff --from 2025-12-01 --to 2026-02-01 --chip h200-sxm"],
    "leadtime rules matrix": [
        "rules matrix --chip h20 --chip b200",
        "rules matrix --on 2025-05-01 --on 2026-02-01 --to MYS",
    ],
    "leadtime rules tariffs": [
        "rules tariffs --good semiconductors --from CHN",
        "rules tariffs --good ai-chips --from TWN --chip h20",
    ],
    "leadtime rules ledger": ["rules ledger {shipments}"],
    "leadtime rules batch": ["rules batch {transactions} --out {out}/answers.csv"],
    "leadtime supply": ["supply", "supply --country USA", "supply --country ROW"],
    "leadtime frontiers": ["frontiers", "frontiers kimi-k3 deepseek --definition trend_gap_linear --show meanings"],
    "leadtime supply --arrivals": [
        "supply --arrivals",
        "supply CHN USA --arrivals --measure in-use",
        "supply --arrivals --measure ratio",
    ],
    "leadtime supply --chips": ["supply --chips", "supply --chips --country USA"],
    "leadtime supply --compare": ["supply --compare"],
    "leadtime supply --share": ["supply --share"],
    "leadtime resources": ["resources", "resources CHN", "resources ROW"],
    "leadtime leaks": ["leaks"],
    "leadtime access": ["access", "access --as-of 2025-01-29"],
    "leadtime scenario list": ["scenario list"],
    "leadtime scenario list --levers": ["scenario list --levers"],
    "leadtime scenario list --profiles": ["scenario list --profiles"],
    "leadtime scenario run": ["scenario run as-is no-controls", "scenario run as-is --profile ifp"],
    "leadtime scenario run --file": ["scenario run as-is --file {policy}"],
    "leadtime scenario list --today": ["scenario list --today"],
    "leadtime scenario compare": [
        "scenario compare",
        "scenario compare 'uptake=0.5 diversion_cut=0.5' no-controls --alone",
    ],
    "leadtime scenario show": [
        "scenario show strengthened+tariffs",
        "scenario show rules-change",
        "scenario show no-controls",
    ],
    "leadtime scenario draws": ["scenario draws as-is --draws 50001"],
    "leadtime scenario draws --cluster": ["scenario draws as-is --cluster tcp://127.0.0.1:9"],
    "leadtime scenario sweep": ["scenario sweep uptake --values 0,0.5"],
    "leadtime scenario sensitivity": ["scenario sensitivity --points 16", "scenario sensitivity --points 16 --effect"],
    "leadtime calibrate": ["calibrate"],
    "leadtime claims": ["claims --claim v3-7-10-months --then", "claims --claim fifty-thousand-hoppers"],
    "leadtime claims list": ["claims list"],
    "leadtime claims check": ["claims check {claims}"],
    "leadtime effect": ["effect"],
    "leadtime explain": ["explain"],
    "leadtime explain NAME": ["explain cost.deepseek-v3 --without 1", "explain lag.deepseek-v3 --without 0"],
    "leadtime backtest": [
        "backtest --from 2025-01-29 --question nvidia-total-fy2026",
        "backtest --from 2025-01-29 --question us-eases-2025-01-29",
    ],
    "leadtime backtest --locked": ["backtest --locked", "backtest --locked --as-of 2025-01-29"],
    "leadtime lag --forecast": [
        "lag --forecast 2027Q2",
        "lag --forecast 2027Q1 --of alibaba --definition age_of_equal",
    ],
    "leadtime evidence": ["evidence"],
    "leadtime evidence --quality": ["evidence --quality", "evidence --quality --as-of 2025-01-29"],
    "leadtime evidence TABLE": [
        "evidence chips",
        "evidence scores --where deepseek-v3",
        "evidence rule_events --where nobody",
    ],
    "leadtime evidence TABLE --schema": ["evidence scores --schema", "evidence chip_prices --schema"],
    "leadtime sql": ["sql 'select model, score from scores limit 3'", "sql 'select count(*) as version from models'"],
    "leadtime check": ["check {folder}"],
    "leadtime diff": ["diff built-in {folder} --rows"],
    "leadtime update --list": ["update --list"],
    "leadtime import csv": ["import csv {rows} --into {out}/study"],
    "leadtime doctor": ["doctor"],
    "leadtime schema": ["schema"],
    "leadtime schema NAME": ["schema lag", "schema results"],
}


def words_of(question, given):
    return [w.strip("'").format(**given) for w in re.findall(r"'[^']*'|\S+", question)]


def references(value):
    """Yield what a schema refers to."""
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from references(part)
