# `make run` shows the server; `make test` proves it. Both need Python 3.11 or newer, and make.

# Distributions build Python with profile-guided optimization, who compiles it at home seldom does:
# there a start takes a quarter longer. PYTHON=... takes another.
PYTHON ?= $(shell for python in /usr/bin/python3.11 python3.11 python3; do \
	$$python -c 'import ensurepip' 2>/dev/null && echo $$python && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
# Speed is measured on the newest of them. BENCH_PYTHON=... takes another.
BENCH_PYTHON ?= $(shell for python in /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11; do \
	$$python -c 'import ensurepip' 2>/dev/null && echo $$python && exit; done; echo $(PYTHON))
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# pytest compiles the tests anew in each worker, for half a minute, where it may not keep them.
unexport PYTHONDONTWRITEBYTECODE
# One more than two processors have: many tests wait for a server, a browser or a database.
PYTEST := $(BIN)/python -m pytest --quiet -n 3 --dist worksteal
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

.PHONY: run check lint test spec-report bench measure lock clean

run: $(VENV)/runtime.stamp  ## the server, a demo relying party and a demo resource server
	$(BIN)/authserver demo

check: lint  ## what can be told in a few minutes
	$(PYTEST) tests/architecture tests/unit

test: lint  ## everything, with PostgreSQL, Redis and Chromium where there are any
	$(BIN)/python -m tests.support.services --install -- $(PYTEST) $(TESTS)

spec-report: $(VENV)/dev.stamp  ## what is proved of which specification: writes docs/conformance.md
	$(BIN)/python -m tests.support.services --install -- $(PYTEST) -p tests.support.spec_report.plugin

bench:  ## speed, beside a peer: writes benchmarks/results.json
	$(MAKE) VENV=.venv-bench PYTHON=$(BENCH_PYTHON) measure

measure: $(VENV)/runtime.stamp  # what servers have: some libraries load more where they find it
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/sign_in.py

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .

lock: $(VENV)/dev.stamp  ## choose the versions anew, after a change of pyproject.toml
	$(COMPILE) --upgrade pyproject.toml --extra argon2 --extra postgresql --extra redis --output-file requirements.lock
	$(COMPILE) --upgrade --group build --output-file requirements-build.lock
	$(COMPILE) --upgrade --constraint requirements.lock --constraint requirements-build.lock \
		pyproject.toml --extra argon2 --extra postgresql --extra redis --group dev --output-file requirements-dev.lock

clean:  ## everything that was made here, except ./var
	rm -rf .venv .venv-bench build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/runtime.stamp
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@
