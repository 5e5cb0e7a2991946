#!/bin/sh
# Makes Tests/Fixtures/calibrated/hybrid.json: a saved calibrated fit for the golden cases, which
# try what is done with a fit and not the fitting.
set -eu
cd "$(dirname "$0")/../.."
swift run -c release cutover fit Notebooks-data/qemu-tcg/migrations.csv \
  --where 'technique=hybrid' --model calibrated -o Tests/Fixtures/calibrated/hybrid.json
