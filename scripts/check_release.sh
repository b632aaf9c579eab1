#!/usr/bin/env bash
# Build the sdist and from it the wheel, install the wheel in an empty environment on every supported Python that is here, and see
# that it works away from the source and gives the same headline.   scripts/check_release.sh [PYTHON...]
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
  for python in "${@:-python3.11 python3.12 python3.13}" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3; do
    for python in $python; do
      is_supported "$python" || continue
      version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
      case " $seen " in *" $version "*) continue ;; esac
      seen="$seen $version"
      echo "$python"
    done
  done
}

say "building"
rm -rf dist
.venv/bin/python -m build --no-isolation --outdir dist . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
wheel=$(ls dist/*.whl)
ls -l dist | awk 'NR > 1 {printf "release: %s, %.1f MB\n", $NF, $5 / 1e6}' >&2
.venv/bin/python - "$wheel" <<'PYTHON'
import pathlib
import subprocess
import sys
import zipfile

tracked = subprocess.run(["git", "ls-files", "src/leadtime"], capture_output=True, text=True, check=True).stdout.split()
wanted = {name.removeprefix("src/") for name in tracked}
there = {name for name in zipfile.ZipFile(sys.argv[1]).namelist() if name.startswith("leadtime/")}
if wanted != there:
    sys.exit(f"release: the wheel and the repository differ: {sorted(wanted ^ there)[:10]}")
if pathlib.Path(sys.argv[1]).stat().st_size > 20e6:
    sys.exit("release: the wheel is larger than 20 MB")
PYTHON

n=0
for python in $(pythons "$@"); do
  version=$("$python" -c 'import platform; print(platform.python_version())')
  say "Python $version: installing"
  "$python" -m venv "$work/$version"
  bin=$work/$version/bin
  "$bin/python" -m pip -qq --disable-pip-version-check install --require-hashes -r requirements.lock
  "$bin/python" -m pip -qq --disable-pip-version-check install --no-deps --no-index "$wheel"
  "$bin/python" -m pip check --disable-pip-version-check
  (
    cd "$work"
    export LEADTIME_CACHE=$work/cache-$version
    "$bin/leadtime" --version
    "$bin/leadtime" doctor | grep -v '^ok' || true
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

found = {p.stem.removeprefix("headline-"): json.loads(p.read_text()) for p in sorted(pathlib.Path(sys.argv[1]).glob("headline-*.json"))}
first = next(iter(found.values()))
ends = ("median", "low", "high")
apart = 0.0
for version, rows in found.items():
    for a, b in zip(first, rows, strict=True):
        apart = max(apart, *(abs(a[k] - b[k]) for k in ends if a[k] is not None))
        if a["name"].endswith("daily_mean"):
            print(f"Python {version}: China behind the United States, daily mean, " + "{median:.3f} months [{low:.3f}, {high:.3f}]".format(**b))
print(f"largest difference of any lag or end of its interval between the versions: {apart:.2g} months")
statuses = {p.read_text() for p in pathlib.Path(sys.argv[1]).glob("status-*.txt")}
sys.exit("release: the versions answer otherwise" if apart > 0.001 or len(statuses) != 1 else 0)
PYTHON
