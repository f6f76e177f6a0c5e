# The front door. `make demo` shows Aurora at work, `make test` proves it; both install the Debian packages they need.

PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=
SWIFT ?= swift
# Every target must declare what it imports.
BUILD_FLAGS := --explicit-target-dependency-import-check error
# The standard library is linked in, so an installed program does not need the toolchain.
RELEASE_FLAGS := -c release --static-swift-stdlib
# All tests at once starve each other's servers, browsers and kills on a small machine.
TEST_WIDTH := --experimental-maximum-parallelization-width 6
RELEASE_BIN = $(shell $(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)

.PHONY: help build release test check lint fmt bench docs install demo sweep fuzz dependencies dependencies-test clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

build: dependencies ## build everything for development
	$(SWIFT) build $(BUILD_FLAGS)

release: dependencies ## build the programs for use
	$(SWIFT) build $(RELEASE_FLAGS) $(BUILD_FLAGS) --product aurora
	$(SWIFT) build $(RELEASE_FLAGS) $(BUILD_FLAGS) --product aurora-launcher

test: dependencies-test ## run every test; FILTER=name runs some
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	scripts/run-tests $(SWIFT) test --skip-build --disable-xctest $(TEST_WIDTH) $(if $(FILTER),--filter $(FILTER))

check: dependencies lint ## formatting, lint, warnings as errors, the module graph
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	$(SWIFT) test --skip-build --disable-xctest --filter HouseTests

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Examples $(wildcard Benchmarks)

fmt: ## format every Swift file
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Examples $(wildcard Benchmarks)

bench: release ## measure the hot paths against other programs; prints ratios; ARGS='--quick --only promote'
	scripts/install-dependencies bench
	$(SWIFT) build $(RELEASE_FLAGS) $(BUILD_FLAGS) --product aurora-bench
	"$(RELEASE_BIN)/aurora-bench" $(ARGS)

docs: dependencies ## build the documentation of the modules and the reference of the program
	scripts/build-docs

install: release ## install programs, manual pages, completions and the service unit under PREFIX
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install-files "$(RELEASE_BIN)"

demo: release ## the whole job for real, on this machine; ARGS=--once ends instead of serving on
	"$(RELEASE_BIN)/aurora" demo $(ARGS)

sweep: dependencies-test ## every fault and power cut, where `make test` takes samples; hours
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	AURORA_SWEEP=all $(SWIFT) test --skip-build --disable-xctest --filter Sweep

fuzz: dependencies ## feed archives and manifests of libFuzzer's making to what reads them, a minute each; ARGS=600 for ten
	Fuzz/run $(ARGS)

dependencies:
	@scripts/install-dependencies build

dependencies-test:
	@scripts/install-dependencies test

clean: ## remove what was built
	rm -rf .build
