# make run                  a farm of one on this machine builds Debian's hello
# make run ONCE=1           the same, and end; make run BENCH=canned: in seconds
# make test                 lint and all tests; make test TESTS=tests.domain: only some
PYTHON ?= python3
VENV := .venv
BENCH ?= unshare
SOURCES := setup.py pyproject.toml $(shell find lib twisted -name '*.py' -o -name '*.sql')
PYTHONS := lib tests lab benchmarks twisted setup.py

.PHONY: run test simulate bench lint clean
.DELETE_ON_ERROR:

# setpriv: it ends when make does, however that ends.
run: $(VENV)/installed
	@setpriv --pdeathsig TERM -- $(VENV)/bin/python -m lab.run --bench $(BENCH) $(if $(ONCE),--once)

test: lint
	@$(VENV)/bin/python -m lab.prepare
	@$(VENV)/bin/python -m tests.coverage $(TESTS)

# make simulate SEEDS=0:2000, or BREAK=all, or STORE=postgres: farms in which everything fails.
simulate: $(VENV)/tested
	PYTHONPATH=lib $(VENV)/bin/python -m tests.simulation --seeds $(or $(SEEDS),0:2000) $(if $(BREAK),--break $(BREAK)) $(if $(STORE),--store $(STORE))

# make bench, or WHAT=claims: how long things take, against a baseline.
bench: $(VENV)/tested
	PYTHONPATH=lib $(VENV)/bin/python -m benchmarks $(WHAT)

lint: $(VENV)/tested
	$(VENV)/bin/ruff check $(PYTHONS)
	$(VENV)/bin/ruff format --check $(PYTHONS)
	$(VENV)/bin/mypy
	PYTHONPATH=lib $(VENV)/bin/lint-imports

# Not an editable install, which twistd would not find plugins in.
$(VENV)/installed: $(SOURCES) | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --upgrade .
	rm -rf build lib/*.egg-info
	touch $@

$(VENV)/tested: $(SOURCES) | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --upgrade '.[dev]'
	rm -rf build lib/*.egg-info
	touch $@ $(VENV)/installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "buildd-manager needs Python 3.11 or later: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m lab.packages venv
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --upgrade 'pip>=23'

clean:
	rm -rf $(VENV) build lib/*.egg-info .coverage* _trial_temp*
