#!/usr/bin/env python3
"""Writes migrations.csv, the trace table of this set, from per_vm_durations.csv beside this file.

Rows that the author pasted into two files are kept once. Numbers are copied or multiplied as
integers, so the bytes are the same on every machine.
"""

import csv
from pathlib import Path

HERE = Path(__file__).resolve().parent

GIB = 1 << 30

# One port of the Intel X710 that every host's log lists; nothing caps the migration below it.
LINK_BYTES_PER_S = 10_000_000_000 // 8

COLUMNS = [
    "id", "group", "series", "technique", "memory_bytes", "workload", "vcpus", "flavour",
    "storage", "disk_bytes", "tunnelling", "link_bytes_per_s", "concurrent_migrations",
    "source_host", "destination_host", "evacuation_start", "status", "total_time_s",
]


def migration(row):
    # A series is a file of the author: two files can hold the same flavour and settings.
    series = row["source_file"].removesuffix(".txt").removeprefix("lvm_")
    group = (
        f"{series}.{row['flavour']}.parallel{row['parallel_migrations']}"
        f".evacuation{int(row['evacuation_no']):02d}"
    )
    return {
        "id": f"{group}.{row['vm_slot'].lower()}",
        "group": group,
        "series": series,
        "technique": "precopy",
        "memory_bytes": int(row["ram_gib"]) * GIB,
        "workload": "spark-streaming",
        "vcpus": row["vcpus"],
        "flavour": row["flavour"],
        "storage": row["storage"],
        "disk_bytes": int(row["disk_gib"]) * GIB,
        "tunnelling": row["tunnelling"],
        "link_bytes_per_s": LINK_BYTES_PER_S,
        "concurrent_migrations": row["parallel_migrations"],
        "source_host": row["source_host"],
        "destination_host": row["dest_host"],
        "evacuation_start": row["evacuation_start"],
        "status": "completed",
        "total_time_s": row["duration_s"],
    }


def main():
    with open(HERE / "per_vm_durations.csv", newline="", encoding="utf-8") as source:
        rows = [row for row in csv.DictReader(source) if not row["repeats_file"]]
    with open(HERE / "migrations.csv", "w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(migration(row) for row in rows)


if __name__ == "__main__":
    main()
