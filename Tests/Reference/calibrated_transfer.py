#!/usr/bin/env python3
"""What a fit on one site is worth on another: parameters from the lab, bandwidth and fixed costs
refitted on a tenth of the other site's rows, errors on its other rows.

    calibrated_transfer.py CUTOVER LAB.csv SITE.csv OUT.csv [REPEATS]

SITE.csv is that of Notebooks-data/lordwicked-qemu-postgres: its rows state neither used memory nor
a dirty rate. The workload and its client threads are one name, as a site would write it.

split 'random' draws a tenth of the rows, seeds 1 to REPEATS (default 10); split 'scenario' gives
one whole scenario, which the others share nothing with, and stands for a site that has migrated
one machine in one way. The models:

calibrated               the lab's fit, then fit --warm-start --free bandwidth,fixed-costs
calibrated, no lab       fitted to the tenth alone, from its priors
calibrated, lab only     the lab's fit as it is
median of the like       median of the tenth's rows of the same scenario, else technique and
                         workload, technique, all: what one reads off the tenth without a model
ID                       a model of the literature, given what the rows state
ID, informed             the same, given what the tenth's outcomes say per workload: used memory
                         (memory less zero pages) and the dirty rate seen during the migrations

Models of the literature that 'cutover fit' can teach are fitted to the tenth. Each line holds the
rows that the model answers, and calibrated's errors on these same rows. Stop-and-copy has no
downtime_s of its own, see the data's README, and is not counted there. Only the standard library
is needed.
"""
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile

from calibrated_cv import OUTCOMES, quantile

TARGETS = ["total_time_s", "downtime_s", "transferred_bytes"]
NOT_INPUTS = set(OUTCOMES) | {"observed_status", "observed_postcopy_blocktime_s",
                              "observed_dirty_rate_bytes_per_s",
                              "observed_dirty_rate_max_bytes_per_s"}
USED = ["memory-over-bandwidth+used", "liu.basic+used", "liu.capped+used", "liu.refined+used",
        "akoush.avg+used"]
INFORMED = ["used_bytes", "dirty_rate_bytes_per_s", "dirty_rate_window_s"]


def read(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def write(path, rows, columns):
    with open(path, "w", newline="") as file:
        out = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


class Site:
    def __init__(self, cutover, lab, rows, folder):
        self.cutover, self.rows, self.folder = cutover, rows, folder
        self.inputs = [c for c in rows[0] if c not in NOT_INPUTS]
        self.lab = self.path("lab.json")
        self.run("fit", lab, "--model", "calibrated", "-o", self.lab)
        listed = subprocess.run([cutover, "models", "list", "--format", "csv"], check=True,
                                capture_output=True, text=True).stdout.splitlines()
        self.models = [r["model"] for r in csv.DictReader(listed)] + USED

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *arguments):
        return subprocess.run([self.cutover, *arguments], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def answers(self, *arguments):
        """By id and target, what a prediction says."""
        if not self.run("predict", *arguments, "--scenarios", self.path("test.csv"),
                        "-o", self.path("p.csv")):
            return {}
        found = {}
        for row in read(self.path("p.csv")):
            # A word stands for one of the seconds' columns beside outcomes; there are none here.
            for target in TARGETS:
                value = row.get("predicted_" + target) or row.get(target)
                if value:
                    found[row["id"], target] = float(value)
            found[row["id"], "converged"] = row.get("converged")
        return found

    def literature(self, suffix, columns):
        train, fitted = self.path("train.csv"), self.path("literature.json")
        found = {}
        for model in self.models:
            if self.run("fit", train, "--model", model, "-o", fitted):
                found[model + suffix] = self.answers("--fit", fitted)
            else:
                found[model + suffix] = self.answers("--model", model)
        return found

    def all_answers(self, train, test):
        columns = self.inputs + [c for c in OUTCOMES if c in train[0]]
        write(self.path("train.csv"), train, columns)
        write(self.path("test.csv"), test, self.inputs)
        found = {"median of the like": like(train, test)}
        fit, train_path = self.path("site.json"), self.path("train.csv")
        if self.run("fit", train_path, "--model", "calibrated", "--warm-start", self.lab,
                    "--free", "bandwidth,fixed-costs", "-o", fit):
            found["calibrated"] = self.answers("--fit", fit)
        if self.run("fit", train_path, "--model", "calibrated", "-o", fit):
            found["calibrated, no lab"] = self.answers("--fit", fit)
        found["calibrated, lab only"] = self.answers("--fit", self.lab)
        found.update(self.literature("", self.inputs))
        inform(train, train + test)
        write(self.path("train.csv"), train, columns + INFORMED)
        write(self.path("test.csv"), test, self.inputs + INFORMED)
        found.update(self.literature(", informed", self.inputs + INFORMED))
        return found


def like(train, test):
    levels = [("technique", "workload", "postcopy_after_s"), ("technique", "workload"),
              ("technique",), ()]
    found = {}
    for row in test:
        for target in TARGETS:
            for level in levels:
                values = [float(r[target]) for r in train if r[target]
                          and r["status"] == "completed" and all(r[c] == row[c] for c in level)]
                if values:
                    found[row["id"], target] = statistics.median(values)
                    break
    return found


def inform(train, rows):
    """Fills in, from the outcomes of the training rows alone, what the rows do not state."""
    def typical(row, value):
        for same in (lambda r: r["workload"] == row["workload"], lambda r: True):
            values = [value(r) for r in train if same(r) and value(r) is not None]
            if values:
                return statistics.median(values)
        return None

    def used(r):
        return float(r["memory_bytes"]) - float(r["zero_pages"]) * float(r["page_size_bytes"])

    def dirty(r):
        value = r["observed_dirty_rate_bytes_per_s"]
        return float(value) if value else None
    filled = [(typical(row, used), typical(row, dirty)) for row in rows]
    for row, (memory, rate) in zip(rows, filled):
        row["used_bytes"] = repr(memory)
        row["dirty_rate_bytes_per_s"] = "" if rate is None else repr(rate)
        row["dirty_rate_window_s"] = "1"


def main(cutover, lab, site, out, repeats="10"):
    rows = read(site)
    for row in rows:
        row["workload"] += "-" + row["ycsb_threads"]
    scenarios = sorted({r["group"] for r in rows})
    splits = [("random", set(random.Random(seed).sample([r["id"] for r in rows], len(rows) // 10)))
              for seed in range(1, int(repeats) + 1)]
    splits += [("scenario", {r["id"] for r in rows if r["group"] == name}) for name in scenarios]
    errors, verdicts = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        world = Site(cutover, lab, rows, folder)
        for split, ids in splits:
            train = [dict(r) for r in rows if r["id"] in ids]
            test = [dict(r) for r in rows if r["id"] not in ids]
            if not any(r["status"] == "completed" for r in train):
                continue
            found = world.all_answers(train, test)
            for row in test:
                said = found.get("calibrated", {}).get((row["id"], "converged"))
                if said:
                    verdicts.setdefault(split, []).append(
                        (said == "true") == (row["status"] == "completed"))
                if row["status"] != "completed":
                    continue
                for target in TARGETS:
                    if not row[target] or (target == "downtime_s"
                                           and row["technique"] == "stop-and-copy"):
                        continue
                    seen = float(row[target])
                    mine = found.get("calibrated", {}).get((row["id"], target))
                    for model, answers in found.items():
                        value = answers.get((row["id"], target))
                        if value is None or mine is None:
                            continue
                        errors.setdefault((split, target, model), []).append(
                            (abs(value / seen - 1), abs(mine / seen - 1)))
    table = []
    for (split, target, model), pairs in errors.items():
        theirs, mine = zip(*pairs)
        table.append({
            "split": split, "target": target, "model": model, "n": len(pairs),
            "mdape": f"{quantile(theirs, .5):.4g}", "p90_ape": f"{quantile(theirs, .9):.4g}",
            "calibrated_mdape": f"{quantile(mine, .5):.4g}",
            "calibrated_p90_ape": f"{quantile(mine, .9):.4g}"})
    table.sort(key=lambda r: (r["split"], TARGETS.index(r["target"]),
                              r["model"] != "calibrated", float(r["mdape"])))
    write(out, table, list(table[0]))
    for split, right in verdicts.items():
        print(f"{split}: completion called right in {100 * sum(right) / len(right):.1f} % of"
              f" {len(right)} rows")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
