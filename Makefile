# Everything runs in .venv, which is built from constraints.txt; only Python >= 3.11 and make are needed.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first that runs, is new enough and can make an environment (a name on PATH may be a shim that does not work).
PYTHONS ?= python3.13 python3.12 python3.11 python3
find_python = $(shell for p in $(1); do \
	"$$p" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && break; \
	done)
PYTHON ?= $(call find_python,$(PYTHONS))
# The lower bounds are older than some Python versions: their wheels end at 3.12.
MINIMUM_PYTHON ?= $(call find_python,python3.11 python3.12)

BIN := .venv/bin
STAMP := .venv/installed
MINIMUM := .venv-minimum
WORKERS ?= 2
OUT ?= demo
CONDOR := .cluster/installed
SERVERS := slurm-wlm munge xrootd-server
QUICK := not slow and not peer and not cluster
PARALLEL := -n $(WORKERS) --dist loadscope

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help venv acceptance spectra demo test test-slow test-peer test-cluster test-minimum lint format bench wheel clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

venv: $(STAMP) ## build .venv with the pinned versions

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "no Python >= 3.11 with venv among: $(PYTHONS); set PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install -q -c constraints.txt --upgrade pip
	$(BIN)/python -m pip install -q -c constraints.txt --build-constraint constraints.txt -e . --group dev
	@touch $@

demo: $(STAMP) ## run the whole chain on a small simulated sample (OUT=demo)
	$(BIN)/na62dump demo -o $(OUT)

test: $(STAMP) ## all tests but the slow ones (WORKERS=2)
	$(BIN)/python -m pytest -m "$(QUICK)" $(PARALLEL)

test-slow: $(STAMP) ## the slow tests
	$(BIN)/python -m pytest -m "slow and not peer and not cluster"

test-peer: $(STAMP) ## compare with ROOT, which is installed for it; a skipped test is a failure
	$(BIN)/python -m pip install -q -c constraints.txt --build-constraint constraints.txt -e '.[peer]'
	$(BIN)/python -m pytest -m peer --fail-on-skip

test-cluster: $(STAMP) $(CONDOR) ## the tests on real Slurm, HTCondor and XRootD, which are installed for it (Debian, as root)
	@for p in sbatch munged xrootd; do PATH="$$PATH:/usr/sbin:/sbin" command -v $$p >/dev/null || { \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $(SERVERS); break; }; done
	$(BIN)/python -m pip install -q -c constraints.txt --build-constraint constraints.txt -e '.[dask,remote]'
	$(BIN)/python -m pytest -m cluster --fail-on-skip tests/cluster

# Debian 12 has no package of HTCondor: one that is not installed is unpacked here.
$(CONDOR):
	command -v patchelf >/dev/null || { apt-get -qq update && apt-get -qq -y install patchelf; }
	command -v condor_master >/dev/null || tests/cluster/get_condor.sh .cluster/condor
	@mkdir -p .cluster && touch $@

# Images and warnings are those of the pinned versions; here the question is only whether the oldest versions work.
test-minimum: $(MINIMUM)/installed ## the quick tests with the oldest versions that pyproject.toml allows
	$(MINIMUM)/bin/python -m pytest -m "$(QUICK)" $(PARALLEL) -W default \
		-o addopts="--import-mode=importlib --strict-markers --strict-config -ra"

$(MINIMUM)/installed: pyproject.toml constraints-minimum.txt
	@test -n "$(MINIMUM_PYTHON)" || { echo "no Python 3.11 or 3.12; set MINIMUM_PYTHON=/path/to/python" >&2; exit 1; }
	$(MINIMUM_PYTHON) -m venv --clear $(MINIMUM)
	$(MINIMUM)/bin/python -m pip install -q -c constraints-minimum.txt --upgrade pip
	$(MINIMUM)/bin/python -m pip install -q -c constraints-minimum.txt --build-constraint constraints-minimum.txt \
		-e . --group test
	@touch $@

acceptance: $(STAMP) ## write docs/acceptance.md from simulated decays
	$(BIN)/python docs/make_acceptance.py

spectra: $(STAMP) ## make the tables of meson spectra anew (half an hour), with Pythia
	$(BIN)/python config/signal/spectra/generate.py

lint: $(STAMP) ## ruff, mypy and the import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## format the code and mend what ruff can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(STAMP) ## run the benchmarks
	@set -e; for script in $$(grep -l __main__ benchmarks/*.py); do echo "== $$script"; $(BIN)/python "$$script"; done

wheel: $(STAMP) ## build sdist and wheel into dist/
	$(BIN)/python -m build --no-isolation

clean: ## remove environments, caches and build products
	rm -rf .venv .cluster $(MINIMUM) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find na62dump selections tests -type d -name __pycache__ -prune -exec rm -rf {} +
