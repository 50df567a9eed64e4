PYTHON ?= python3
BIN = .venv/bin

.venv/.ready: requirements.lock requirements-test.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r requirements-test.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --no-build-isolation --no-deps -e .
	touch $@

lock: ## Write the locked versions again, after pyproject.toml changed
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 --extra test pyproject.toml -o requirements-test.lock
