# The commands of Candor. `make` alone lists them.
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -W ignore manage.py
TEST_ARGS ?=

dotenv = $(shell sed -n 's/^$(1)=//p' .env 2>/dev/null | tail -n 1)
LOCAL_ENGINES ?= $(or $(call dotenv,LOCAL_ENGINES),1)
slim := $(filter 0 false no off False,$(LOCAL_ENGINES))
STORAGE ?= $(or $(call dotenv,STORAGE),local)
S3_BUCKET ?= $(call dotenv,S3_BUCKET)
own_server := $(and $(filter s3,$(STORAGE)),$(if $(S3_BUCKET),,1))
product := $(VENV)/.installed-slim $(if $(slim),,$(VENV)/.installed-local) $(if $(own_server),$(VENV)/.installed-s3)
export LOCAL_ENGINES STORAGE S3_BUCKET
ifeq ($(origin HOST),command line)
export BIND := $(HOST)
endif
ifneq ($(origin PORT),undefined)
export PORT
endif
ifneq ($(origin DATA_DIR),undefined)
export DATA_DIR
endif

.PHONY: help run prepare test test-postgres lint format types smoke browser fuzz chaos bench schema doctor system servers clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: prepare ## install what is missing, prepare the data, start Candor (PORT, HOST, DATA_DIR, LOCAL_ENGINES=0, STORAGE=s3)
	@exec $(RUN) serve

prepare: $(product) ## what `make run` does before it starts
	@$(BIN)/python -m config.first_start
	@$(RUN) prepare --demo

test: $(VENV)/.installed-dev system ## every test (TEST_ARGS="tests/house -k sizes" for some)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(TEST_ARGS)

test-postgres: $(VENV)/.installed-dev system servers ## the same tests on a PostgreSQL and a Redis of their own
	@$(BIN)/python -m tests.servers $(BIN)/python -m pytest -n 2 --dist loadfile $(TEST_ARGS)

lint: $(VENV)/.installed-dev ## style, contracts between the rooms, templates, known security faults
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 --check
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djhtml --check --tabwidth 2
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml config ops interviews recordings analysis

format: $(VENV)/.installed-dev ## write Python and templates as lint wants them
	@$(BIN)/ruff check --fix-only --exit-zero .
	@$(BIN)/ruff format .
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 || true
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djhtml --tabwidth 2

types: $(VENV)/.installed-dev ## mypy, strict
	@$(BIN)/mypy .

smoke: $(VENV)/.installed-dev ## a whole interview by REST against a fresh server, with its word error rate
	@$(RUN) smoke

browser: $(VENV)/.installed-dev system ## only the browser tests
	@$(BIN)/python -m pytest -m browser $(TEST_ARGS)

fuzz: $(VENV)/.installed-dev ## thousands of random requests to every route of the API (FUZZ_CASES per route and client)
	@FUZZ_CASES=$${FUZZ_CASES:-60} $(BIN)/python -m pytest -n 2 tests/house/test_fuzz.py $(TEST_ARGS)

chaos: $(VENV)/.installed-dev system servers ## storms of kills over real work, on SQLite and PostgreSQL (CHAOS_ARGS="--seed 7")
	@$(BIN)/python -W ignore -m tests.chaos.stock
	@$(BIN)/python -W ignore -m tests.chaos $(CHAOS_ARGS)
	@$(BIN)/python -W ignore -m tests.chaos --postgres $(CHAOS_ARGS)

bench: $(VENV)/.installed-dev system ## the benchmarks, in quick mode
	@$(BIN)/python -m benchmarks

schema: $(VENV)/.installed-dev ## renew what tests compare with the routes: OpenAPI snapshot, docs/routes.md
	@$(RUN) spectacular --file tests/house/schema.yml
	@$(BIN)/python -W ignore -m tests.house.routes

doctor: $(product) ## look at the settings as production would
	@$(RUN) check --deploy

clean: ## remove caches; data/ and the virtual environment stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -not -path './$(VENV)/*' -not -path './data/*' -prune -exec rm -rf {} +

# --- set-up ---------------------------------------------------------------------------------

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Candor needs Python 3.11 or newer: no '$(PYTHON)' here (PYTHON=/path/to/python3.11 make …)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Candor needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try PYTHON=python3.12 make …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python lacks its venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

install = echo "Installing $(1) …"; $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --requirement $(1) --constraint constraints.txt; touch $@

$(VENV)/.installed-slim: requirements.txt constraints.txt | $(BIN)/python
	@$(call install,$<)

$(VENV)/.installed-local: requirements-local.txt constraints.txt | $(VENV)/.installed-slim
	@$(call install,$<)

$(VENV)/.installed-s3: requirements-s3.txt constraints.txt | $(VENV)/.installed-slim
	@$(call install,$<)

$(VENV)/.installed-dev: requirements-dev.txt requirements-local.txt requirements-s3.txt requirements.txt constraints.txt | $(BIN)/python
	@$(call install,$<)

system: # what the tests need beside Python: a browser, and a second opinion on media
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v ffmpeg >/dev/null || missing="$$missing ffmpeg"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing system packages:$$missing …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "The tests need these system packages:$$missing (Debian: sudo apt-get install$$missing)"; exit 1; \
	fi

servers: # what `make test-postgres` needs: Debian's programs only, no server that runs by itself
	@missing=""; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing system packages:$$missing …"; \
		export RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq; \
		case "$$missing" in *postgresql*) \
			apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null; \
			echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf;; \
		esac; \
		apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "These tests need system packages:$$missing (Debian: sudo apt-get install$$missing)"; exit 1; \
	fi
