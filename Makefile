# `make demo` and `make test` need Python 3.10+ and make, nothing else: they build .venv on first use.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lint types contracts fixtures unit self docs package rule corpus bench clean bless

demo: .venv/ready  ## lint the example shop
	@cd examples/shop && ../../$(BIN)/djfa-lint check --exit-zero

test: check

check: lint types contracts fixtures unit self docs  ## everything that CI checks, fastest first

.venv/ready: pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) .venv && uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	else \
	  $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; \
	fi
	@touch .venv/ready

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

contracts: .venv/ready
	$(BIN)/lint-imports

fixtures: .venv/ready
	$(BIN)/python -m pytest tests/test_fixtures.py

bless: .venv/ready  ## write the fixed texts of fixtures; read the diff
	$(BIN)/python -m djfa_lint.testing fixtures $(NAME)

unit: .venv/ready
	$(BIN)/python -m pytest tests -n auto --ignore=tests/test_fixtures.py

self: .venv/ready  ## the linter on itself
	$(BIN)/djfa-lint check src rules tests bench

docs: .venv/ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

rule: .venv/ready  ## make rule NAME=bad-pattern FAMILY=errors
	$(BIN)/python -m djfa_lint.commands.scaffold "$(NAME)" "$(FAMILY)"

# make corpus                          lint every pinned project, fail on a crash, check the verdicts
# make corpus BASE=<commit>            what changed in the findings since a commit
# make corpus SAMPLE=30 SEED=1 RULE=DFA401   draw findings to judge
corpus: .venv/ready
ifdef SAMPLE
	$(BIN)/python -m bench.corpus sample --count $(SAMPLE) --seed $(or $(SEED),1) --rule "$(RULE)"
else ifdef BASE
	$(BIN)/python -m bench.corpus compare $(BASE)
else
	$(BIN)/python -m bench.corpus run
	$(BIN)/python -m bench.corpus check
endif

bench: .venv/ready
	$(BIN)/python -m bench.cold

clean:
	rm -rf .venv build dist site
