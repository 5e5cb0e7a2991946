# Two commands serve a fresh machine (Debian with a Swift toolchain): `make demo`, `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# What the build links and includes, and nothing else.
BUILD_PACKAGES := libopenblas-dev liblapacke-dev libboost-math-dev libfast-float-dev \
	libfmt-dev libsimdjson-dev zlib1g-dev libzstd-dev
# What the commands need when they run: gnuplot draws the plots.
RUN_PACKAGES := gnuplot-nox
# What the tests need on top: the mapping scripts of the data sets are Python (standard library);
# virsh reads its own options without a daemon.
TEST_PACKAGES := python3 gcc libc6-dev qemu-system-x86 libvirt-clients valgrind binutils

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

.PHONY: help deps test-deps build demo reports bench fuzz test test-data test-reports test-instructions clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

deps: ## installs the system packages that the build and the commands need
	$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES))

test-deps: deps
	$(call install,$(TEST_PACKAGES))

# Swift's library is linked in: less to look up when the command starts, and nothing to install
# where it runs.
build: deps ## builds .build/release/cutover
	swift build -c release --static-swift-stdlib --product cutover

demo: build reports ## builds, fits and compares on real migrations, prints the tables
	@cat $(REPORTS)/qemu-tcg/report.txt
	@echo
	@echo "The calibrated model on the same migrations, held out; this takes a minute or two:"
	@echo
	@$(CUTOVER) compare $(DATA)/qemu-tcg/migrations.csv --models calibrated,dirty-curve,liu.refined+used \
	  --folds 10 --target total_time_s,transferred_bytes,downtime_observed_s --digits 4
	@echo
	@echo "Reports, each folder with the command that makes it:"
	@find $(REPORTS) -type f ! -name README.md ! -name 'residual-*' | sort | sed 's/^/  /'

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

# $(call draw,FOLDER,NAME,ARGUMENTS): a table with its plot; the folder keeps every command.
define draw
	@mkdir -p $(REPORTS)/$(1)
	@printf '%s\n' 'cutover $(3) --digits 5 -o Reports/$(1)/$(2).csv --plot Reports/$(1)/$(2).svg' >> $(REPORTS)/$(1)/command.txt
	@$(CUTOVER) $(3) --digits 5 -o $(REPORTS)/$(1)/$(2).csv --plot $(REPORTS)/$(1)/$(2).svg
endef

CLASSIC := memory-over-bandwidth,liu.basic,liu.capped,liu.refined,akoush.avg
MODELS := $(CLASSIC),liu.capped+used,liu.refined+used,akoush.avg+used,dirty-curve,qemu.precopy

reports: ## regenerates Reports/ from the data sets
	$(call report,qemu-tcg,compare $(DATA)/qemu-tcg/migrations.csv --models $(MODELS) --target total_time_s$(comma)downtime_s)
	$(call report,qemu-tcg-by-technique,compare $(DATA)/qemu-tcg/migrations.csv --models memory-over-bandwidth$(comma)liu.capped+used$(comma)qemu.precopy --target total_time_s$(comma)downtime_observed_s --by technique)
	$(call print,qemu-tcg-regression,fit $(DATA)/qemu-tcg/migrations.csv --where 'technique=precopy' --formula 'log(total_time_s) ~ log(used_bytes / bandwidth_bytes_per_s)')

	@rm -f $(REPORTS)/sawtooth/command.txt
	$(call draw,sawtooth,bandwidth,sweep --model liu.basic --memory 8GiB --dirty-rate 40MiB/s --threshold 32MiB --vary bandwidth=60MiB/s..400MiB/s:681)
	$(call draw,sawtooth,dirty-rate,sweep --model aldhalaan.uniform --memory 8GiB --bandwidth 125MiB/s --downtime-limit 300ms --vary dirty-rate=1MiB/s..120MiB/s:400)
	$(call draw,sawtooth,traffic-cap,sweep --model akoush.avg --memory 8GiB --dirty-rate 40MiB/s --vary bandwidth=44MiB/s..61MiB/s:681 --show total_time_s$(comma)downtime_s)
	$(call draw,sawtooth,threshold,threshold --memory 8GiB --bandwidth 125MiB/s --dirty-rate 80MiB/s --arrival-rate 12/h --utilization 50% --total-time 150s --curve)

comma := ,

test: test-deps test-data ## builds and runs every test
	swift test
	$(MAKE) test-reports
	$(MAKE) test-instructions

# Where time goes, on a machine of any speed: no kind of work takes more instructions than agreed.
test-instructions: build test-deps
	.build/release/cutover bench instructions --limits Tests/Fixtures/instructions.csv --strict

test-data: test-deps ## checks the data sets and regenerates their tables
	python3 -m unittest discover -s Tests/DataTests

# The committed reports are what the commands print.
test-reports:
	rm -rf .build/reports
	$(MAKE) --no-print-directory reports CUTOVER=.build/debug/cutover REPORTS=.build/reports
	diff -r -x README.md -x calibrated -x bench $(REPORTS) .build/reports
	@echo "reports regenerate to the same bytes"

# What a user would take instead, in an environment of its own.
PEERS := .build/peers
$(PEERS)/bin/python: Sources/Benchmarking/Peers/requirements.txt
	$(call install,python3-venv)
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q -r $<
	@touch $@

CALIBRATED := Reports/calibrated
# Parts of the physics, each left out in turn; a comparison applies no residual regression.
PARTS = $(shell .build/release/cutover models show calibrated --format json | python3 -c 'import \
  json, sys; print(*(r["part"] for r in json.load(sys.stdin)["parts"] \
  if r["part"] != "residual-regression"))')
# Variants that count used memory only, which 'all' leaves out.
USED := memory-over-bandwidth+used,liu.basic+used,liu.capped+used,liu.refined+used,akoush.avg+used
# What a stack of the literature's models is made from.
STACKED := memory-over-bandwidth,$(USED),nathan.skip+used,dirty-curve,qemu.precopy
calibrated-report: build $(PEERS)/bin/python ## regenerates Reports/calibrated: more than an hour
	mkdir -p $(CALIBRATED) .build/calibrated
	for mode in full planner sparse; do \
	  python3 Tests/Reference/calibrated_cv.py .build/release/cutover $(DATA)/qemu-tcg/migrations.csv \
	    $$mode .build/calibrated/$$mode.csv > $(CALIBRATED)/$$mode.txt && \
	  OMP_NUM_THREADS=1 $(PEERS)/bin/python Tests/Reference/learned_baselines.py \
	    $(DATA)/qemu-tcg/migrations.csv .build/calibrated/learned-$$mode.csv $$mode || exit 1; done
	for mode in technique bandwidth curve; do \
	  python3 Tests/Reference/calibrated_cv.py .build/release/cutover $(DATA)/qemu-tcg/migrations.csv \
	    $$mode > $(CALIBRATED)/$$mode.txt || exit 1; done
	OMP_NUM_THREADS=1 $(PEERS)/bin/python Tests/Reference/learned_baselines.py \
	  $(DATA)/qemu-tcg/migrations.csv $(CALIBRATED)/curve-learned.csv curve
	cp $(DATA)/qemu-tcg/migrations.csv .build/calibrated/columns-full.csv
	for mode in planner sparse; do \
	  python3 Tests/Reference/calibrated_cv.py .build/release/cutover \
	    $(DATA)/qemu-tcg/migrations.csv columns-$$mode .build/calibrated/columns-$$mode.csv || exit 1; done
	for mode in full planner sparse; do \
	  .build/release/cutover predict --model all --scenarios .build/calibrated/columns-$$mode.csv \
	    -o .build/calibrated/literature-$$mode.csv && \
	  .build/release/cutover predict --model $(USED) \
	    --scenarios .build/calibrated/columns-$$mode.csv -o .build/calibrated/used-$$mode.csv && \
	  python3 Tests/Reference/calibrated_report.py $(DATA)/qemu-tcg/migrations.csv $(CALIBRATED) \
	    $$mode .build/calibrated/$$mode.csv .build/calibrated/learned-$$mode.csv \
	    .build/calibrated/literature-$$mode.csv .build/calibrated/used-$$mode.csv || exit 1; done
	.build/release/cutover fit $(DATA)/qemu-tcg/migrations.csv --model calibrated \
	  > $(CALIBRATED)/parameters.txt
	python3 Tests/Reference/calibrated_transfer.py .build/release/cutover \
	  $(DATA)/qemu-tcg/migrations.csv $(DATA)/lordwicked-qemu-postgres/migrations.csv \
	  $(CALIBRATED)/transfer.csv > $(CALIBRATED)/transfer.txt
	.build/release/cutover compare $(DATA)/qemu-tcg/migrations.csv --where 'technique=precopy' \
	  --models calibrated$(comma)stacked$(comma)$(STACKED) --folds 10 --digits 4 \
	  --target total_time_s$(comma)transferred_bytes$(comma)downtime_observed_s \
	  > $(CALIBRATED)/stacked.txt
	rm -f $(CALIBRATED)/ablation.csv
	for part in "" $(PARTS); do \
	  .build/release/cutover compare $(DATA)/qemu-tcg/migrations.csv --models calibrated --folds 4 \
	    --target total_time_s$(comma)transferred_bytes$(comma)downtime_observed_s --format csv \
	    $${part:+--without $$part} | sed "s/^/$${part:-nothing},/; 1s/^[^,]*/without/" \
	    | if [ -s $(CALIBRATED)/ablation.csv ]; then tail -n +2; else cat; fi \
	    >> $(CALIBRATED)/ablation.csv; done

# Rows of the large tables; runs of each side; rows of ever larger fits.
ROWS ?= 10000000
ROUNDS ?= 5
GROWTH ?= 1000000,10000000,100000000
BENCH = .build/release/cutover bench
PAIRS = --rounds $(ROUNDS) --python $(PEERS)/bin/python -o $(REPORTS)/bench

bench: build test-deps $(PEERS)/bin/python ## times Cutover beside what one would take instead
	$(BENCH) compare --rows $(ROWS) $(PAIRS)
	@for rows in $(subst $(comma), ,$(GROWTH)); do \
	  file=.build/bench-data/narrow-$$rows.csv; \
	  test -s $$file || $(BENCH) rows $$rows > $$file; done
	$(BENCH) growth --rows $(GROWTH) $(PAIRS)
	$(BENCH) queue $(PAIRS)
	$(BENCH) convert $(PAIRS)

# `make fuzz FUZZ_SECONDS=60 READERS="qmp nova"`; the sanitizers are the toolchain's.
READERS ?=
fuzz: deps ## fuzzes every reader for ten minutes each, two at a time
	Fuzzing/run.sh $(READERS)

clean: ## removes what was built
	rm -rf .build Fuzzing/.build
