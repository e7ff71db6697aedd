# The words that CI, README and people share.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STATE  := .run

# Compiled modules make every command that follows start faster, whatever the caller's environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test soak check audit bench package clean

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "simd needs Python 3.11 or later: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

export PHOTOS
run: $(VENV)/.installed  ## start the daemon in the foreground on PHOTOS, or on a demonstration library
	@test -n "$$PHOTOS" || $(BIN)/simd demonstrate $(STATE)/demonstration
	@exec $(BIN)/simd run --show --root "$${PHOTOS:-$(STATE)/demonstration}" --state-dir $(STATE)/state --socket $(STATE)/state/simd.sock

# One process more than processors: tests of whole daemons wait now and then.
test: $(VENV)/.installed-dev  ## every test
	$(BIN)/python -m pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist loadfile

# The same seed again, or some of the faults only: make soak SEED=7 FAULTS="-k power"
soak: $(VENV)/.installed-dev  ## provoke every fault as often as docs/reliability.md promises, and try every property at length
	$(BIN)/python -m pytest tests/faults -m soak --soak $(addprefix --seed ,$(SEED)) $(FAULTS)
	$(if $(FAULTS),,$(BIN)/python -m pytest -m hypothesis --hypothesis-profile long --timeout 3600)

check: $(VENV)/.installed-dev  ## format, lint, types, import contract, then every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory audit
	$(MAKE) --no-print-directory test

audit: $(VENV)/.installed-dev  ## known vulnerabilities of what is installed, where somebody can be asked
	@$(BIN)/python -m tests.packaging.audit

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.install
	@touch $@

# Some of them only, and how large: make bench BENCH="index_query join" SIZE="100000 1000000"
bench: $(VENV)/.installed-bench  ## ratios to yardsticks, measured in one run
	$(BIN)/python -m bench $(BENCH) $(addprefix --size ,$(SIZE))

package: $(VENV)/.installed-dev  ## build the wheel and the source archive into dist/
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) $(STATE) build dist
