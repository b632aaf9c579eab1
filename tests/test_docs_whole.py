"""The documentation is whole: nothing that it shows goes untested, and nothing that there is goes unsaid."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from leadtime.cli import app
from leadtime.evidence import settings
from studies import DRAWS, METHOD
from terminal_side import program

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    p for p in DOCS.rglob("*.md") if "_build" not in p.parts
)
TEXTS = {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in PAGES}


def fenced(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def shell_lines():
    """Lines that a reader is told to type."""
    for name, text in TEXTS.items():
        for block in fenced(text, r"(?:console|bash|sh)"):
            yield from ((name, line.removeprefix("$ ").strip()) for line in block.splitlines() if line.startswith("$ "))


def targets():
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def test_every_line_to_type_is_of_a_kind_that_is_tested():
    """`leadtime` by tests/test_docs.py; make by its targets here; curl below; blocks that are run when they are built
    are no console blocks.
    """
    strange = []
    for name, line in shell_lines():
        first = line.split()[0]
        known = first in ("leadtime", ".venv/bin/leadtime", "curl") or (
            first == "make" and line.split()[1] in targets()
        )
        if not known and not (
            first.startswith("./") or (ROOT / first).exists() or first == ".venv/bin/python"
        ):  # which `make` installs
            strange.append((name, line))
    assert strange == []


def test_make_targets_that_pages_name_exist():
    named = {(n, t) for n, text in TEXTS.items() for t in re.findall(r"`(?:LEADTIME_\w+=\S* )*make ([a-z]+)", text)}
    assert len(named) > 5
    assert [x for x in named if x[1] not in targets()] == []


def command_of(words):
    """The command that words name, and those that are left; None when there is none."""
    here = program()
    while words and hasattr(here, "commands"):
        if words[0] not in here.commands:
            return (None, words) if not words[0].startswith("-") else (here, words)
        here, words = here.commands[words[0]], words[1:]
    return here, words


def mentioned():
    """Commands in running text and in tables."""
    for name, text in TEXTS.items():
        plain = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        yield from ((name, t) for t in re.findall(r"`(?:\.venv/bin/)?leadtime ([a-z][^`]*)`", plain))


def test_commands_in_running_text_exist_with_their_options():
    assert len(set(mentioned())) > 40
    wrong = []
    for name, text in set(mentioned()):
        command, rest = command_of(shlex.split(text.replace("...", "")))
        if command is None and not rest[0].isupper():
            wrong.append((name, text))
            continue
        known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} if command else set()
        wrong += [(name, text, w) for w in rest if w.startswith("--") and w != "--" and w.split("=")[0] not in known]
    assert wrong == []


#: Minutes on a busy machine without a cache: `make calibrate`.
LONG = ("README.md",)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.slow if n in LONG else ())
        for n, text in TEXTS.items()
        if fenced(text, "python")
    ],
)
def test_python_that_is_shown_runs(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    resolve = settings.resolve
    monkeypatch.setattr(
        settings, "resolve", lambda folder, seed, draws, method: resolve(folder, seed, draws or DRAWS, method or METHOD)
    )
    if "lag.json" in TEXTS[name]:
        said = CliRunner().invoke(app, ["lag", "deepseek-v3", "--json"])
        (tmp_path / "lag.json").write_text(said.stdout, encoding="utf-8")
    for block in fenced(TEXTS[name], "python"):
        exec(compile(block, name, "exec"), {"__name__": name})
    assert "print(" not in TEXTS[name] or "months" in capsys.readouterr().out


def test_addresses_that_are_shown_answer(web):
    shown = {
        (n, a)
        for n, text in TEXTS.items()
        for a in re.findall(r"(?:curl [^\n]*?127\.0\.0\.1:8300|`)(/api/v1/[a-z][^\s`\"]*)", text)
    }
    assert len(shown) > 8
    described = web.get("/api/v1/openapi.json").json()["paths"]
    patterns = [re.sub(r"\{\w+\}", "[^/?]+", p) for p in described]
    unknown = [(n, a) for n, a in shown if not any(re.fullmatch(p, a.split("?")[0]) for p in patterns)]
    assert [x for x in unknown if x[1] not in ("/api/v1/openapi.json", "/api/v1/...")] == []
    for _, line in shell_lines():
        if line.startswith("curl "):
            address = re.search(r"http://127\.0\.0\.1:8300(\S+?)\"", line).group(1)
            assert web.get(address).status_code == 200, line


# -- what there is, is said
# ------------------------------------------------------------------------------------------------------------------


def test_every_setting_of_the_environment_and_of_a_study_is_documented():
    sources = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "scripts").iterdir(),
        *(ROOT / "tests").glob("*.py"),
        ROOT / "Makefile",
    ]
    used = {
        v for p in sources if p.is_file() for v in re.findall(r"\bLEADTIME_[A-Z]+\b", p.read_text(encoding="utf-8"))
    }
    page = TEXTS["docs/reference/configuration.md"]
    assert sorted(v for v in used if f"`{v}`" not in page) == []
    assert sorted(k for k in settings._KINDS if f"| `{k}` |" not in page) == []


def test_every_page_is_in_the_table_of_contents():
    index = TEXTS["docs/index.md"]
    pages = [
        p.relative_to(DOCS).with_suffix("").as_posix() for p in PAGES if DOCS in p.parents and p.name != "index.md"
    ]
    assert [
        p for p in pages if not re.search(rf"^{p}$", index, flags=re.MULTILINE) and not p.startswith("methods/")
    ] == []


def test_the_public_names_are_in_the_reference_of_python():
    import leadtime.answers

    page = TEXTS["docs/reference/api.md"]
    assert [n for n in leadtime.__all__ if n != "__version__" and f"leadtime.{n}" not in page] == []
    assert [n for n in leadtime.answers.__all__ if f".. autofunction:: leadtime.answers.{n}\n" not in page] == []


def test_the_reference_of_http_is_that_of_the_server():
    import sys

    sys.path.insert(0, str(DOCS / "extensions"))
    try:
        import http_reference
    finally:
        sys.path.pop(0)
    text = http_reference.describe_http()
    from leadtime.answers.registry import questions

    paths = [q.path for q in questions(local=False)]
    assert [path for path in paths if f"`GET /api/v1{path}`" not in text] == []
    assert "`POST /api/v1/jobs`" in text and "`DELETE /api/v1/studies/{id}`" in text
    assert "`files` (body)" in text and typer.__name__ not in text
    meanings = re.findall(r"^\* - `(\w+)`\n  - (.*)$", text, re.M)
    assert len(meanings) > 100
    assert [name for name, words in meanings if re.match(r" *\((needed|default)", words)] == []


# -- priors: the numbers of the pages are those of the code
# -----------------------------------------------------------------------------------------


def numbers():
    """What a page must say, from what the code holds."""
    import numpy as np

    from leadtime.backtest import others, project
    from leadtime.capability.items.prior import LOG_A, Priors
    from leadtime.capability.layout import PRIORS
    from leadtime.capability.result import NU
    from leadtime.cost import curve_model
    from leadtime.lag import latent, release
    from leadtime.scenario import observed

    d, t, a = PRIORS.spreads
    pooling, items = PRIORS.pooling, PRIORS.dispersion_items
    capability, lag, curve, record = (TEXTS[f"docs/methods/{n}.md"] for n in ("capability", "lag", "curve", "backtest"))
    for name, (mean, sd) in {r"\log s_d": d, r"\log s_\theta": t, r"\log s_a": a}.items():
        yield capability, f"| ${name}$ | N({mean:g}, {sd:g}²) |"
    yield capability, f"| N(0, {pooling:g}²) | pooled on purpose"
    yield capability, f"| degrees of freedom | {NU:g} |"
    yield capability, f"| items' dispersion | {items:g} items |"
    centers, spreads = np.exp(latent._PRIOR_CENTER), latent._PRIOR_SD
    yield lag, f"| {centers[0]:g} points, {spreads[0]:g} |"
    yield lag, f"at least {latent._LEAST_NOISE:g} points; {spreads[1]:g} |"
    yield lag, f"| {centers[2]:g} points a quarter, {spreads[2]:g} |"
    yield lag, f"| {centers[3]:g}, {spreads[3]:g} |"
    p = Priors()
    yield TEXTS["docs/methods/items.md"], f"\\mathrm{{Beta}}({p.c[0]:g}, {p.c[1]:g})"
    yield (
        TEXTS["docs/methods/items.md"],
        f"with spread {p.log_a_sd:g}, $b_i$ normal about the mean\nability with spread {p.b_sd:g}",
    )
    yield TEXTS["docs/methods/items.md"], f"$\\log a$ ends at {LOG_A[0]:g} and {LOG_A[1]:g}"
    for name, row in {
        "level": "$a_{US}$; differences of China, other | N(0, {}²); N(0, 1²)",
        "slope": "$k$ | N(1, {}²)",
        "bend": "$q$ | N(0, {}²)",
        "year": "$b_{US}$; differences | N(0, {}²); N(0, 0.5²)",
        "reasoning": "$\\gamma$ (reasons, distilled, code) | N(0, {}²)",
    }.items():
        yield curve, row.replace("{}", f"{curve_model.PRIOR[name][1]:g}")
    yield (
        curve,
        f"inverse gamma (2; {curve_model._SCATTER[1]:g}, {curve_model._ORGANIZATION[1]:g}, {curve_model._SPREAD[1]:g})",
    )
    yield record, "| money, log a year | {:g} | {:g} | {:g} |".format(*project.GROWTH_PRIOR)
    for prefix, unit, joined in (("$e", "months", "$, $b"), ("$e", "percent", "$ and $b")):
        yield (
            record,
            f"{prefix} \\sim N(0, {others.SPREADS[unit][0]:g}^2){joined} \\sim N(0, {others.SPREADS[unit][1]:g}^2)$",
        )
    yield lag, f"| N(log {np.exp(release.MEAN_LOG[0]):g}, {release.MEAN_LOG[1]:g}²) |"
    yield lag, f"| Beta({release.PERSISTENCE[0]:g}, {release.PERSISTENCE[1]:g}) |"
    yield lag, f"| ${release.SCATTER[0]:g} \\cdot {release.SCATTER[1]:g}^2 / \\chi^2_{release.SCATTER[0]:g}$ |"
    yield lag, f"| N(log {np.exp(release.NOISE_LOG[0]):g}, {release.NOISE_LOG[1]:g}²) |"
    yield (
        lag,
        (
            f"| Gamma({release.RATE_PRIOR[0]:g} + records of {release.RATE_MONTHS:g} months, {release.RATE_PRIOR[1]:g}"
            " + months seen) |"
        ),
    )
    yield lag, f"{release.PARTICLES} particles"
    yield lag, f"$d \\sim N(0, {release.DRIFT_SD_PER_YEAR:g}^2)$ a year"
    yield (
        TEXTS["docs/methods/scenario.md"],
        (
            f"stocks and demand {observed.LOG_SD_STOCK:g} of their logarithm (at least), lags"
            f" {observed.SD_LAG_MONTHS:g} months"
        ),
    )


def test_priors_on_the_pages_are_those_of_the_code():
    every = list(numbers())
    assert len(every) > 20
    assert [words for page, words in every if words not in page] == []


def test_every_prior_of_the_simulation_has_its_reason():
    from leadtime.evidence import Evidence

    rows = Evidence.load()["assumptions"].to_dicts()
    assert [r["id"] for r in rows if r["id"].startswith(("sim-", "effect-")) and not r["note"]] == []
    pages = {n: text for n, text in TEXTS.items() if "<!-- assumptions:" in text}
    assert len(pages) == 4  # cost, curve, scenario and effect: each assumption stands on one of them
