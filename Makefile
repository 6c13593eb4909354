# Needs python3 (3.11 or later) with venv, and make. Everything else is set up in .venv.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
export PYTHONDONTWRITEBYTECODE :=  # what is compiled once is kept, whatever the shell says: each kernel and process reads it

.PHONY: report test test-browser test-wheel test-laws lint types contracts prices sample lock bench accuracy clean help

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

report: $(STAMP)  ## the quarterly pack of the sample company, in reports/
	$(BIN)/aiecon pack quarterly

test test-laws: export OPENBLAS_NUM_THREADS := 1  # a process a processor: threads of one would wait for another's
test: $(STAMP)  ## the tests
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not long"

$(STAMP): requirements.lock pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "aiecon needs Python 3.11 or later; say make PY=/path/to/python3.11"; exit 2; }
	$(PY) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

lint: $(STAMP)  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## types
	$(BIN)/mypy

contracts: $(STAMP)  ## which layer may import which
	$(BIN)/lint-imports

prices: $(STAMP)  ## rebuild the rate card from what the packages recorded (the same bytes)
	$(BIN)/python data/prices/build.py

sample: $(STAMP)  ## rebuild the sample company (the same bytes)
	$(BIN)/python data/sample/build.py

test-browser: $(STAMP)  ## reports and panels in a real browser (needs chromium on PATH)
	$(BIN)/python -m pytest -q tests/browser --browser

test-wheel: $(STAMP)  ## the pack from a wheel in an empty environment (installs the dependencies once more)
	$(BIN)/python -m pytest -q tests/test_wheel.py --wheel

test-laws: $(STAMP)  ## the property tests with 200 examples each, in place of 25, and tests that take long
	AIECON_LAWS=200 $(BIN)/python -m pytest -q -n auto --dist worksteal -m "hypothesis or long"

bench: $(STAMP)  ## the figures of the README's speed table
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/pack.py
	$(BIN)/python benchmarks/sensitivity.py
	$(BIN)/python benchmarks/provisioned.py
	$(BIN)/python benchmarks/simulation.py
	$(BIN)/python benchmarks/tiering.py
	$(BIN)/python benchmarks/seats.py
	$(BIN)/python benchmarks/queueing.py
	$(BIN)/python benchmarks/self_host.py
	$(BIN)/python benchmarks/budgets.py
	$(BIN)/python benchmarks/review.py
	$(BIN)/python benchmarks/anomalies.py --seeds 5

accuracy: $(STAMP)  ## the forecast against its peers by rolling origin (about ten minutes)
	$(BIN)/python benchmarks/forecasting.py

lock: $(STAMP)  ## resolve the dependencies anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -c constraints.txt --extra lab --extra app --group dev pyproject.toml -o requirements.lock

clean:  ## remove the environment
	rm -rf $(VENV)
