# `make help` lists what there is. Everything sets itself up: Python 3.11 or newer and make are enough.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first interpreter that really runs; 3.13 first, because the Lambda bundle is compiled for it.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
CDK := $(BIN)/npx --yes aws-cdk@2.1148.1
FIRST_STEPS := $(VENV)/.tools-installed
ALL_STEPS := $(VENV)/.everything-installed
PYTEST := $(BIN)/python -m pytest
SIDE_BY_SIDE := -q -n auto --dist loadgroup --durations=15 --durations-min=2
RUN_CDK = PATH="$(CURDIR)/$(BIN):$$PATH" $(CDK)
# Where a distribution is declared, the stack in us-east-1 must know to which region its alarms' events go.
EDGE := cdk.out/RemediatorEdge.template.json
HOME_REGION = test ! -f $(EDGE) || echo "--parameters RemediatorEdge:HomeRegion=$$($(BIN)/python -c 'import boto3; print(boto3.Session().region_name or "")')"
SAY_EDGE = test ! -f $(EDGE) || echo "A distribution is declared: us-east-1 gets the small stack RemediatorEdge (alarms on CloudFront's metrics), so it must be bootstrapped too (make bootstrap does both)."
# A person says yes, or YES=1 does; no terminal, no answer: nothing is done.
ask = test "$(YES)" = 1 || { read -r -p "$(1) [y/N] " answer && test "$$answer" = y; } || { echo "Nothing was done."; exit 1; }

.PHONY: help demo test test-fast e2e e2e-grants prove check audit fix golden screenshots guide synth preflight bootstrap diff deploy destroy bench clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  \033[1m%-11s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)

$(FIRST_STEPS): requirements-dev.txt functions/requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing the tools (about a minute, once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(ALL_STEPS): requirements.txt $(FIRST_STEPS)
	@echo "installing the CDK and Node.js (about a minute, once) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

demo: $(FIRST_STEPS) ## heal the guide's portfolio on this machine: a story of each problem, two reports in full, a page of each incident (SCENARIOS=--all)
	@$(BIN)/remediator demo --pages build/demo $(SCENARIOS)

test: $(ALL_STEPS) ## all tests, the short ones of the deployment with them; says at its end what took longest
	@$(BIN)/python -m tests.e2e.emulator_venv || echo "The tests that deploy to the emulator are left out."
	@$(PYTEST) $(SIDE_BY_SIDE)

test-fast: $(FIRST_STEPS) ## within 90 seconds: all but stacks, deployment, browser and proofs, and of the scenarios one of each problem
	@$(PYTEST) $(SIDE_BY_SIDE) -m "shown or not (story or proof or browser or synth or e2e or e2e_short)"

e2e: $(ALL_STEPS) ## deploy to an emulator of AWS with IAM enforced and tell every story on it (STORIES="one two")
	@$(BIN)/python -m tests.e2e $(if $(STORIES),play $(STORIES))
	@test -n "$(STORIES)" || $(PYTEST) -q tests/e2e -m e2e

e2e-grants: $(ALL_STEPS) ## the same without each granted write action in turn: every removal must be noticed
	@$(BIN)/python -m tests.e2e grants

prove: $(ALL_STEPS) ## search for the opposite: crashes, faults, storm, hostile input, rights, and defects that must be noticed (PROOFS="one two", FULL=1 takes hours)
	@$(BIN)/python -m tests.prove $(PROOFS)

check: $(ALL_STEPS) ## format, lint, types, layers, tests: what must be clean at every commit
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

audit: $(VENV)/bin/python ## known vulnerabilities of what is deployed, as PyPI knows them; red where a package could not be looked up
	@test -x .venv-audit/bin/pip-audit || { $(BIN)/python -m venv .venv-audit && .venv-audit/bin/pip install -qq --disable-pip-version-check pip-audit==2.10.1; }
	@.venv-audit/bin/pip-audit --requirement functions/requirements.txt --no-deps --disable-pip --strict --progress-spinner off

fix: $(FIRST_STEPS) ## mend format and what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

screenshots: $(FIRST_STEPS) ## take the README's pictures anew, with a Chromium of this machine
	@$(BIN)/python -m tests.browser.screenshots

golden: $(ALL_STEPS) ## write the golden files anew (permissions, reports, scenarios); their diff is the review
	@$(PYTEST) -q tests/infra tests/reports --golden --snapshot-update
	@$(PYTEST) $(SIDE_BY_SIDE) tests/ops/test_sandbox_scenarios.py --snapshot-update

guide: $(FIRST_STEPS) ## write the tables of the READMEs and the pages of the guide anew from the runbooks
	@$(BIN)/python -m ops.guide.documents --write

synth: $(ALL_STEPS) ## write the templates to cdk.out (no account, no Docker)
	@$(BIN)/python app.py

preflight: $(FIRST_STEPS) ## whether your account and region are ready; nothing is written
	@$(BIN)/remediator preflight

bootstrap: synth ## once for each account and region: the bucket and the roles that the CDK deploys with
	@echo "This makes the stack CDKToolkit in the account and region of your credentials: a bucket and a registry for"
	@echo "what is deployed, and the roles that deploy it. Its template: cdk bootstrap --show-template."
	@$(SAY_EDGE)
	@$(BIN)/remediator preflight --only credentials
	@$(call ask,Bootstrap this account and region?)
	@$(RUN_CDK) bootstrap --app cdk.out

diff: synth ## what a deployment would change in your account
	@$(SAY_EDGE)
	@$(RUN_CDK) diff --all --app cdk.out

deploy: synth ## look, show the difference, ask, deploy to the account and region of your credentials (YES=1 asks nothing)
	@$(SAY_EDGE)
	@$(BIN)/remediator preflight
	@$(RUN_CDK) diff --all --app cdk.out
	@$(call ask,Deploy this?)
	@$(RUN_CDK) deploy --all --app cdk.out --require-approval never $$($(HOME_REGION))
	@$(BIN)/remediator preflight --only switch,mail

destroy: synth ## remove the stacks; the ledger and the logs stay (YES=1 asks nothing)
	@$(RUN_CDK) destroy --all --app cdk.out $(if $(filter 1,$(YES)),--force)

bench: $(FIRST_STEPS) ## ratios of this product's own costs against a hand-written handler
	@$(BIN)/python -m ops.bench

clean: ## remove what was built; the environment stays
	@rm -rf build cdk.out out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
