#!/bin/bash
# Fuzzes the readers: `Fuzzing/run.sh [READER...]`, all of them when none is named.
#
#   FUZZ_SECONDS  of each reader, 600
#   FUZZ_JOBS     readers at a time, 2
#   FUZZ_BINARY   one that was built before, to build none
#
# Corpora grow in Fuzzing/.build/fuzz/READER/corpus and are used again by the next run; what was
# found lies in .../finds. Prints a line of CSV per reader; status 1 when there is a find.
set -eu -o pipefail
cd "$(dirname "$0")"

seconds=${FUZZ_SECONDS:-600}
jobs=${FUZZ_JOBS:-2}
work=.build/fuzz
summary=$(mktemp)
binary=${FUZZ_BINARY:-$PWD/.build/release/CutoverFuzz}
fixtures=../Tests/Fixtures

# lld: the system's gold does not link libFuzzer's objects.
[ -n "${FUZZ_BINARY:-}" ] || swift build -c release --product CutoverFuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld \
  -Xcc -fsanitize=fuzzer-no-link,address -Xcxx -fsanitize=fuzzer-no-link,address >&2

# The files that a reader's corpus begins with.
seeds() {
  case $1 in
    prism|mapping) ls Seeds/"$1"/* ;;
    reply) ls $fixtures/logs/qmp/* $fixtures/log-faults/*json ;;
    trace) find ../Tests/Faulty $fixtures/logs $fixtures/logs-expected -type f -size -16k ;;
    *) ls $fixtures/logs/"$1"/* $fixtures/log-faults/* ;;
  esac
}

# The words of the seeds, and numbers that readers stumble over.
dictionary() {
  { seeds "$1" | xargs cat | grep -aoE '[A-Za-z_][A-Za-z0-9_-]{2,24}' | sort -u | head -n 400 || true
    printf '%s\n' 1e308 -1 99999999999999999999 9223372036854775807 NaN Infinity 1e-320
  } | sed 's/.*/"&"/'
}

fuzz() {
  local reader=$1 folder=$work/$1
  mkdir -p "$folder/corpus" "$folder/finds"
  seeds "$reader" | while read -r file; do
    cp "$file" "$folder/corpus/seed-$(basename "$(dirname "$file")")-$(basename "$file")"
  done
  dictionary "$reader" > "$folder/words.dict"
  # A find ends a process, not the run: it goes on with what is left of the time. The limits are far
  # above what a log of some kilobytes may take: 1 GB in all, 256 MB at once, 10 s.
  local end=$((SECONDS + seconds)) runs=0 begun count coverage
  : > "$folder/log"
  while [ $SECONDS -lt $end ]; do
    begun=$SECONDS
    CUTOVER_FUZZ=$reader "$binary" "$folder/corpus" -dict="$folder/words.dict" \
      -artifact_prefix="$folder/finds/" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256 \
      -max_total_time=$((end - SECONDS)) -print_final_stats=1 > "$folder/log.part" 2>&1 || true
    count=$(grep -a '^stat::number_of_executed_units' "$folder/log.part" | tr -dc 0-9 || true)
    runs=$((runs + ${count:-0}))
    cat "$folder/log.part" >> "$folder/log"
    # One whose corpus breaks it at the start has no more to tell.
    [ $SECONDS -gt $((begun + 2)) ] || break
  done
  coverage=$(grep -aoE 'cov: [0-9]+' "$folder/log" | tail -n 1 | tr -dc 0-9)
  echo "$reader,$seconds,$runs,$coverage,$(ls "$folder/corpus" | wc -l),$(ls "$folder/finds" | wc -l)"
}

readers=("$@")
if [ ${#readers[@]} = 0 ]; then
  readers=($(cd $fixtures/logs && ls -d */ | tr -d / | grep -vx csv) trace reply mapping prism)
fi
echo "reader,seconds,executions,edges,corpus_files,finds"
export -f fuzz seeds dictionary
export seconds work binary fixtures
printf '%s\n' "${readers[@]}" | xargs -P "$jobs" -I{} bash -eu -o pipefail -c 'fuzz {}' | tee "$summary"
! cut -d, -f6 "$summary" | grep -qvx 0 || { echo "finds: Fuzzing/$work/*/finds" >&2; exit 1; }
