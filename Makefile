# The everyday commands. `make` lists them.
BIN = .venv/bin
.DEFAULT_GOAL = help
.PHONY: help run test check chaos bench lock passwords translations pictures clean

help: ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## Set up if needed, and start everything on this machine
	@scripts/setup run
	@$(BIN)/python -m trainingapp.local

test: ## Set up if needed; linters, types and the whole suite on SQLite and PostgreSQL
	@scripts/setup test
	$(MAKE) --no-print-directory check
	$(BIN)/pytest -n auto

check: ## Linters, types, templates, declared dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/deptry .

chaos: ## Break everything while 10,000 people are invited and reminded: nobody is lost, nobody written to twice
	@scripts/setup test
	$(BIN)/python -m tests.chaos

bench: ## Measure, and print a table
	@scripts/setup test
	$(BIN)/python -m bench

passwords: ## New passwords for the demo's sign-ins
	@VAR_DIR="$${VAR_DIR:-var}" $(BIN)/python -m trainingapp.local.passwords

translations: ## Bring the .po files in line with the texts in the code
	$(BIN)/python scripts/translations.py

pictures: ## Take the README's pictures from a running demo
	@scripts/setup test
	$(BIN)/python scripts/pictures.py

lock: ## Write the locked versions again, after pyproject.toml changed
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header -p 3.11 --extra test pyproject.toml -o requirements-test.lock
	printf 'uv\nsetuptools\n' | $(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate -p 3.11 -c requirements-test.lock - -o requirements-setup.lock

clean: ## Forget the demo: database, mail and logs of this folder
	rm -rf var
