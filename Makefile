# Every target works on a fresh machine with Python >= 3.11: it makes .venv first, with uv where present, else venv + pip.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.complete
UV := $(shell command -v uv 2>/dev/null)

.PHONY: setup demo test check bench judge-report clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
ifneq ($(UV),)
	uv venv --quiet --allow-existing --python $(PYTHON) .venv
	uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable . --group dev
else
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev
endif
	touch $(STAMP)

demo: setup
	$(BIN)/qatui demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n auto

bench: setup
	$(BIN)/python -m benchmarks

judge-report: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group fit
	$(BIN)/python benchmarks/judge_report.py

clean:
	rm -rf .venv
