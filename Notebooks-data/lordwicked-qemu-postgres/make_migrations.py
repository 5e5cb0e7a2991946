#!/usr/bin/env python3
"""Writes migrations.csv, the trace table of this set, from runs.csv beside this file.

Every column says what it is made of. Nothing that a migration's own counters tell becomes an
input: a model that reads it would know the answer. Numbers are exact decimals, so the bytes
are the same on every machine.
"""

import csv
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent

# QEMU's defaults, which these runs did not change. The cap is seen in the data (the pre-copy
# phases run at 1082 Mbit/s), the first two throttle settings too (20, 30, 40, 50 %); the
# downtime limit shows as expected-downtime 300; the throttle trigger leaves no trace.
MAX_BANDWIDTH = 128 * 1024 * 1024
DOWNTIME_LIMIT_S = "0.3"
THROTTLE = {"throttle_initial": "0.2", "throttle_increment": "0.1", "throttle_trigger": "0.5"}

PAGE_SIZE = 4096

# The load ended before these migrations did, and only that let them end: censored.
ENDED_WITH_THE_LOAD = "Precopy_Nonconvergent_"

COLUMNS = [
    "id", "group", "technique", "memory_bytes", "page_size_bytes", "workload", "vcpus",
    "ycsb_threads", "transport", "bandwidth_cap_bytes_per_s", "bandwidth_bytes_per_s",
    "downtime_limit_s", "throttle_initial", "throttle_increment", "throttle_trigger",
    "postcopy_after_s", "status", "observed_status", "total_time_s", "setup_time_s",
    "downtime_s", "downtime_observed_s", "observed_postcopy_blocktime_s", "transferred_bytes",
    "precopy_bytes", "downtime_bytes", "postcopy_bytes", "normal_pages", "zero_pages",
    "dirty_syncs", "throttle_max", "postcopy_requests", "observed_dirty_rate_bytes_per_s",
    "observed_dirty_rate_max_bytes_per_s",
]


def number(value):
    """A Decimal without exponent and trailing zeros, the way the other tables write it."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(text, factor):
    """An exact product; an empty cell stays empty."""
    return number(Decimal(text) * Decimal(factor)) if text else ""


def technique(run):
    if run["technique"].startswith("hybrid"):
        return "hybrid"
    if run["technique"] == "precopy" and run["auto_converge"] == "1":
        return "precopy+autoconverge"
    return run["technique"]


def migration(run):
    kind = technique(run)
    has_postcopy = kind in ("postcopy", "hybrid")
    access = "update" if Decimal(run["update_proportion"]) == 1 else "read"
    if Decimal(run["update_proportion"]) + Decimal(run["read_proportion"]) != 1 or access == (
        "read"
    ) and Decimal(run["read_proportion"]) != 1:
        raise ValueError(f"{run['scenario']}: a mixed workload has no name yet")
    row = {
        "id": f"{run['scenario']}.run{int(run['run']):02d}",
        "group": run["scenario"],
        "technique": kind,
        "memory_bytes": run["ram_total"],
        "page_size_bytes": PAGE_SIZE,
        "workload": f"ycsb-{access}",
        "vcpus": run["vcpus"],
        "ycsb_threads": run["ycsb_threads"],
        "transport": "unix",
        "bandwidth_cap_bytes_per_s": MAX_BANDWIDTH,
        "bandwidth_bytes_per_s": MAX_BANDWIDTH,
        "downtime_limit_s": DOWNTIME_LIMIT_S,
        "postcopy_after_s": run["postcopy_switch_after_s"] if has_postcopy else "",
        "status": "timeout" if run["scenario"].startswith(ENDED_WITH_THE_LOAD) else run["status"],
        "observed_status": run["status"],
        "total_time_s": scaled(run["total_time_ms"], "0.001"),
        "setup_time_s": scaled(run["setup_time_ms"], "0.001"),
        "downtime_s": scaled(run["downtime_ms"], "0.001"),
        "downtime_observed_s": run["event_outage_s"],
        "observed_postcopy_blocktime_s": scaled(run["postcopy_blocktime_ms"], "0.001"),
        "transferred_bytes": run["ram_transferred"],
        "precopy_bytes": run["ram_precopy_bytes"],
        "downtime_bytes": run["ram_downtime_bytes"],
        "postcopy_bytes": run["ram_postcopy_bytes"],
        "normal_pages": run["ram_normal"],
        "zero_pages": run["ram_duplicate"],
        "dirty_syncs": run["ram_dirty_sync_count"],
        "throttle_max": scaled(run["max_cpu_throttle_percentage"], "0.01"),
        "postcopy_requests": run["ram_postcopy_requests"] if has_postcopy else "",
        "observed_dirty_rate_bytes_per_s": scaled(
            run["median_positive_dirty_pages_rate"], PAGE_SIZE
        ),
        "observed_dirty_rate_max_bytes_per_s": scaled(run["max_dirty_pages_rate"], PAGE_SIZE),
    }
    if kind == "precopy+autoconverge":
        row.update(THROTTLE)
    return row


def main():
    with open(HERE / "runs.csv", newline="", encoding="utf-8") as source:
        runs = list(csv.DictReader(source))
    for run in runs:
        if int(run["ram_page_size"]) != PAGE_SIZE:
            raise ValueError(f"{run['scenario']} run {run['run']}: page size {run['ram_page_size']}")
    with open(HERE / "migrations.csv", "w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(migration(run) for run in runs)


if __name__ == "__main__":
    main()
