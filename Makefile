# Everything starts from a bare machine with Python 3.11, git and make. Each target sets up what it needs first;
# the set-up looks at the lock files and does nothing when they have not changed.

.DEFAULT_GOAL := help
.PHONY: help run test lint bench bench-city faults setup setup-run lock clean

PORT ?= 8000
WORKERS ?= 2
PYTEST_ARGS ?=
BIN := .venv/bin

# The first Python that is new enough; `make PYTHON=/path/to/python run` names another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo missing)

help:
	@echo "make run     set up, make the demo organisation, serve on http://localhost:$(PORT)   (PORT=, FRESH=1)"
	@echo "make test    every test, with real databases and a real browser                  (PYTEST_ARGS=)"
	@echo "make lint    style, types, layers, diagrams and forms"
	@echo "make bench   what a step costs: a JSON line for each figure, and a table of all beside what they have to reach"
	@echo "make bench-city  a city at work, and very many deadlines at one midnight      (SECONDS=, TEAMS=, CLOCKS=)"
	@echo "make faults  kills, stalls, restarts, a broken Redis, jumps of the clock, poison: what is left (CASES=, FAULTS=, SEED=)"
	@echo "make setup   only the set-up, with the tools of developers"
	@echo "make lock    pin the dependencies of pyproject.toml anew"

run: export JSJB_DEMO = 1
run: setup-run
	@$(BIN)/jsjb init --demo $(if $(FRESH),--fresh)
	@$(BIN)/jsjb serve --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-skips $(PYTEST_ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/jsjb lint bpmn forms

bench: setup
	@$(BIN)/python -m tests.bench

SECONDS ?= 300
TEAMS ?= 6
CLOCKS ?= 84000
bench-city: setup
	@$(BIN)/python -m tests.bench city $(SECONDS) $(TEAMS) $(CLOCKS)

CASES ?= 3400
FAULTS ?= 740
SEED ?= 1
faults: setup
	@$(BIN)/python -m tests.faults.storm sqlite $(CASES) $(FAULTS) $(SEED)
	@$(BIN)/python -m tests.faults.storm postgresql $(CASES) $(FAULTS) $(SEED)
	@$(BIN)/python -m tests.faults.storm postgresql 300 250 $(SEED) unfenced
	@$(BIN)/python -m tests.faults.stored 20000 $(SEED)
	@$(BIN)/python -m tests.faults.every_statement sqlite
	@$(BIN)/python -m tests.faults.every_statement postgresql
	@$(BIN)/python -m tests.faults.every_statement sqlite S02 torn
	@$(BIN)/python -m tests.faults.sent_often sqlite
	@$(BIN)/python -m tests.faults.sent_often postgresql
	@$(BIN)/python -m tests.faults.restarts
	@$(BIN)/python -m tests.faults.handed_on sqlite
	@$(BIN)/python -m tests.faults.handed_on postgresql
	@$(BIN)/python -m tests.faults.queue_storm sqlite
	@$(BIN)/python -m tests.faults.queue_storm postgresql
	@$(BIN)/python -m tests.faults.made_once sqlite
	@$(BIN)/python -m tests.faults.made_once postgresql
	@$(BIN)/python -m tests.faults.poison sqlite
	@$(BIN)/python -m tests.faults.poison postgresql
	@$(BIN)/python -m tests.faults.jumps sqlite
	@$(BIN)/python -m tests.faults.jumps postgresql

setup: .python
	@$(PYTHON) .setup/setup.py test

setup-run: .python
	@$(PYTHON) .setup/setup.py run

lock: setup
	@$(PYTHON) .setup/lock.py

clean:
	rm -rf .venv build dist jsjb.egg-info service/web/static/dist service/web/frontend/node_modules

.PHONY: .python
.python:
	@test "$(PYTHON)" != missing || { echo "set-up stopped: no Python 3.11 or newer on the PATH; install python3.11."; exit 1; }
