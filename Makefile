# Glass-Box Neural Networks. Needs Python 3.11-3.13 and make; everything else is fetched, pinned and hashed.
#
#   make book    build all pages, every notebook executed
#   make test    the same set-up, then every check and every test
#   make test-live  the cells of every page, run in the browser (`make test` takes two pages)
#   make test-pyodide  all tests of the package that can run in the browser's Python
#   make test-perturbed  every page with first weights that differ in their last digits
#   make pdf     the whole book as one PDF
#   make lab     JupyterLab on the chapters
#   make serve   the built book on http://localhost:8000 (PORT=8000)
#   make lint    style, spelling, no outputs in notebooks
#   make bench   NumPy against Keras
#   make exercises  the exercise notebooks from src/glassnet/exercises/tasks
#   make assignment TOPIC=backprop  a graded assignment for nbgrader, in _build/assignments
#   make lock    renew requirements*.txt from requirements*.in
#   make clean   remove what was built (`make distclean`: the environment too)

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
JOBS ?= logical

LOCKED := $(VENV)/.stamp-locked
PACKAGE := $(VENV)/.stamp-package
WEB := node_modules/.stamp

# TensorFlow: the same results in every run, and no log lines in cell outputs
export TF_ENABLE_ONEDNN_OPTS := 0
export TF_CPP_MIN_LOG_LEVEL := 3
# matrix products summed in the same order on any number of cores; the products here are small
export OPENBLAS_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport MPLBACKEND # would keep figures out of the pages
unexport PYTHONPATH

.PHONY: book pdf test test-live test-pyodide test-perturbed lab serve lint exercises assignment lock clean distclean setup
.DEFAULT_GOAL := book

book: setup
	$(BIN)/python tools/build_book.py

pdf: book
	$(BIN)/python tools/build_pdf.py

# The notebooks first: the book shows the outputs of the very runs that were tested.
test: lint setup
	$(BIN)/python -m pytest chapters --nbmake --nbmake-timeout=60 -n $(JOBS) --dist loadfile
	$(MAKE) --no-print-directory book
	$(BIN)/python -m pytest tests -n $(JOBS) --dist loadfile

test-live: book
	LIVE_PAGES=all $(BIN)/python -m pytest tests/browser/test_browser_live_book.py -n $(JOBS)

test-pyodide: setup
	$(BIN)/python tools/live_files.py
	$(BIN)/python tools/pyodide_tests.py --all

test-perturbed: setup
	$(BIN)/python tools/perturbed_pages.py

lab: setup
	$(BIN)/jupytext-config --settings-file $(VENV)/etc/jupyter/labconfig/default_setting_overrides.json set-default-viewer markdown myst
	$(BIN)/jupyter lab --notebook-dir=chapters

serve: book
	@echo "The book is at http://localhost:$(PORT)/ (Ctrl-C ends)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

exercises: $(PACKAGE)
	$(BIN)/python tools/exercise_notebooks.py

assignment: $(PACKAGE)
	$(BIN)/python tools/assignment.py $(TOPIC)
	cd _build/assignments && PATH="$(CURDIR)/$(BIN):$$PATH" nbgrader generate_assignment --force $(TOPIC)

lint: $(PACKAGE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/python tools/lint_notebooks.py

ifneq ($(wildcard benchmarks/__main__.py),)
.PHONY: bench
bench: $(PACKAGE)
	$(BIN)/python -m benchmarks
endif

setup: $(PACKAGE) $(WEB)

$(LOCKED): requirements.txt
	@python=$$(sh tools/find_python.sh) && { test -x $(BIN)/python || "$$python" -m venv $(VENV); }
	$(BIN)/python -m pip install --require-hashes -r requirements.txt
	@touch $@

# not part of the lock: hashes and an editable install cannot share one requirements file
$(PACKAGE): $(LOCKED) pyproject.toml
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(WEB): package.json package-lock.json $(LOCKED)
	$(BIN)/python tools/npm_ci.py
	@touch $@

lock:
	@python=$$(sh tools/find_python.sh) && { test -x _build/uv/bin/uv || "$$python" -m venv _build/uv; }
	_build/uv/bin/python -m pip install --quiet uv
	_build/uv/bin/python tools/lock.py

clean:
	rm -rf _build .pytest_cache .ruff_cache

distclean: clean
	rm -rf $(VENV) node_modules
