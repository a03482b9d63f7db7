# Each target does its own set-up: Python 3.11, 3.12 or 3.13, make and git are all that must be there.
#   make demo       the whole loop on embedded data, with the core installed alone
#   make degraded   the outputs of a small model and degraded versions of it, made again (annotations/degraded-smollm)
#   make test       lint, types, layers, tests, doctests and the examples of the docs
#   make PYTHON=/path/to/python3.12 test     names the interpreter of a new .venv
#   make UV=1 test  installs with uv where uv is found
# All targets share one .venv, so they run one after another, with -j too.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
FITS := import sys, ensurepip, venv; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ifeq ($(UV),1)
ifneq ($(shell command -v uv 2>/dev/null),)
PIP := uv pip install --quiet --python $(BIN)/python
endif
endif

.PHONY: help demo test lint bench docs example degraded clean

help:
	@echo "targets: demo test lint bench docs example degraded clean (what they do stands at the head of the Makefile)"

$(BIN)/python:
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3); do \
	  if "$$python" -c '$(FITS)' 2>/dev/null; then exec "$$python" -m venv --clear $(VENV); fi; \
	done; \
	echo "make: no Python 3.11, 3.12 or 3.13 with venv found$(if $(PYTHON), at $(PYTHON)); name one with make PYTHON=/path/to/python (on Debian: apt install python3-venv)" >&2; \
	exit 1

$(VENV)/.core-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e . -c constraints.txt
	@touch $@

$(VENV)/.dev-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev]' -c constraints.txt
	@touch $@ $(VENV)/.core-installed

$(VENV)/.docs-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[docs]' -c constraints.txt
	@touch $@ $(VENV)/.core-installed

demo: $(VENV)/.core-installed
	$(BIN)/judgeaudit demo --out demo-report

lint: $(VENV)/.dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One file's tests stay on one worker and Hypothesis is derandomised (tests/conftest.py): two runs do the same.
test: lint
	$(BIN)/python -m pytest judgeaudit tests --doctest-modules -n $(JOBS) --dist loadfile

bench: $(VENV)/.dev-installed
	@for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python "$$benchmark" || exit 1; done

docs: $(VENV)/.docs-installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir site

$(VENV)/.models-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[transformers]' -c constraints.txt
	@touch $@ $(VENV)/.core-installed

# Into a folder of its own, so that what is embedded is compared with it and not replaced.
degraded: $(VENV)/.models-installed
	rm -rf degraded-smollm && mkdir degraded-smollm
	cp annotations/degraded-smollm/study.toml annotations/degraded-smollm/prompts.jsonl degraded-smollm/
	$(BIN)/judgeaudit models get smollm2
	$(BIN)/judgeaudit generate degraded-smollm
	$(BIN)/python annotations/degraded-smollm/compare.py degraded-smollm

# The embedded outputs judged anew by rules and by a small model in this process; labels, and verdicts of a classifier, are those that lie beside them.
example: $(VENV)/.models-installed
	mkdir -p reports/example/study
	rm -rf reports/example/study/guidelines reports/example/study/degraded-smollm/verdicts
	cp -r annotations/guidelines annotations/degraded-smollm reports/example/study/
	rm reports/example/study/degraded-smollm/verdicts/judges.jsonl.gz
	$(BIN)/judgeaudit models get smollm2
	$(BIN)/judgeaudit judge reports/example/study/degraded-smollm
	$(BIN)/judgeaudit audit reports/example/study/degraded-smollm
	$(BIN)/judgeaudit report reports/example/study/degraded-smollm --out reports/example

# Leaves .venv in place; `rm -r .venv` makes the next target build it anew.
clean:
	rm -rf site dist build demo-report demo-study degraded-smollm .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f $(VENV)/.core-installed $(VENV)/.dev-installed $(VENV)/.docs-installed $(VENV)/.models-installed
	find judgeaudit tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
