# Pujiang (浦江): `make run` on a fresh machine needs only Python 3.11 and make.
.DEFAULT_GOAL := help
.PHONY: help run kafka cluster test long check check-lock bench contracts docs lock clean
.SUFFIXES:

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
# Hundreds of processes start in a run of the suite: they need not compile every module again.
export PYTHONDONTWRITEBYTECODE :=
CHECKED := adapters domain events projections streams tests $(wildcard bench)

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: .venv/run.stamp  ## start everything: PostgreSQL, the sample city, the API on 127.0.0.1:8000
	@$(BIN)/pujiang serve --sample-city

kafka: .venv/run.stamp  ## download Apache Kafka and start one broker on 127.0.0.1:9092, or at PUJIANG_KAFKA
	@$(BIN)/pujiang kafka

cluster: .venv/run.stamp  ## start broker, API, relay, inbox and two workers on this machine, with the sample city
	@$(BIN)/pujiang cluster --sample-city

test: .venv/dev.stamp  ## run the whole test suite, on an embedded PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist worksteal

long: .venv/dev.stamp  ## kill the system a thousand times and send it a million mutated requests: hours, by hand
	@$(BIN)/python -m pytest -m long -o log_cli=true -o log_cli_level=INFO tests/long

check: .venv/dev.stamp check-lock  ## check style, format, types, import contracts and locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(CHECKED)
	@$(BIN)/lint-imports --no-cache

check-lock: .venv/dev.stamp  # compiled again with the locked versions preferred, the locks must not change
	@rm -rf .venv/lock && mkdir .venv/lock && cp pyproject.toml requirements.lock requirements-dev.lock .venv/lock/
	@cd .venv/lock && PATH="$(CURDIR)/$(BIN):$$PATH" && \
		$(COMPILE) --extra build -o requirements.lock && \
		$(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock
	@for lock in requirements.lock requirements-dev.lock; do \
		cmp -s $$lock .venv/lock/$$lock || { echo "$$lock is stale: run 'make lock'" >&2; exit 1; }; done

bench: .venv/dev.stamp  ## measure everything, each figure beside its yardstick: bench/results.json
	@$(BIN)/python -m bench

contracts: .venv/dev.stamp  ## write the published contracts, events/schemas/*.avsc
	@$(BIN)/python -m adapters.contracts.published

docs: .venv/dev.stamp  ## write the reference of events and read models in docs/
	@$(BIN)/python -m adapters.contracts.reference

lock: .venv/bin/python  ## lock again after a change of pyproject.toml (newest versions: make lock UPGRADE=--upgrade)
	@test -x $(BIN)/uv || $(PIP) install uv
	@PATH="$(CURDIR)/$(BIN):$$PATH" && \
		$(COMPILE) $(UPGRADE) --extra build -o requirements.lock && \
		$(COMPILE) $(UPGRADE) --extra dev -c requirements.lock -o requirements-dev.lock

clean:  ## remove everything that was built, except the data home
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache bench/scratch
	find adapters domain events projections streams tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pujiang needs Python 3.11 or newer")'
	@$(PYTHON) -c 'import ensurepip' || { echo "this Python has no venv: install python3-venv" >&2; exit 1; }
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv

# The developer's lock holds all of the runner's, so either stamp will do for `run`.
.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing from requirements.lock"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	@echo "installing from requirements-dev.lock"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
