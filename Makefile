# `make run` shows the server; `make test` proves it. Both need Python 3.11 or newer, and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --quiet -n 2 --dist worksteal
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

.PHONY: run check lint test bench lock clean

run: .venv/runtime.stamp  ## the server, a demo relying party and a demo resource server
	$(BIN)/authserver demo

check: lint  ## what can be told in a minute
	$(PYTEST) tests/architecture tests/unit

test: lint  ## everything, with PostgreSQL, Redis and Chromium where there are any
	$(BIN)/python -m tests.support.services --install -- $(PYTEST)

bench: .venv/dev.stamp  ## speed, beside a peer: writes benchmarks/results.json
	$(BIN)/python benchmarks/run.py

lint: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .

lock: .venv/dev.stamp  ## choose the versions anew, after a change of pyproject.toml
	$(COMPILE) --upgrade pyproject.toml --extra argon2 --extra postgresql --extra redis --output-file requirements.lock
	$(COMPILE) --upgrade --group build --output-file requirements-build.lock
	$(COMPILE) --upgrade --constraint requirements.lock --constraint requirements-build.lock \
		pyproject.toml --extra argon2 --extra postgresql --extra redis --group dev --output-file requirements-dev.lock

clean:  ## everything that was made here, except ./var
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock requirements-build.lock pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@
