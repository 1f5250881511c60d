# Every target sets up .venv by itself. `make report` and `make test` are all that is needed.
SHELL  := /bin/sh
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
STUDY  ?= data/demo
OUT    ?= build/demo
JOBS   ?= 2
RECOVERY ?= --world base

.PHONY: help report check accept test lint lab notebooks bench recovery demo lock clean

help:            ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

report: $(READY) ## build the report of STUDY (data/demo) in OUT (build/demo)
	$(BIN)/svcquality report $(STUDY) --out $(OUT)
	@echo "open $(OUT)/report.html"

check: $(READY)  ## compare the report in OUT with the accepted numbers of STUDY
	$(BIN)/svcquality check $(OUT) $(STUDY)/baseline.csv

accept: $(READY) ## accept the numbers of the report in OUT (a reviewable CSV diff)
	$(BIN)/svcquality accept $(OUT) $(STUDY)/baseline.csv

test: $(READY)   ## all tests, and the notebooks against their saved outputs
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-sanitize-with notebooks/sanitize.cfg notebooks

lint: $(READY)   ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: $(READY)    ## JupyterLab on the notebooks
	$(BIN)/svcquality lab

notebooks: $(READY) ## execute the notebooks in place
	$(BIN)/svcquality notebooks --in-place

bench: $(READY)  ## speed against named peers: a table, and build/bench.json
	$(BIN)/python -m benchmarks

recovery: $(READY) ## long studies against known truth (RECOVERY="--world … --designs …"); writes docs/recovery/*.csv
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/python -m tests.recovery.study --jobs $(JOBS) $(RECOVERY)

demo: $(READY)   ## make data/demo again, byte for byte
	$(BIN)/svcquality simulate --profile state --seed 20260101 --study data/demo

lock: $(READY)   ## renew requirements.lock (with the oldest Python supported: make PYTHON=python3.11 lock)
	$(BIN)/python -m pip install --upgrade --quiet pip
	$(BIN)/python -m pip install --upgrade --quiet -e . --group dev
	$(BIN)/python -m pip freeze --exclude-editable > requirements.lock

clean:           ## remove what was built
	rm -rf build .pytest_cache .mypy_cache .ruff_cache

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || { \
	  echo "svcquality needs Python 3.11 to 3.13 as $(PYTHON). On Debian or Ubuntu: sudo apt install python3 python3-venv"; \
	  echo "A Python elsewhere: make PYTHON=/path/to/python3.12 report"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "The module venv is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }
	@echo "installing svcquality and its locked dependencies into $(VENV) (the first time takes some minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(READY)
