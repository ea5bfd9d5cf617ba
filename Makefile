# Everything a developer or a curious clerk needs; only Python 3.11 or newer and make are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests

.PHONY: demo test bench pictures lint format lock clean

demo: $(VENV)/.installed
	@LOKET_DEMO=1 $(BIN)/python -m app.demo

test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest $(TESTS) -n 2 --dist loadgroup -q

# One line a measure: name, ratio, goal; see bench/.
bench: $(VENV)/.installed-dev
	@$(BIN)/python -m bench

# Takes the pictures of the guides anew, in Chromium, from the demo's data.
pictures: $(VENV)/.installed-dev
	LOKET_PICTURES=1 $(BIN)/python -m pytest tests/browser/test_pictures.py -q

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint app/templates --profile=jinja --lint --quiet

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Turns requirements*.in into requirements*.txt; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf $(VENV) instance

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Vrijloket needs Python 3.11 or newer; set PYTHON=… to one.")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing: on Debian and Ubuntu, install python3-venv."; exit 1; }

$(VENV)/.installed: requirements.txt $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
