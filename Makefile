# Each target does its own set-up: Python 3.11, 3.12 or 3.13, make and git are all that must be there.
#   make demo       the whole loop on embedded outputs, which language models labelled, with the core installed alone
#   make degraded   the outputs of a small model and degraded versions of it, made again (annotations/degraded-smollm)
#   make finetuned  a small model fine-tuned in three ways, its safety answers along the way, judged (annotations/finetuned-smollm)
#   make checkpoints  the kept outputs of those checkpoints compared at their capability goal: reports/checkpoints/report.html
#   make check      lint, types, layers and the fast tests, in under three minutes on two cores
#   make test       lint, types, layers, all tests, doctests and the examples of the docs; this is what CI runs
#   make fuzz       the property tests with many fresh random examples: make FUZZ=50 fuzz, make SEED=123 fuzz
#   make PYTHON=/path/to/python3.12 test     names the interpreter of a new .venv
#   make UV=1 test  installs with uv where uv is found
#   make oracles    what other libraries say, asked anew: tests/oracles/*.json, each library in an environment of its own
# All targets share one .venv, so they run one after another, with -j too.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
FUZZ ?= 20
# What `make check` leaves out; pyproject.toml says what each marker means.
FAST := not (server or browser or model or simulation or slow)
FITS := import sys, ensurepip, venv; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ifeq ($(UV),1)
ifneq ($(shell command -v uv 2>/dev/null),)
PIP := uv pip install --quiet --python $(BIN)/python
endif
endif

.PHONY: help demo check test fuzz lint bench docs example checkpoints degraded finetuned oracles clean

help:
	@echo "targets: demo check test fuzz lint bench docs example checkpoints degraded finetuned oracles clean (what they do stands at the head of the Makefile)"

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

check: lint
	$(BIN)/python -m pytest judgeaudit tests --doctest-modules -n $(JOBS) --dist worksteal -m "$(FAST)" --durations 5 --durations-min 2

# One file's tests stay on one worker, and in CI Hypothesis is derandomised (tests/conftest.py): two runs do the same.
test: lint
	$(BIN)/python -m pytest judgeaudit tests --doctest-modules -n $(JOBS) --dist loadfile

# Hypothesis marks its tests itself; tests/fuzzing.py multiplies how many examples each of them draws.
fuzz: $(VENV)/.dev-installed
	@seed=$(or $(SEED),$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')); \
	echo "== $(FUZZ) times as many examples, seed $$seed"; \
	JUDGEAUDIT_FUZZ=$(FUZZ) $(BIN)/python -m pytest tests -m hypothesis --hypothesis-seed=$$seed -n $(JOBS) --dist worksteal \
	|| { echo "== to see the same examples again: make FUZZ=$(FUZZ) SEED=$$seed fuzz" >&2; exit 1; }

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

# Fine-tunes, measures, asks and judges. It resumes where it stopped; `make clean` begins anew. Profanity-check needs an environment of
# its own (annotations/finetuned-smollm/profanity.py).
finetuned: $(VENV)/.models-installed
	mkdir -p finetuned-smollm/study
	cp -r annotations/guidelines finetuned-smollm/
	cp annotations/finetuned-smollm/prompts.jsonl examples/finetuned-smollm/*.md finetuned-smollm/study/
	sed '/^\[judges\./,$$d' annotations/finetuned-smollm/study.toml | cat - examples/finetuned-smollm/judges.toml > finetuned-smollm/study/study.toml
	$(BIN)/judgeaudit models get smollm2
	$(BIN)/python examples/finetuned-smollm/make.py finetuned-smollm/study
	$(BIN)/judgeaudit judge finetuned-smollm/study
	$(BIN)/python examples/finetuned-smollm/compare.py annotations/finetuned-smollm finetuned-smollm/study

# The embedded outputs judged anew by rules and by a small model in this process; labels are those of the Label Studio export beside them,
# and a classifier's verdicts are recorded there.
example: $(VENV)/.models-installed
	mkdir -p reports/example/study
	rm -rf reports/example/study/guidelines reports/example/study/degraded-smollm/annotations.jsonl*
	cp -r annotations/guidelines annotations/degraded-smollm reports/example/study/
	rm reports/example/study/degraded-smollm/verdicts/smollm2.jsonl.gz reports/example/study/degraded-smollm/verdicts/rules.jsonl.gz
	$(BIN)/judgeaudit models get smollm2
	$(BIN)/judgeaudit import label-studio reports/example/study/degraded-smollm/label-studio.json.gz reports/example/study/degraded-smollm
	$(BIN)/judgeaudit judge reports/example/study/degraded-smollm
	$(BIN)/judgeaudit audit reports/example/study/degraded-smollm
	$(BIN)/judgeaudit report reports/example/study/degraded-smollm --out reports/example

# From the kept outputs, labels and verdicts: no model is run. A copy is compared, so that what is kept stays as it is.
checkpoints: $(VENV)/.core-installed
	rm -rf reports/checkpoints/study && mkdir -p reports/checkpoints/study
	cp -r annotations/guidelines annotations/finetuned-smollm reports/checkpoints/study/
	$(BIN)/judgeaudit audit reports/checkpoints/study/finetuned-smollm
	$(BIN)/judgeaudit compare reports/checkpoints/study/finetuned-smollm --html reports/checkpoints/report.html --md reports/checkpoints/report.md

# Each script in tests/oracles asks one library and writes the JSON beside it, which tests compare our values with. What it
# needs stands in its first line. Python 3.12 or 3.11, since not all of these libraries run on 3.13.
ORACLES := $(filter-out conftest test_%,$(patsubst tests/oracles/%.py,%,$(wildcard tests/oracles/*.py)))

.venv-oracles/%/.installed: tests/oracles/%.py
	@needs=$$(sed -n -E '1s/^# requires: //p' $<); \
	test -n "$$needs" || { echo "make: $< does not say in its first line what it needs, as # requires: NAME==VERSION" >&2; exit 1; }; \
	for python in python3.12 python3.11; do \
	  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    "$$python" -m venv .venv-oracles/$* && \
	    .venv-oracles/$*/bin/python -m pip install --quiet --disable-pip-version-check $$needs && touch $@; exit $$?; \
	  fi; \
	done; \
	echo "make: no Python 3.12 or 3.11 with venv found, which the oracles need" >&2; exit 1

oracles: $(ORACLES:%=.venv-oracles/%/.installed)
	@for oracle in $(ORACLES); do \
	  echo "== $$oracle"; .venv-oracles/$$oracle/bin/python -W ignore tests/oracles/$$oracle.py || exit 1; \
	done

# Leaves .venv in place; `rm -r .venv` makes the next target build it anew.
clean:
	rm -rf site dist build demo-report demo-study degraded-smollm finetuned-smollm .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f $(VENV)/.core-installed $(VENV)/.dev-installed $(VENV)/.docs-installed $(VENV)/.models-installed
	find judgeaudit tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
