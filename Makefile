# make chat | test need nothing before them but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TESTING := $(VENV)/.installed-test

.PHONY: install chat test lint bench bench-scale train clean

install: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Bijsluiter needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || { echo "Making $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Bijsluiter and what it needs (about 2 GB on disk; a few minutes the first time) …"
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --quiet -e .
	@touch $@

$(TESTING): $(STAMP) tests/chat/package.json
	@echo "Installing what its tests and measurements need (about 0.3 GB on disk) …"
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --quiet -e '.[test]'
	@touch $@

chat: install
	$(BIN)/python app.py

test: $(TESTING)
	@sh scripts/system.sh
	$(BIN)/python -m pytest

lint: $(TESTING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TESTING)
	$(BIN)/python -m eval.bench --out docs/benchmarks.md
	$(BIN)/python -m tests.chat.load.measure --out docs/benchmarks.md

# Up to a million passages; takes about 15 minutes and 6 GB of disk.
bench-scale: install
	$(BIN)/python -m eval.bench.scale --out docs/benchmarks.md

# make train TRAIN="--data FOLDER --out FOLDER --steps 8000": see qa/reader/trained/README.md
train: install
	$(BIN)/python -m qa.reader.train $(TRAIN)

clean:
	rm -rf $(VENV) build dist *.egg-info
