# Each target sets up what it needs, once, in .venv. `make` alone lists them.
#
#   make report PYTHON=python3.12     choose the Python (3.11 to 3.13)
#   make report OUT=results           choose the folder
#   make test ARGS="-k lag -x"        pass options to pytest

OUT ?= out
ARGS ?=
FUZZ_SECONDS ?= 120
AUDIT ?=
UV ?= uv
PYTHONS ?=
JOBS ?= 2

BIN := .venv/bin
RUN := .venv/.ready-run
DEV := .venv/.ready-dev
CALIBRATION := sbc_path sbc_capability sbc_shortcut sbc_curve coverage_cost hidden_costs agreement placebo sensitivity publication_days coverage_lag coverage_forecast events
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

# Without byte code every start of JAX takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help report test lint docs audit bench calibrate faults fuzz release ship lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

report: $(RUN) ## set up, then answer the question: page, figures, tables, results.json in out/
	$(BIN)/leadtime report --out $(OUT)

test: $(DEV) ## run the tests, two files at a time (the first time, this installs Chromium and PostgreSQL for those that use them)
	scripts/install_postgresql.sh
	scripts/install_locales.sh
	LEADTIME_CHROMIUM="$$(scripts/install_chromium.sh)" $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(DEV) ## check format, style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(DEV) ## build the documentation in docs/_build/html; a warning is an error
	$(BIN)/sphinx-build --fresh-env --fail-on-warning --keep-going --quiet --builder html docs docs/_build/html

audit: $(DEV) ## ask what is known of the packages: locks, licenses, index, advisories (AUDIT=--if-reachable where there is no network)
	$(BIN)/python scripts/audit.py $(AUDIT)

bench: $(DEV) ## measure each speed target beside its peer, idle and beside two busy processes: 20 minutes; writes docs/trust/results
	$(BIN)/python benchmarks/speed.py --write $(ARGS)

calibrate: $(DEV) ## are the intervals what they say? half an hour on two cores; writes docs/trust/results, then runs the long tests
	@set -e; for name in $(CALIBRATION); do echo "== $$name"; OMP_NUM_THREADS=1 $(BIN)/python "calibration/$$name.py" --jobs $(JOBS); done
	$(BIN)/python -m pytest -m slow $(ARGS)

faults: $(DEV) ## kill it, fill its disk, turn its clock, cut its power, give it 200 readers: more than an hour; the results go to docs/trust/results
	@set -e; for run in kill disk twice clock download power soak; do echo "== $$run"; $(BIN)/python -m faults.$$run --write; done

fuzz: $(DEV) ## a million bad inputs to parsers, two minutes for each: an hour; FUZZ_SECONDS=600 takes longer
	$(BIN)/python -m faults.fuzz --seconds $(FUZZ_SECONDS) --write

release: $(DEV) ## build sdist and wheel, install the wheel in an empty environment on every Python at hand (PYTHONS=... names them), compare
	scripts/check_release.sh $(PYTHONS)

ship: $(DEV) ## compute again what ships with its key: the tables as read, the fits, the path of the lag, the ensemble, its hindcasts, the effect, claims on their days, the record, published lags, the pictures of the README
	$(BIN)/python -c "from leadtime.evidence.store import save; print(save())"
	$(BIN)/python -c "from leadtime.study import Study; from leadtime.study.shipping import ship; print(*ship(Study()), sep=chr(10))"
	$(BIN)/leadtime calibrate --out src/leadtime/scenario/data/ensemble.npz
	$(BIN)/python -c "from leadtime.backtest.simulated import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/python -c "from leadtime.effect.kept import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/python -c "from leadtime.claims.ledger import save; print(save())"
	$(BIN)/python -c "from leadtime.claims.then import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/python -c "from leadtime.published import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/python -c "from leadtime.backtest.run import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/python -c "from leadtime.backtest.monthly import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/python -c "from leadtime.report.editions import save; from leadtime.study import Study; print(save(Study()))"
	$(BIN)/leadtime figure supply share --out docs/static/supply-share.svg
	$(BIN)/leadtime figure lag headline --out docs/static/lag-headline.svg

# requirements.lock is what `make report` and the image install; requirements-dev.lock holds it, and every extra but `networks`: PyTorch is
# two gigabytes and more, and only models of unknown types want it. What the extras bring beyond the lock is resolved by `make release`.
#
# uv keeps the versions of the file that is there, and its hashes too, though they may be those of one Python alone: so they go first.
lock: ## choose package versions again (needs uv); the files name no address
	@for file in requirements.lock requirements-dev.lock; do sed -e '/--hash=/d' -e 's/ \\$$//' $$file >$$file.new && mv $$file.new $$file; done
	$(LOCK) --group dev --output-file requirements-dev.lock
	$(LOCK) --group build --extra mcp --extra memo --constraint requirements-dev.lock --output-file requirements.lock

clean: ## remove what the other targets wrote, except .venv
	rm -rf $(OUT) dist docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-output
	find src tests benchmarks calibration docs -type d -name __pycache__ -prune -exec rm -rf {} +

$(RUN): requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh requirements.lock
	@touch $@

# The development lock holds everything the run-time lock does.
$(DEV): requirements-dev.lock requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh requirements-dev.lock
	@touch $(RUN) $@
