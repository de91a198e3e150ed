# `make run` and `make test` are all you need: each sets up what is missing, and nothing twice.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Processors to test on; pytest-xdist's word for "all" is auto.
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast smoke lint fmt types check bench bench-nightly bench-workers evaluate clean stop

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) .env ## Make .venv with everything in it, and .env

run: setup ## Run the helpdesk, with a demo shop in it
	@$(BIN)/python manage.py run $(ARGS)

test: setup ## Run all tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

test-fast: setup ## Run the tests that load no model and need no browser
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not slow and not browser" $(ARGS)

smoke: setup ## Play the main loop over HTTP on a helpdesk of its own; prints one line of JSON
	@$(BIN)/python manage.py smoke $(ARGS)

lint: setup ## Look at style, layers, spelling, templates and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	git ls-files -z -- '*.py' '*.md' '*.html' '*.txt' Makefile | xargs -0 $(BIN)/codespell
	git ls-files -z -- 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 --check
	PYTHONWARNINGS=ignore::RuntimeWarning $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m helpdesk.running.templates

fmt: setup ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z -- 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 || true

types: setup ## Check the types
	$(BIN)/mypy

check: lint types test ## Everything that has to pass

bench: setup ## Ask the demo shop's questions, and time the answers
	@$(BIN)/python manage.py smoke --bench $(ARGS)

bench-nightly: setup ## Time a night on a made-up shop; QUESTIONS=file.csv, ARTICLES=file.jsonl
	@$(BIN)/python manage.py services start
	@$(BIN)/python manage.py bench_nightly --questions $(QUESTIONS) \
	  $(if $(ARTICLES),--articles $(ARTICLES)) $(ARGS)

bench-workers: setup ## Time 1, 2 and 4 workers on one database
	@$(BIN)/python manage.py services start
	@$(BIN)/python manage.py bench_workers $(ARGS)

evaluate: setup ## Measure the engine; DATA=folder adds the public sets (docs/evaluation.md)
	@$(BIN)/python manage.py services start
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py evaluate all --articles helpdesk/demo/content/articles \
	  --tickets helpdesk/demo/content/tickets.jsonl helpdesk/demo/content/tickets_heldout.jsonl \
	  --answered helpdesk/demo/content/tickets_fitting.jsonl helpdesk/demo/content/tickets_fitting_pairs.jsonl \
	  --sources helpdesk/demo/content/sources --facts helpdesk/demo/content/propagation.json \
	  --messages tests/qa_engine/data/messages.jsonl $(if $(DATA),--data $(DATA)) \
	  --out var/figures.md $(ARGS)

stop: ## Stop the database and the broker, if they were left running
	@if [ -x $(BIN)/python ]; then $(BIN)/python manage.py services stop; fi

clean: stop ## Remove what was installed and built; your data under var/ stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml requirements.lock
	@command -v $(PYTHON) > /dev/null || { \
	  echo "There is no $(PYTHON). Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3"; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1), but Python 3.11 or newer is needed."; \
	  echo "Name another one: make PYTHON=python3.11"; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments."; \
	  echo "On Debian and Ubuntu: apt install python3-venv"; \
	  exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing (a few minutes the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint requirements.lock --editable ".[worker,offline-models,multilingual,dev]"
	@touch $@

.env: | $(INSTALLED)
	@umask 077 && $(BIN)/python -c 'import secrets, sys; \
	  sys.stdout.write(sys.stdin.read().replace("change-me", secrets.token_urlsafe(48)))' \
	  < .env.example > .env.part && mv .env.part .env
	@echo "Made .env with a secret key of its own."
