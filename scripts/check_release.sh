#!/usr/bin/env bash
# Build the sdist and from it the wheel (scripts/build.py), install the wheel in an empty environment on every supported Python that is
# here, and see that it works away from the source, says how to add what is missing, and gives the same headline.
#   scripts/check_release.sh [PYTHON...]     with names, each of them must start
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONPATH

readonly root=$PWD
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

say() { echo "release: $*" >&2; }
is_supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

# One interpreter for each version: those named, else those on the path and those that pyenv keeps.
pythons() {
  local python seen="" version
  [ $# -gt 0 ] || set -- python3.11 python3.12 python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3
  for python in "$@"; do
    is_supported "$python" || continue
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    case " $seen " in *" $version "*) continue ;; esac
    seen="$seen $version"
    echo "$python"
  done
}

say "building"
.venv/bin/python scripts/build.py
wheel=$(ls dist/*.whl)
.venv/bin/python - <<'PYTHON'
import json
import pathlib

import leadtime

released = json.loads(pathlib.Path("tests/released_schemas.json").read_text())["release"]
if released != leadtime.__version__:
    raise SystemExit(
        f"release: tests/released_schemas.json is of {released}, this is {leadtime.__version__}:"
        " .venv/bin/python scripts/released_schemas.py writes it anew"
    )
PYTHON

for python in "$@"; do
  is_supported "$python" || { say "$python is not a Python 3.11, 3.12 or 3.13 that starts"; exit 1; }
done
n=0
for python in $(pythons "$@"); do
  version=$("$python" -c 'import platform; print(platform.python_version())')
  say "Python $version: installing"
  "$python" -m venv "$work/$version"
  bin=$work/$version/bin
  pip() { "$bin/python" -m pip --disable-pip-version-check "$@"; }
  pip -qq install --require-hashes -r requirements.lock
  pip -qq install --no-deps --no-index "$wheel"
  pip check
  say "Python $version: resolving every extra"
  pip -qq install --dry-run --report "$work/all-$version.json" "leadtime[all] @ file://$root/$wheel"
  "$bin/python" - "$work/all-$version.json" <<'PYTHON'
import json
import sys

more = sorted(i["metadata"]["name"].lower() for i in json.load(open(sys.argv[1]))["install"])
print(f"leadtime[all] adds {len(more)} packages to the lock")
missing = {"distributed", "duckdb", "inspect-ai", "torch", "transformers", "psycopg"} - {m.replace("_", "-") for m in more}
sys.exit(f"release: leadtime[all] does not bring {sorted(missing)}" if missing else 0)
PYTHON
  (
    cd "$work"
    export LEADTIME_CACHE=$work/cache-$version
    "$bin/leadtime" --version
    "$bin/leadtime" doctor | grep -v '^ok' || true
    if "$bin/leadtime" sql "select 1" 2>sql.txt; then say "sql works without its extra"; exit 1; fi
    grep -q "leadtime\[sql\] @ file://$root/$wheel" sql.txt || { cat sql.txt; exit 1; }
    "$bin/python" -c "import leadtime, pathlib; p = pathlib.Path(leadtime.__file__).parent; assert (p / 'py.typed').is_file(); assert '$root' not in str(p)"
    "$bin/leadtime" lag --method map --as-of 2026-11-01 --json >"$work/headline-$version.json"
    "$bin/leadtime" rules status h20 --to CHN --on 2025-05-01 >"$work/status-$version.txt"
    _LEADTIME_COMPLETE=complete_bash COMP_WORDS="leadtime back" COMP_CWORD=1 "$bin/leadtime" | grep -qx backtest
  )
  n=$((n + 1))
done
[ "$n" -gt 0 ] || { say "no Python 3.11, 3.12 or 3.13 that starts"; exit 1; }

.venv/bin/python - "$work" <<'PYTHON'
import json
import pathlib
import sys

found = {p.stem.removeprefix("headline-"): json.loads(p.read_text())["rows"] for p in sorted(pathlib.Path(sys.argv[1]).glob("headline-*.json"))}
first = next(iter(found.values()))
ends = ("median", "low", "high")
apart = 0.0
for version, rows in found.items():
    for a, b in zip(first, rows, strict=True):
        apart = max(apart, *(abs(a[k] - b[k]) for k in ends if a[k] is not None))
        if a["definition"] == "past_year":
            print(f"Python {version}: China behind the United States, mean of the past year, " + "{median:.3f} months [{low:.3f}, {high:.3f}]".format(**b))
print(f"largest difference of any lag or end of its interval between the versions: {apart:.2g} months")
statuses = {p.read_text() for p in pathlib.Path(sys.argv[1]).glob("status-*.txt")}
sys.exit("release: the versions answer otherwise" if apart > 0.001 or len(statuses) != 1 else 0)
PYTHON
