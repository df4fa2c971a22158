# Two commands for a newcomer: `make demo`, `make test`. Each makes the virtual environment if it isn't there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help demo test lint lock clean

help: ## List the commands.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

# uv installs in seconds what takes pip minutes; it comes from the lock file too, by its hashes.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed, this is %d.%d: make PYTHON=python3.12 …" % v)'
	@echo "installing from requirements.lock into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/.installed ## Govern a made-up warehouse, from an empty folder to a published release.
	@$(BIN)/govern demo

test: $(VENV)/.installed ## Run the tests on a real PostgreSQL.
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed ## ruff, mypy --strict, sqlfluff.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint dbt_project --processes 2 --disable-progress-bar

lock: $(VENV)/.installed ## Write requirements.lock anew: names, versions and hashes, no hosts.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --extra dev --upgrade \
		pyproject.toml --output-file requirements.lock

clean: ## Remove the environment and everything a run left behind.
	@rm -rf $(VENV) .govern dbt_project/target expectations/uncommitted
