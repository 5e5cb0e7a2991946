"""Tests of the data sets and of the scripts that make their trace tables.

Python's standard library only: `python3 -m unittest discover -s Tests/DataTests`.
"""

import csv
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "Notebooks-data"
SETS = ["qemu-tcg", "lordwicked-qemu-postgres", "osic-openstack-nova"]
DERIVED = ["lordwicked-qemu-postgres", "osic-openstack-nova"]
ROWS = {"qemu-tcg": 278, "lordwicked-qemu-postgres": 100, "osic-openstack-nova": 5431}

# What a migration alone makes known, in the sources of the derived sets.
SOURCE_OUTCOMES = {
    "lordwicked-qemu-postgres": (
        "runs.csv",
        {
            "samples", "setup_time_ms", "total_time_ms", "downtime_ms", "ram_transferred",
            "ram_remaining", "ram_duplicate", "ram_normal", "ram_normal_bytes",
            "ram_dirty_pages_rate", "ram_mbps", "ram_dirty_sync_count", "ram_postcopy_requests",
            "ram_multifd_bytes", "ram_pages_per_second", "ram_precopy_bytes", "ram_downtime_bytes",
            "ram_postcopy_bytes", "ram_dirty_sync_missed_zero_copy",
            "median_positive_dirty_pages_rate", "max_dirty_pages_rate",
            "max_cpu_throttle_percentage", "median_precopy_mbps", "postcopy_blocktime_ms",
            "event_migration_s", "event_outage_s",
        },
    ),
    "osic-openstack-nova": ("per_vm_durations.csv", {"duration_s"}),
}


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def header(path):
    with open(path, newline="", encoding="utf-8") as file:
        return next(csv.reader(file))


def glossary():
    """Name -> role, from the one place that has them."""
    text = (ROOT / "Sources/ModelCore/TraceColumns.swift").read_text(encoding="utf-8")
    return dict(re.findall(r'\.init\(\s*"(\w+)",\s*\.(\w+)', text))


def documented(name):
    """Name -> role, from the dictionary in the set's README; one role stands for all its names."""
    answer = {}
    text = (DATA / name / "README.md").read_text(encoding="utf-8")
    for names, roles in re.findall(r"^\| (`[^|]*`) \| ([^|]+) \|", text, re.MULTILINE):
        columns = re.findall(r"`(\w+)`", names)
        words = [role.strip() for role in roles.split(",")]
        for position, column in enumerate(columns):
            answer[column] = words[min(position, len(words) - 1)]
    return answer


def regenerated(name, change=None):
    """The table that the set's script writes in a copy of its folder."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        shutil.copytree(DATA / name, folder)
        (folder / "migrations.csv").unlink()
        if change:
            change(folder)
        subprocess.run(
            [sys.executable, "-I", str(folder / "make_migrations.py")], check=True, cwd=scratch
        )
        return (folder / "migrations.csv").read_bytes()


class EverySet(unittest.TestCase):
    def test_checksums(self):
        for name in SETS:
            listed = {}
            for line in (DATA / name / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
                digest, path = line.split("  ")
                listed[path] = digest
            found = {
                path.relative_to(DATA / name).as_posix()
                for path in (DATA / name).rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            } - {"SHA256SUMS"}
            self.assertEqual(set(listed), found, name)
            for path, digest in listed.items():
                content = (DATA / name / path).read_bytes()
                self.assertEqual(hashlib.sha256(content).hexdigest(), digest, f"{name}/{path}")

    def test_row_counts(self):
        index = (DATA / "README.md").read_text(encoding="utf-8")
        for name in SETS:
            path = DATA / name / "migrations.csv"
            self.assertEqual(len(read(path)), ROWS[name], name)
            line = next(line for line in index.splitlines() if line.startswith(f"| [{name}]"))
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            self.assertEqual(int(cells[1].split()[0]), ROWS[name], name)
            self.assertEqual(int(cells[2]), len(header(path)), name)
        self.assertEqual(len(read(DATA / "qemu-tcg/repeats.csv")), 112)

    def test_every_column_is_explained_with_its_role(self):
        known = glossary()
        self.assertEqual(known["downtime_s"], "outcome")
        self.assertGreater(len(known), 50)
        for name in SETS:
            roles = documented(name)
            for column in header(DATA / name / "migrations.csv"):
                self.assertIn(column, roles, f"{name}: {column} is not in the README")
                if column in known:
                    said = "setting" if roles[column] == "setting" else roles[column].split(" ")[0]
                    self.assertEqual(said, known[column], f"{name}: {column}")
                else:
                    self.assertIn(roles[column], {"id", "input", "setting", "outcome"}, column)
                if column.startswith("observed_"):
                    self.assertEqual(roles[column], "outcome", f"{name}: {column}")

    def test_unknown_columns_are_said_to_be_unknown(self):
        known = glossary()
        for name in SETS:
            text = (DATA / name / "README.md").read_text(encoding="utf-8")
            for column in header(DATA / name / "migrations.csv"):
                if column not in known:
                    line = next(x for x in text.splitlines() if x.startswith(f"| `{column}`"))
                    self.assertIn("not in the glossary", line, f"{name}: {column}")

    def test_ids_are_unique_and_domains_hold(self):
        for name in SETS:
            rows = read(DATA / name / "migrations.csv")
            self.assertEqual(len({row["id"] for row in rows}), len(rows), name)
            for row in rows:
                self.assertIn(row["status"], {"completed", "failed", "cancelled", "timeout"})
                self.assertGreater(float(row["memory_bytes"]), 0)
                self.assertGreater(float(row["total_time_s"]), 0)
                for column, value in row.items():
                    if value and re.search(r"_(bytes|s|bytes_per_s|pages)$", column):
                        self.assertGreaterEqual(float(value), 0, f"{name}: {row['id']}: {column}")


class DerivedSets(unittest.TestCase):
    def test_regenerating_gives_the_committed_bytes(self):
        for name in DERIVED:
            committed = (DATA / name / "migrations.csv").read_bytes()
            self.assertEqual(regenerated(name), committed, name)

    def test_no_outcome_reaches_an_input(self):
        """Every outcome of the source changes; no input, setting or id of the table may."""
        known = glossary()
        for name in DERIVED:
            source, outcomes = SOURCE_OUTCOMES[name]

            def change(folder, source=source, outcomes=outcomes):
                rows = read(folder / source)
                self.assertLessEqual(outcomes, set(rows[0]))
                for row in rows:
                    for column in outcomes:
                        if row[column]:
                            row[column] = str(float(row[column]) * 3 + 17)
                with open(folder / source, "w", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
                    writer.writeheader()
                    writer.writerows(rows)

            before = read(DATA / name / "migrations.csv")
            after = list(csv.DictReader(regenerated(name, change).decode().splitlines()))
            roles = documented(name)
            changed = {
                column
                for old, new in zip(before, after, strict=True)
                for column in old
                if old[column] != new[column]
            }
            self.assertIn("total_time_s", changed, "the change was not seen at all")
            for column in changed:
                role = known.get(column, roles[column])
                self.assertEqual(role, "outcome", f"{name}: {column} follows an outcome")


class Lordwicked(unittest.TestCase):
    """Worked by hand from the rows of runs.csv."""

    def setUp(self):
        rows = read(DATA / "lordwicked-qemu-postgres/migrations.csv")
        self.rows = {row["id"]: row for row in rows}

    def check(self, identity, expected):
        row = self.rows[identity]
        self.assertEqual({column: row[column] for column in expected}, expected)

    def test_autoconverge(self):
        # 44918 ms; 16481.0 and 30221 pages/s of 4096 B; 40 %; 128 MiB/s.
        self.check(
            "Autoconverge_16T.run01",
            {
                "technique": "precopy+autoconverge", "group": "Autoconverge_16T",
                "memory_bytes": "8607571968", "bandwidth_bytes_per_s": "134217728",
                "downtime_limit_s": "0.3", "total_time_s": "44.918", "setup_time_s": "0.001",
                "downtime_s": "0.013", "downtime_observed_s": "", "throttle_max": "0.4",
                "throttle_initial": "0.2", "observed_dirty_rate_bytes_per_s": "67506176",
                "observed_dirty_rate_max_bytes_per_s": "123785216", "workload": "ycsb-update",
                "normal_pages": "1486394", "zero_pages": "1326593", "postcopy_requests": "",
                "postcopy_after_s": "", "status": "completed", "vcpus": "4",
            },
        )

    def test_stop_and_copy(self):
        # QEMU says 17 ms; the events say 14.6 s.
        self.check(
            "Stop_Copy_4T.run01",
            {
                "technique": "stop-and-copy", "downtime_s": "0.017", "precopy_bytes": "0",
                "downtime_observed_s": "14.645157", "total_time_s": "14.119",
                "downtime_bytes": "1922389171", "observed_dirty_rate_bytes_per_s": "",
            },
        )

    def test_hybrid_and_postcopy(self):
        self.check(
            "Postcopy_Late_16T_25s.run01",
            {"technique": "hybrid", "postcopy_after_s": "25", "total_time_s": "25.77",
             "downtime_s": "0.082", "postcopy_bytes": "1246031087",
             "observed_postcopy_blocktime_s": "0"},
        )
        self.check(
            "Postcopy_16T.run01",
            {"technique": "postcopy", "postcopy_after_s": "0", "total_time_s": "2.06",
             "postcopy_requests": "4474", "observed_postcopy_blocktime_s": "0.008"},
        )

    def test_nonconvergent_runs_are_censored(self):
        for row in self.rows.values():
            is_censored = row["group"].startswith("Precopy_Nonconvergent_")
            self.assertEqual(row["status"], "timeout" if is_censored else "completed", row["id"])
            self.assertEqual(row["observed_status"], "completed")
        self.assertEqual(sum(row["status"] == "timeout" for row in self.rows.values()), 20)
        self.check("Precopy_Nonconvergent_OnlyReads_16T.run01", {"workload": "ycsb-read"})

    def test_what_is_not_known_before_is_absent(self):
        columns = header(DATA / "lordwicked-qemu-postgres/migrations.csv")
        for column in ("dirty_rate_bytes_per_s", "used_bytes", "zero_fraction"):
            self.assertNotIn(column, columns)

    def test_counters_add_up_to_the_transfer(self):
        # The counters are read at slightly different moments: 0.1 % of the transfer is allowed.
        for row in self.rows.values():
            parts = sum(
                int(row[column]) for column in ("precopy_bytes", "downtime_bytes", "postcopy_bytes")
            )
            total = int(row["transferred_bytes"])
            self.assertLess(abs(parts - total), 0.001 * total, row["id"])


class Osic(unittest.TestCase):
    def setUp(self):
        self.rows = read(DATA / "osic-openstack-nova/migrations.csv")

    def test_first_row(self):
        # 4 GiB, 40 GiB, 10 Gbit/s.
        self.assertEqual(
            self.rows[0],
            {
                "id": "tun_off_block_storage_sml.small.parallel1.evacuation01.vm1",
                "group": "tun_off_block_storage_sml.small.parallel1.evacuation01",
                "series": "tun_off_block_storage_sml", "technique": "precopy",
                "memory_bytes": "4294967296", "workload": "spark-streaming", "vcpus": "2",
                "flavour": "small", "storage": "block", "disk_bytes": "42949672960",
                "tunnelling": "off", "link_bytes_per_s": "1250000000",
                "concurrent_migrations": "1", "source_host": "compute07",
                "destination_host": "compute04",
                "evacuation_start": "Thu Feb  2 18:36:07 CST 2017", "status": "completed",
                "total_time_s": "57.627002000808716",
            },
        )

    def test_repeats_are_dropped_and_evacuations_match(self):
        source = read(DATA / "osic-openstack-nova/per_vm_durations.csv")
        self.assertEqual(len(source), 6511)
        distinct = [row for row in source if not row["repeats_file"]]
        self.assertEqual(
            [row["duration_s"] for row in distinct], [row["total_time_s"] for row in self.rows]
        )
        evacuations = read(DATA / "osic-openstack-nova/evacuations.csv")
        self.assertEqual(len(evacuations), 934)
        kept = [row for row in evacuations if not row["repeats_file"]]
        self.assertEqual(len({row["group"] for row in self.rows}), len(kept))
        self.assertEqual(sum(int(row["vms_reported"]) for row in kept), len(self.rows))

    def test_the_concurrency_experiment_as_documented(self):
        # Means stated in the README to one decimal.
        stated = {"1": 16.5, "2": 31.9, "3": 44.7, "4": 56.1}
        for concurrency, mean in stated.items():
            times = [
                float(row["total_time_s"])
                for row in self.rows
                if row["series"].endswith("parallel") and row["concurrent_migrations"] == concurrency
            ]
            self.assertEqual(len(times), 480)
            self.assertLess(abs(sum(times) / len(times) - mean), 0.051)


class QemuTcg(unittest.TestCase):
    def setUp(self):
        self.rows = read(DATA / "qemu-tcg/migrations.csv")

    def test_bandwidth_is_the_least_of_the_settings(self):
        for row in self.rows:
            limits = [row["bandwidth_cap_bytes_per_s"], row["link_bytes_per_s"]]
            least = min(float(limit) for limit in limits if limit)
            self.assertEqual(float(row["bandwidth_bytes_per_s"]), least, row["id"])

    def test_the_last_samples_agree_with_the_table(self):
        # A second route to total time and bytes: the raw replies.
        for row in self.rows:
            with gzip.open(DATA / f"qemu-tcg/samples/{row['id']}.jsonl.gz", "rt") as file:
                replies = [json.loads(line)["qm"] for line in file]
            done = [reply for reply in replies if reply.get("status") == "completed"]
            self.assertEqual(bool(done), row["status"] == "completed", row["id"])
            if done:
                self.assertEqual(done[-1]["total-time"], round(float(row["total_time_s"]) * 1000))
                self.assertEqual(done[-1]["ram"]["transferred"], int(row["transferred_bytes"]))

    def test_repeats_belong_to_rows(self):
        originals = {row["id"]: row for row in self.rows}
        for row in read(DATA / "qemu-tcg/repeats.csv"):
            original = originals[row["group"]]
            for column in ("technique", "memory_bytes", "bandwidth_bytes_per_s", "transport"):
                self.assertEqual(row[column], original[column], row["id"])


if __name__ == "__main__":
    unittest.main()
