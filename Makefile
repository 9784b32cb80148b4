# Everything here works on a machine with Python 3.11 or newer and make; a C++
# compiler is used where one is found, and fetched with pip where there is none.
#
#   make demo         build, then the first picture of what Pronghorn does
#   make learn        build, then open the course in the browser
#   make test         the tests, against the built wheel
#   make course       every notebook of the course, top to bottom
#   make browser      course and report in a real browser, where a Chromium is found
#   make engine       the engine's C++ tests, without Python
#   make sanitize     the same under ASan and UBSan, then under TSan (needs g++)
#   make neon         the same for AArch64, emulated (needs a cross compiler and qemu)
#   make check        format, lint, types, architecture
#   make conformance  the tests against a real Keras; rewrites docs/conformance.md
#   make keras-suite  Keras's own tests, run on Pronghorn; rewrites docs/keras-suite.md
#   make bench        every workload beside its peers; rewrites README's figures
#   make quality      errors on many tables, beside the peers; goes on where it was
#   make dev          build the engine in place (then: PYTHONPATH=src python ...)
#   make wheel        build dist/*.whl
#   make clean        remove all that the above made

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Choose a Python with `make PYTHON=/path/to/python3.12 ...`.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && { echo "$$p"; break; }; done)
# Real tables for some tests; they are left out where there is no such folder.
PRONGHORN_DATA ?= $(abspath $(firstword $(wildcard ../shared/data)))
ifneq ($(PRONGHORN_DATA),)
export PRONGHORN_DATA
endif
JOBS ?= 2

VENV := .venv
KERAS := .venv-keras
PEERS := .venv-peers
QUALITY := .venv-quality
WHEEL := dist/.built
SOURCES := $(shell find src native build_backend \( -name '*.py' -o -name '*.cpp' \
	-o -name '*.h' -o -name '*.def' -o -name '*.js' -o -name '*.css' -o -name py.typed \) \
	-type f 2>/dev/null) pyproject.toml CMakeLists.txt LICENSE README.md

.PHONY: help demo learn test course browser engine sanitize neon check conformance keras-suite bench quality dev wheel clean
help:
	@sed -n '4,19s/^# *//p' Makefile

# --- environments and the wheel: each made once, again when its inputs change ----
define say
@echo "== $(1)"
endef

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv and pip was \
	found. Install one (on Debian: apt-get install python3 python3-venv), or name it: \
	make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(call say,making $(VENV) with $(PYTHON))
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(WHEEL): $(VENV)/.made $(SOURCES)
	$(call say,building the wheel)
	@rm -f dist/*.whl
	@$(VENV)/bin/python -m pip wheel -qq --no-deps -w dist .
	@ls dist/*.whl && touch $@

# $(1): environment, $(2): extra. The packages an extra names, then our wheel alone.
define install
	@wheel=$$(ls dist/*.whl); \
	$(1)/bin/python -m pip install -qq "$$wheel[$(2)]"; \
	$(1)/bin/python -m pip install -qq --no-deps --force-reinstall "$$wheel"
	@touch $@
endef

$(VENV)/.demo: $(WHEEL)
	$(call say,installing the wheel and the demo's packages into $(VENV))
	$(call install,$(VENV),demo)

$(VENV)/.learn: $(WHEEL)
	$(call say,installing the wheel and the course's packages into $(VENV))
	$(call install,$(VENV),learn)

$(VENV)/.dev: $(WHEEL)
	$(call say,installing the wheel and the test packages into $(VENV))
	$(call install,$(VENV),dev)

$(KERAS)/.made: $(VENV)/.made
	$(call say,making $(KERAS))
	@"$(PYTHON)" -m venv $(KERAS)
	@touch $@

$(KERAS)/.ready: $(WHEEL) $(KERAS)/.made
	$(call say,installing the wheel and a pinned Keras into $(KERAS))
	$(call install,$(KERAS),conformance)

$(PEERS)/.made: $(VENV)/.made
	$(call say,making $(PEERS))
	@"$(PYTHON)" -m venv $(PEERS)
	@touch $@

$(PEERS)/.peers: $(PEERS)/.made benchmarks/requirements.txt
	$(call say,installing the peers into $(PEERS): some 4 GB)
	@$(PEERS)/bin/python -m pip install -qq -r benchmarks/requirements.txt
	@touch $@

$(PEERS)/.ready: $(WHEEL) $(PEERS)/.peers
	$(call say,installing the wheel into $(PEERS))
	@$(PEERS)/bin/python -m pip install -qq dist/*.whl
	@$(PEERS)/bin/python -m pip install -qq --no-deps --force-reinstall dist/*.whl
	@touch $@

$(QUALITY)/.made: $(VENV)/.made
	$(call say,making $(QUALITY))
	@"$(PYTHON)" -m venv $(QUALITY)
	@touch $@

$(QUALITY)/.peers: $(QUALITY)/.made benchmarks/quality/requirements.txt
	$(call say,installing the learners into $(QUALITY): some 3 GB)
	@$(QUALITY)/bin/python -m pip install -qq -r benchmarks/quality/requirements.txt
	@touch $@

$(QUALITY)/.ready: $(WHEEL) $(QUALITY)/.peers
	$(call say,installing the wheel into $(QUALITY))
	$(call install,$(QUALITY),sklearn)

# --- what one asks for ----------------------------------------------------------
wheel: $(WHEEL)

demo: $(VENV)/.demo
	@$(VENV)/bin/python examples/demo.py

# The browser opens by itself; LESSON=3 opens that lesson, Ctrl-C ends it.
LESSON ?=
learn: $(VENV)/.learn
	@$(VENV)/bin/pronghorn learn $(LESSON)

# Tests that look at pages have a target of their own: they need a Chromium, and measure.
PAGES := tests/learn/page tests/learn/browser tests/report/browser
test: $(VENV)/.dev
	@$(VENV)/bin/python -m pytest -q -n $(JOBS) --dist loadfile \
	$(PAGES:%=--ignore=%) tests

# Every notebook of the course, top to bottom.
course: $(VENV)/.dev
	@$(VENV)/bin/python -m tests.learn.headless

# The course and the report in Debian's Chromium, or in the one that PRONGHORN_BROWSER
# names. Pictures of the course's pages are left in build/course-screens.
browser: $(VENV)/.dev
	@$(VENV)/bin/python -m pytest -q -s $(PAGES)

# The engine's own tests run programs that the lowering writes, with what the reference
# backend makes of them. $(1): build folder, $(2): words for CMake, $(3): what runs it.
CORPUS := build/corpus.bin
$(CORPUS): $(VENV)/.dev $(wildcard tests/native/*.py tests/backends/native/*.py)
	@$(VENV)/bin/python -m tests.native.corpus $@

define engine_tests
	$(call say,the engine's tests: $(1))
	@PATH="$(abspath $(VENV))/bin:$$PATH" && log=build/$(1).log && { \
	cmake -S . -B build/$(1) -G Ninja -DPRONGHORN_TESTS=ON $(2) && \
	cmake --build build/$(1); } >$$log 2>&1 || { cat $$log >&2; exit 1; }
	@$(3) build/$(1)/engine_tests $(CORPUS)
endef

engine: $(CORPUS) $(VENV)/.cmake
	$(call engine_tests,tests)

COMMA := ,
sanitize: $(CORPUS) $(VENV)/.cmake
	$(call engine_tests,tests-address,-DPRONGHORN_SANITIZE=address$(COMMA)undefined)
	$(call engine_tests,tests-thread,-DPRONGHORN_SANITIZE=thread)

CROSS ?= aarch64-linux-gnu-g++
QEMU ?= qemu-aarch64
neon: $(CORPUS) $(VENV)/.cmake
	$(call engine_tests,tests-neon,-DCMAKE_SYSTEM_NAME=Linux \
	-DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=$(CROSS),$(QEMU))

check: $(VENV)/.dev
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/python -m pytest -q tests/architecture

# Keras runs in its own environment and process; the tests run in ours.
conformance: $(VENV)/.dev $(KERAS)/.ready
	@PRONGHORN_KERAS_PYTHON=$(abspath $(KERAS))/bin/python $(VENV)/bin/python -m pytest \
	-q tests/conformance tests/saving/test_with_keras.py tests/learn/test_with_keras.py \
	--live

# Keras's tests lie in its wheel; they run in our environment, where Keras is not.
keras-suite: $(VENV)/.dev $(KERAS)/.ready
	@PRONGHORN_KERAS_PYTHON=$(abspath $(KERAS))/bin/python \
	$(VENV)/bin/python -m tests.keras_suite --jobs $(JOBS) --write

# On a machine that is otherwise idle. `make bench ONLY=small,predict ROUNDS=9` measures
# some sections again. torch.compile needs a C++ compiler.
ROUNDS ?= 5
bench: $(PEERS)/.ready
	@$(PEERS)/bin/python -m benchmarks --rounds $(ROUNDS) $(if $(ONLY),--only "$(ONLY)")

# Goes on where it was; hours from nothing. `make quality ARGS="--report"`, and what else
# `python -m benchmarks.quality --help` tells. Needs the tables: docs/data.md.
quality: $(QUALITY)/.ready
	@$(QUALITY)/bin/python -m benchmarks.quality $(ARGS)

# The engine alone, in src/: a few seconds after a change to native/.
dev: $(VENV)/.cmake
	@PATH="$(abspath $(VENV))/bin:$$PATH" PYTHONPATH=build_backend \
	$(VENV)/bin/python -m pronghorn_build

$(VENV)/.cmake: $(VENV)/.made
	$(call say,installing CMake and Ninja into $(VENV))
	@$(VENV)/bin/python -m pip install -qq scikit-build-core cmake ninja \
	$$($(VENV)/bin/python build_backend/pronghorn_build/compilers.py)
	@touch $@

clean:
	rm -rf build dist $(VENV) $(KERAS) $(PEERS) $(QUALITY) .pytest_cache .mypy_cache .ruff_cache
	rm -f src/pronghorn/backends/native/*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
