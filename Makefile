# make demo   sets up, judges the clips that ship and says where the reports are
# make test   sets up and runs the tests
# make cover  the same, and says which lines no test has seen
# make truth  runs whole clips against their truth
# make slow   runs all tests that take minutes, with OpenSim as the other side of the muscles (half an hour in all)
# make docs   writes the documents that are made from the code

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test cover truth slow docs lint clean

demo: $(VENV)/installed
	$(BIN)/hipdrive analyse examples/bridge.mp4 examples/walk.mp4
	$(BIN)/hipdrive analyse examples/run_side.mp4 examples/run_rear.mp4 --together --height 1.57

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not slow"

cover: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m "not slow" --cov --cov-report=term:skip-covered

# whole clips against their truth: the part of the slow tests that runs before every change lands
truth: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m slow tests/test_bridge_clips.py tests/test_monster_clips.py tests/test_running_clips.py \
		tests/test_running_rear.py tests/test_report.py

slow: $(VENV)/installed-referee
	$(BIN)/python -m pytest -m slow

docs: $(VENV)/installed-dev
	$(BIN)/python docs/make.py
	$(BIN)/python docs/muscles_validation.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(VENV)/python:
	$(PYTHON) -m venv $(VENV) || (echo "python3 -m venv does not work here: apt install python3-venv" && false)
	touch $@

$(VENV)/installed: $(VENV)/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	$(BIN)/hipdrive setup
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,muscles,postgres,app,watch]'
	touch $@

$(VENV)/installed-referee: $(VENV)/installed-dev
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,muscles,postgres,app,watch,referee]'
	touch $@

clean:
	rm -rf $(VENV) examples/*.hipdrive
