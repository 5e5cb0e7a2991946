# Two commands serve a fresh machine (Debian with a Swift toolchain): `make demo`, `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# What the build links and includes, and nothing else.
BUILD_PACKAGES := libopenblas-dev liblapacke-dev libboost-math-dev libfast-float-dev zlib1g-dev
# What the tests need on top: the mapping scripts of the data sets are Python (standard library).
TEST_PACKAGES := python3

APT := $(if $(filter 0,$(shell id -u)),,sudo )apt-get
# $(call install,PACKAGES): installs what dpkg does not list, and asks nothing.
define install
	@missing=""; for p in $(1); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  $(APT) update -qq; \
	  DEBIAN_FRONTEND=noninteractive $(APT) install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

.PHONY: help deps test-deps build test test-data clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

deps: ## installs the system packages that the build needs
	$(call install,$(BUILD_PACKAGES))

test-deps: deps
	$(call install,$(TEST_PACKAGES))

build: deps ## builds .build/release/cutover
	swift build -c release --product cutover

test: test-deps test-data ## builds and runs every test
	swift test

test-data: test-deps ## checks the data sets and regenerates their tables
	python3 -m unittest discover -s Tests/DataTests

clean: ## removes what was built
	rm -rf .build
