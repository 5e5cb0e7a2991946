"""Tests of the recorded dirty histories: nothing changed, and what the README says holds.

Python's standard library only: `python3 -m unittest discover -s Tests/DataTests`.
"""

import csv
import gzip
import hashlib
import re
import unittest
from pathlib import Path

SET = Path(__file__).resolve().parents[2] / "Notebooks-data" / "guest-histories"


def histories():
    with gzip.open(SET / "histories.csv.gz", "rt", newline="", encoding="utf-8") as file:
        return [
            (row["id"], row["slot_s"], int(row["slot"]), int(row["first_page"]),
             int(row["page_count"]))
            for row in csv.DictReader(file)
        ]


class GuestHistories(unittest.TestCase):
    def test_checksums(self):
        listed = dict(
            reversed(line.split("  "))
            for line in (SET / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
        found = {path.name for path in SET.iterdir()} - {"SHA256SUMS"}
        self.assertEqual(set(listed), found)
        for path, digest in listed.items():
            self.assertEqual(hashlib.sha256((SET / path).read_bytes()).hexdigest(), digest, path)

    def test_runs_are_sorted_apart_and_inside_the_memory(self):
        last = ("", -1, -1)
        for name, slot_s, slot, first, count in histories():
            self.assertEqual(slot_s, "0.1")
            self.assertGreater((name, slot, first), last)
            self.assertGreater(count, 0)
            self.assertLessEqual(first + count, 64 * 256)
            last = (name, slot, first + count)

    def test_every_slot_is_there_and_rates_are_their_means(self):
        rows = histories()
        with open(SET / "rates.csv", newline="", encoding="utf-8") as file:
            rates = list(csv.DictReader(file))
        self.assertEqual([row["id"] for row in rates], sorted({row[0] for row in rows}))
        for rate in rates:
            own = [row for row in rows if row[0] == rate["id"]]
            self.assertEqual({row[2] for row in own}, set(range(int(rate["slots"]))))
            self.assertEqual(len(own), int(rate["runs"]))
            mean = sum(row[4] for row in own) * 4096 / (int(rate["slots"]) * 0.1)
            self.assertAlmostEqual(mean, float(rate["dirty_rate_bytes_per_s"]), delta=1e-6 * mean)

    def test_readme_counts_and_columns(self):
        text = (SET / "README.md").read_text(encoding="utf-8")
        rows = re.search(r"`histories.csv.gz` \| (\d+)", text)
        self.assertEqual(int(rows.group(1)), len(histories()))
        named = set(re.findall(r"`(\w+)`", text))
        with gzip.open(SET / "histories.csv.gz", "rt", encoding="utf-8") as file:
            self.assertLessEqual(set(file.readline().strip().split(",")), named)
        header = (SET / "rates.csv").read_text(encoding="utf-8").splitlines()[0]
        self.assertLessEqual(set(header.split(",")), named)


if __name__ == "__main__":
    unittest.main()
