.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.made-from-lock
# The first Python on PATH that is new enough; another one: `make PYTHON=/path/to/python env`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
PIP := $(PY) -m pip --quiet --disable-pip-version-check
QUICK_SUITES := unit unit/intake contracts architecture scenarios
ALL_SUITES := $(QUICK_SUITES) machines simulation desk_sim integration integration/doors local local/kafka faults timing

.PHONY: help env demo test up down quick check catalogue freeze mutants doctor topics lint types drift torture fight simulate planted desk-sim bench format lock clean

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: env ## The whole path on a real Kafka, live in the terminal; figures in .local/demo.json
	@$(PY) -m deploy.local.demo

test: env ## Every suite, with its share of the time
	@$(PY) -m deploy.local.suites $(ALL_SUITES)

up: env ## Start the stack and leave it running; addresses and tokens in .local/stack.json
	@$(PY) -m deploy.local.stack up

down: env ## Stop the stack and delete its data (KEEP=1 keeps the data)
	@$(PY) -m deploy.local.stack down

quick: env ## What to run before each commit: no broker, under a minute
	@$(MAKE) --no-print-directory --jobs=3 lint types drift
	@PYTEST_ADDOPTS=--hypothesis-profile=quick $(PY) -m deploy.local.suites $(QUICK_SUITES)

check: lint types drift catalogue test ## Exactly what CI runs

doctor: ## What this machine lacks, and how to get it
	@test -n "$(PYTHON)" || { echo "missing  Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -m deploy.local.doctor

topics: env ## Create the topics, or verify those that exist (on the running stack, or KAFKA_BOOTSTRAP_SERVERS)
	@$(PY) -m deploy.local.stack topics

lint: env ## Style
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet . || { echo "Not formatted as ruff does it: make format"; exit 1; }

types: env ## Types, strict
	@$(PY) -m mypy

drift: env ## Whatever is generated is as its source says
	@$(PY) -m deploy.local.drift

catalogue: env ## Validate the catalogue, show who covers what, draw the lifecycles; refuses what is not frozen
	@$(PY) -m services.cli lifecycles
	@$(PY) -m services.cli catalogue

freeze: env ## Freeze the catalogue as it stands as a release
	@$(PY) -m services.cli catalogue --freeze

mutants: env ## Is there a figure in the catalogue that no test would miss? Resumable; FILES=sla for one file
	@$(PY) -m tests.mutation.catalogue --files '$(or $(FILES),*)'

torture: env ## Exactly once under faults: SECONDS=600 SEED=1 NODES=1|3
	@$(PY) -m tests.faults.torture $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(NODES),--nodes $(NODES))

fight: env ## Two processes fight for two desks, tracks move meanwhile: SECONDS=300 SEED=1
	@$(PY) -m tests.faults.fight $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

simulate: env ## The machines under every fault, without a broker: SEED=1 STEPS=100000; totals in .local/simulation.json
	@$(PY) -m tests.simulation $(if $(SEED),--seed $(SEED)) --steps $(or $(STEPS),100000)

planted: env ## Is every bug planted in the simulator noticed, and how soon? STEPS=400000 at most for each
	@$(PY) -m tests.simulation.planted $(if $(STEPS),--steps $(STEPS))

desk-sim: env ## Does a P0 wait longer when P2 and P3 come ten times as often? SEED=1 WRITE=1 (docs/desk-simulation.md); resumable
	@$(PY) -m tests.desk_sim $(if $(SEED),--seed $(SEED)) $(if $(WRITE),--write)

bench: env ## What the router's handle costs against one strict parse of the same report (bound: 20)
	@$(PY) -m tests.benchmarks.handling

format: env ## Lay out the code as ruff does it
	@$(PY) -m ruff check --quiet --fix-only .
	@$(PY) -m ruff format --quiet .

lock: env ## Pin requirements*.in anew (needs uv on PATH)
	@for name in requirements requirements-dev; do \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" -o $$name.lock $$name.in || exit 1; \
	done

clean: ## Remove the environment, caches and what the stack left (stop it first: make down)
	@test ! -e .local/stack.json || { echo "The stack is up: make down"; exit 1; }
	@rm -rf $(VENV) .local build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

env: $(STAMP) ## Create .venv from requirements-dev.lock (instant when it is current)
	@:

$(STAMP): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Sameroof needs Python 3.11 or newer (Debian: apt-get install python3 python3-venv)."; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) from requirements-dev.lock (once; about two minutes) ..."
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot make environments (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "  fetching and installing what it needs ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@echo "  installing Sameroof itself ..."
	@$(PIP) install --no-index --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@
