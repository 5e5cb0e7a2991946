# Two commands serve a fresh machine (Debian with a Swift toolchain): `make demo`, `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# What the build links and includes, and nothing else.
BUILD_PACKAGES := libopenblas-dev liblapacke-dev libboost-math-dev libfast-float-dev zlib1g-dev
# What the commands need when they run: gnuplot draws the plots.
RUN_PACKAGES := gnuplot-nox
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

CUTOVER ?= .build/release/cutover
REPORTS ?= Reports
DATA := Notebooks-data

.PHONY: help deps test-deps build demo reports bench test test-data test-reports clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

deps: ## installs the system packages that the build and the commands need
	$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES))

test-deps: deps
	$(call install,$(TEST_PACKAGES))

build: deps ## builds .build/release/cutover
	swift build -c release --product cutover

demo: build reports ## builds, fits and compares on real migrations, prints the table
	@cat $(REPORTS)/qemu-tcg/report.txt
	@echo
	@echo "Reports, each folder with the command that makes it:"
	@find $(REPORTS) -type f ! -name README.md | sort | sed 's/^/  /'

# $(call report,FOLDER,ARGUMENTS): a comparison with its tables; $(call print,FOLDER,ARGUMENTS):
# what a command prints. The command stands beside each. Five significant digits, so that another
# processor prints the same bytes.
define report
	@mkdir -p $(REPORTS)/$(1)
	@printf '%s\n' 'cutover $(subst ','\'',$(2)) --digits 5 -o Reports/$(1)' > $(REPORTS)/$(1)/command.txt
	@$(CUTOVER) $(2) --digits 5 -o $(REPORTS)/$(1) > /dev/null
endef
define print
	@mkdir -p $(REPORTS)/$(1)
	@printf '%s\n' 'cutover $(subst ','\'',$(2)) --digits 5' > $(REPORTS)/$(1)/command.txt
	@$(CUTOVER) $(2) --digits 5 > $(REPORTS)/$(1)/report.txt
endef

CLASSIC := memory-over-bandwidth,liu.basic,liu.capped,liu.refined,akoush.avg
MODELS := $(CLASSIC),liu.capped+used,liu.refined+used,akoush.avg+used,dirty-curve,qemu.precopy

reports: ## regenerates Reports/ from the data sets
	$(call report,qemu-tcg,compare $(DATA)/qemu-tcg/migrations.csv --models $(MODELS) --target total_time_s$(comma)downtime_s)
	$(call report,qemu-tcg-by-technique,compare $(DATA)/qemu-tcg/migrations.csv --models memory-over-bandwidth$(comma)liu.capped+used$(comma)qemu.precopy --target total_time_s$(comma)downtime_observed_s --by technique)
	$(call print,qemu-tcg-regression,fit $(DATA)/qemu-tcg/migrations.csv --where 'technique=precopy' --formula 'log(total_time_s) ~ log(used_bytes / bandwidth_bytes_per_s)')

comma := ,

test: test-deps test-data ## builds and runs every test
	swift test
	$(MAKE) test-reports

test-data: test-deps ## checks the data sets and regenerates their tables
	python3 -m unittest discover -s Tests/DataTests

# The committed reports are what the commands print.
test-reports:
	rm -rf .build/reports
	$(MAKE) --no-print-directory reports CUTOVER=.build/debug/cutover REPORTS=.build/reports
	diff -r -x README.md $(REPORTS) .build/reports
	@echo "reports regenerate to the same bytes"

bench: test-deps ## times commands against what one would take instead, as CSV
	swift build -c release --product cutover
	swift build -c release --product cutover-benchmarks
	.build/release/cutover-benchmarks .build/release/cutover

clean: ## removes what was built
	rm -rf .build
