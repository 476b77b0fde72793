# Each target does all the set-up it needs on a Debian 12 that has Swift, then its job. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
DESTDIR ?=
# For example `make demo DEMO_ARGUMENTS='--port 8081'`.
DEMO_ARGUMENTS ?=
# For example `make test TESTS='--filter ChartsTests'`.
TESTS ?=
# Which benchmarks: ingest, parsers, page, append, memory, server, follow, bulk, appended, kernels, step, clips. Empty means all.
BENCHMARKS ?=

# One set of flags for every release product, so that they share one build. With the Swift runtime linked in,
# the installed binary also runs where Swift is not installed.
RELEASE := -c release --static-swift-stdlib
STRICT := --explicit-target-dependency-import-check error
FORMATTED := Package.swift Sources Tests Benchmarks

BUILD_PACKAGES := espeak-ng-data libcairo2-dev libcurl4-openssl-dev libdeflate-dev libespeak-ng-dev libkissfft-dev \
    libopenblas-dev libsentencepiece-dev libsndfile1-dev libsoxr-dev libssl-dev libturbojpeg0-dev libxxhash-dev pkg-config
DEMO_PACKAGES := espeak-ng
TEST_PACKAGES := espeak-ng ffmpeg python3 chromium chromium-driver openssh-client openssh-server nginx-light rsync
BENCH_PACKAGES := ffmpeg nginx-light wrk libsimdjson-dev g++ python3-venv openssh-client openssh-server rsync iproute2

# For example `make soak SOAK_ARGUMENTS='--seconds 60'`.
SOAK_ARGUMENTS ?=

.PHONY: help demo build test lint format bench soak fuzz install uninstall clean swift build-packages

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: build ## Train a small speech recogniser and serve its live dashboard
	@.ci/install-packages $(DEMO_PACKAGES)
	@exec "$$(swift build $(RELEASE) --show-bin-path)/voxsite" demo $(DEMO_ARGUMENTS)

build: build-packages ## Build the release binary
	@built="$$(swift build $(RELEASE) --show-bin-path)/voxsite"; quiet=--quiet; \
	[ -x "$$built" ] || { quiet=; echo "building voxsite: several minutes the first time, seconds after that"; }; \
	for product in voxsite voxsite-speech-helper; do swift build $(RELEASE) --product $$product $$quiet; done

test: build-packages lint ## Check the format, then build and run every test
	@.ci/install-packages $(TEST_PACKAGES) || { \
	    [ "$${VOXSITE_REQUIRE_BROWSER:-0}" = 0 ] && echo "going on without a browser: its tests skip themselves"; }
	@swift build --build-tests $(STRICT)
	@# Few at a time: many wait for servers and browsers, and more of them would only wait for each other.
	@export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4; \
	[ -n "$(TESTS)" ] || swift test --parallel --skip-build --skip CollectorTests; \
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=3 \
	    swift test --parallel --skip-build $(if $(TESTS),$(TESTS),--filter CollectorTests)

lint: swift ## Check format and documentation comments
	@swift format lint --strict --parallel --recursive $(FORMATTED)

format: swift ## Rewrite the sources in the project's format
	@swift format --in-place --parallel --recursive $(FORMATTED)

bench: build ## Measure against DuckDB, simdjson and nginx, in one run
	@.ci/install-packages $(BENCH_PACKAGES)
	@for product in ReaderBenchmark KernelBenchmark StepBenchmark DataBenchmark ClipBenchmark; do swift build $(RELEASE) --product $$product --quiet; done
	@[ -x .bench/venv/bin/python ] || python3 -m venv .bench/venv
	@cmp -s Benchmarks/requirements.txt .bench/requirements.txt || { \
	    .bench/venv/bin/pip install --quiet --disable-pip-version-check -r Benchmarks/requirements.txt; \
	    cp Benchmarks/requirements.txt .bench/requirements.txt; }
	@.bench/venv/bin/python Benchmarks/run.py --binaries "$$(swift build $(RELEASE) --show-bin-path)" $(BENCHMARKS)

soak: build ## Follow logs for ten minutes while everything breaks, then compare every byte
	@.ci/install-packages openssh-client openssh-server iproute2 gcc libc6-dev python3
	@mkdir -p .bench; python3 Benchmarks/collector/soak.py --binaries "$$(swift build $(RELEASE) --show-bin-path)" $(SOAK_ARGUMENTS)

fuzz: build-packages ## Damage everything that comes from another host, and see that it is survived
	@VOXSITE_FUZZ_ROUNDS=$(or $(FUZZ_ROUNDS),100000) swift test --filter RemoteInputTests

install: build ## Install under PREFIX (/usr/local)
	@install -s -D -m 755 "$$(swift build $(RELEASE) --show-bin-path)/voxsite" "$(DESTDIR)$(PREFIX)/bin/voxsite"
	@install -s -D -m 755 "$$(swift build $(RELEASE) --show-bin-path)/voxsite-speech-helper" \
	    "$(DESTDIR)$(PREFIX)/libexec/voxsite/voxsite-speech-helper"
	@for folder in templates public avatars; do \
	    rm -rf "$(DESTDIR)$(PREFIX)/share/voxsite/$$folder"; \
	    find "$$folder" -type f -exec install -D -m 644 {} "$(DESTDIR)$(PREFIX)/share/voxsite/{}" \; ; \
	done
	@echo "installed $(DESTDIR)$(PREFIX)/bin/voxsite and $(DESTDIR)$(PREFIX)/share/voxsite"

uninstall: ## Remove what `make install` put under PREFIX
	@rm -rf "$(DESTDIR)$(PREFIX)/bin/voxsite" "$(DESTDIR)$(PREFIX)/share/voxsite" "$(DESTDIR)$(PREFIX)/libexec/voxsite"

clean: ## Remove build products and benchmark data; runs/ and site/ stay
	@rm -rf .build .bench

build-packages: swift
	@.ci/install-packages $(BUILD_PACKAGES)

swift:
	@command -v swift >/dev/null || { \
	    echo "Swift 6.3 or newer is needed and not on PATH: see https://www.swift.org/install/linux/" >&2; exit 1; }
