# Everything a developer or a tester types. Needs Python 3.11 or newer; the rest is installed into .venv (see .ci/setup).
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv/bin
export PORT ?= 8000
ARGS ?=

.PHONY: help run test bench fmt check ci lock audit clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 8

run: ## the portal with an invented province on http://127.0.0.1:$PORT (PORT, PORTAL_STATE, DATABASE_URL, REDIS_URL, DEMO_PASSWORD)
	@.ci/setup run
	@exec $(VENV)/python -m portal.serve

test: ## all tests, those in a browser too; ARGS="-k name" goes to pytest
	@.ci/setup dev
	@.ci/test $(ARGS)

bench: ## the benchmark table, also as .local/bench.json
	@.ci/setup dev
	$(VENV)/python -m benchmarks $(ARGS)

fmt: ## put code and templates into their form
	@.ci/setup dev
	$(VENV)/ruff check --fix-only .
	$(VENV)/ruff format .

check: ## everything that finds faults without running the tests
	@.ci/setup dev
	@.ci/check

ci: ## what the build server runs: setup, checks, tests
	@.ci/run

lock: ## pin what requirements*.in ask for
	@.ci/setup dev
	@.ci/lock

audit: ## known holes in the locked packages (asks the internet)
	@.ci/setup dev
	$(VENV)/pip-audit --disable-pip --requirement requirements.lock --requirement requirements-dev.lock

clean: ## stop the embedded servers and remove what was installed or generated, the demonstration's data too
	-@$(VENV)/python -m portal.embedded stop
	-@PORTAL_STATE=.local/test $(VENV)/python -m portal.embedded stop
	rm -rf .venv .local staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
