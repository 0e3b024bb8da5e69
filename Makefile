# Every command of the project. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PYTHON ?= python3
VENV := $(CURDIR)/.venv
export PATH := $(VENV)/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE := 1
export MOLECULE_GLOB := molecule/*/molecule.yml
export PYTHONPATH :=
COLLECTION := ansible_collections.dockwright.host.plugins

# What `make molecule` runs: a role (all without one), on a host (all without one).
ROLE ?=
HOST ?=
# KEEP=1 leaves the lab as it is after a failure, to look around.
KEEP ?=
# How many processes share the files of tests, each with a lab of its own.
# Two cores do the work of three: tests also wait.
LANES ?= 3
export DOCKWRIGHT_HOSTS := $(HOST)
export DOCKWRIGHT_KEEP := $(KEEP)

.PHONY: help setup lint unit contract molecule test test-vm bench demo generate sentences lab-up lab-down clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: $(VENV)/.ready ## Install everything the other commands need into .venv

$(VENV)/.ready: pyproject.toml hatch_build.py
	@echo "== setup: a virtual environment in .venv"
	if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
	  echo "Dockwright's controller needs Python 3.10 or later; $(PYTHON) is older. Try PYTHON=python3.11."; exit 1
	fi
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then
	  echo "This Python cannot make virtual environments: installing python3-venv"
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-venv
	fi
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	began=$$SECONDS
	echo "== setup: installing Ansible, Molecule and the linters, which takes half a minute"
	$(VENV)/bin/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	echo "== setup: done in $$((SECONDS - began)) s"
	touch $@

lint: setup ## Style, types, import rules and documentation
	@began=$$SECONDS
	echo "== lint: ruff";          ruff check --quiet . && ruff format --quiet --check .
	echo "== lint: yamllint";      yamllint --strict .
	echo "== lint: shellcheck";    git grep -lE '^#!.*sh$$' -- ':!*.py' | xargs shellcheck
	echo "== lint: vermin (plugins run on Python 3.6)"
	vermin --quiet --no-tips --violations --target=3.6- plugins
	echo "== lint: import rules";  lint-imports --no-logo >/dev/null || lint-imports --no-logo
	echo "== lint: mypy"
	MYPYPATH=.collections mypy --no-error-summary -p $(COLLECTION).module_utils -p $(COLLECTION).plugin_utils -p dockwright
	MYPYPATH=.collections mypy --no-error-summary -p docs.generate
	mypy --no-error-summary hatch_build.py tests
	mypy --no-error-summary molecule/lab
	mypy --no-error-summary molecule/vm
	mypy --no-error-summary molecule/demo molecule/shared/*.py molecule/*/tests
	echo "== lint: ansible-lint";  ansible-lint -q --offline
	echo "== lint: done in $$((SECONDS - began)) s"

unit: setup ## Tests that need no host
	@pytest tests/unit

contract: setup ## Tests that hold the parts of the project to each other
	@pytest tests/contract

molecule: setup ## Molecule scenarios: ROLE=docker_engine HOST=debian13 KEEP=1
	@pytest -s tests/scenarios $(if $(ROLE),-k "$(ROLE)")

test: setup ## Every check; ends with one line of totals
	@pytest -v --numprocesses=$(LANES) --dist=loadfile --no-loadscope-reorder tests

test-vm: setup ## Proofs on a virtual machine with Debian 12, emulated; KEEP=1 leaves it up
	@pytest -v -s tests/vm

demo: setup ## A bare host becomes a Docker host, before your eyes
	@python molecule/demo

generate: setup ## Make what follows from the roles' argument specs and the list of roles
	@python -m docs.generate

sentences: setup ## All that a plan tells an operator, each once, as one page to read
	@python tests/unit/planners/sentences.py

bench: setup ## Figures: a 10 GiB filesystem made by hand and by the role, and writing to it
	@python -m tests.bench.storage

lab-up: setup ## Start the throw-away hosts and services
	@python molecule/lab up $(HOST)

lab-down: setup ## Take them down again
	@python molecule/lab down

clean: ## Remove what setup and the checks made here
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .grimp_cache build dist
