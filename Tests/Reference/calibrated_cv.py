#!/usr/bin/env python3
"""Holds `cutover fit --model calibrated` and `predict --fit --interval` against rows that the fit
has not seen, and prints errors and coverage per technique.

    calibrated_cv.py CUTOVER TRACE.csv MODE [OUT.csv]

full       grouped 10-fold cross-validation with all input columns
planner    the same with what a planner knows without instruments in the guest
sparse     the same with one bandwidth, whatever limits it, and nothing else of the link
technique  train on all techniques but one, test on it
bandwidth  train below the median bandwidth, test above
curve      train on 20, 50, 100 and 200 rows, test on the rest
columns-planner, columns-sparse
           no fit: writes the trace with those columns to OUT.csv, for other models

OUT.csv gets the predictions of full, planner and sparse, one row per migration, with the fold. The files that predictions are made for hold id, input and setting columns only. Only the standard
library is needed.
"""
import csv, os, random, statistics, subprocess, sys, tempfile

OUTCOMES = """status total_time_s setup_time_s downtime_s downtime_observed_s transferred_bytes
precopy_bytes downtime_bytes postcopy_bytes wire_bytes normal_pages zero_pages dirty_syncs
throttle_max postcopy_requests guest_slowdown host_other_cpu_cores""".split()
SPARSE = """id group technique memory_bytes used_bytes dirty_rate_bytes_per_s dirty_rate_window_s
bandwidth_bytes_per_s downtime_limit_s time_limit_s multifd_channels xbzrle_cache_bytes
throttle_initial throttle_increment throttle_trigger postcopy_bandwidth_bytes_per_s
postcopy_after_rounds""".split()
# What an operator knows of the network and sets in the hypervisor.
LINK = "link_bytes_per_s link_delay_s bandwidth_cap_bytes_per_s".split()
KNOWN = {"planner": SPARSE + LINK, "sparse": SPARSE}
TARGETS = ["total_time_s", "transferred_bytes", "downtime_observed_s"]


def write(path, rows, columns):
    with open(path, "w", newline="") as file:
        out = csv.DictWriter(file, columns, extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)


def predicted(cutover, train, test, inputs, folder):
    paths = {n: os.path.join(folder, n) for n in ("train.csv", "test.csv", "m.json", "p.csv")}
    write(paths["train.csv"], train, inputs + OUTCOMES)
    write(paths["test.csv"], test, inputs)
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([cutover, "fit", paths["train.csv"], "--model", "calibrated",
                    "-o", paths["m.json"]], **quiet)
    subprocess.run([cutover, "predict", "--fit", paths["m.json"], "--scenarios", paths["test.csv"],
                    "--interval", "90", "-o", paths["p.csv"]], **quiet)
    with open(paths["p.csv"]) as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def quantile(values, p):
    values = sorted(values)
    x = p * (len(values) - 1)
    i = int(x)
    return values[i] if i + 1 == len(values) else values[i] + (x - i) * (values[i + 1] - values[i])


def line(name, rows, answers):
    done = [r for r in rows if r["status"] == "completed"]
    if not done:
        return
    text = f"{name:28s} {len(done):4d}"
    for target in TARGETS:
        errors, inside, widths = [], [], []
        for row in done:
            a, seen = answers[row["id"]], float(row[target])
            errors.append(abs(float(a[target]) / seen - 1))
            if a[target + "_lower"]:
                low, high = float(a[target + "_lower"]), float(a[target + "_upper"])
                inside.append(low <= seen <= high)
                widths.append(high / low)
        text += f" | {100 * quantile(errors, .5):6.1f} {100 * quantile(errors, .9):6.1f}"
        text += (f" {100 * sum(inside) / len(inside):4.0f} {statistics.median(widths):6.2f}"
                 if inside else "    -      -")
    right = sum((answers[r["id"]]["converged"] == "true") == (r["status"] == "completed")
                for r in rows)
    print(text, f"| {100 * right / len(rows):.1f}", flush=True)


def report(rows, answers):
    print("median and 90th percentile of |p-o|/o in %, coverage of the 90 % interval in %, its"
          " median upper/lower, for", ", ".join(TARGETS), "; right verdicts in %")
    for technique in sorted({r["technique"] for r in rows}):
        line(technique, [r for r in rows if r["technique"] == technique], answers)
    line("ALL", rows, answers)


def folds(rows):
    """The groups of each of ten folds; other scripts use the same."""
    groups = sorted({r["group"] for r in rows})
    random.Random(7).shuffle(groups)
    return [set(groups[fold::10]) for fold in range(10)]


def main(cutover, trace, mode="full", out=None):
    with open(trace) as file:
        rows = list(csv.DictReader(file))
    inputs = [c for c in rows[0] if c not in OUTCOMES]
    known = KNOWN.get(mode.removeprefix("columns-"))
    if known:
        inputs = [c for c in inputs if c in known]
    if mode.startswith("columns-"):
        write(out, rows, inputs)
        return
    groups = sorted({r["group"] for r in rows})
    random.Random(7).shuffle(groups)
    with tempfile.TemporaryDirectory() as folder:
        def split(name, is_test):
            train = [r for r in rows if not is_test(r)]
            test = [r for r in rows if is_test(r)]
            answers = predicted(cutover, train, test, inputs, folder)
            if name:
                line(name, test, answers)
            return answers
        if mode in ("full", "planner", "sparse"):
            answers = {}
            for fold, held in enumerate(folds(rows)):
                part = split(None, lambda r: r["group"] in held)
                for answer in part.values():
                    answer["fold"] = fold
                answers.update(part)
            report(rows, answers)
            if out:
                ends = ["", "_lower", "_upper"]
                columns = ["id", "fold", "converged", "completion_probability"]
                columns += [target + end for target in TARGETS for end in ends]
                write(out, list(answers.values()), columns)
        elif mode == "technique":
            for technique in sorted({r["technique"] for r in rows}):
                split(technique, lambda r: r["technique"] == technique)
        elif mode == "bandwidth":
            middle = statistics.median(float(r["bandwidth_bytes_per_s"]) for r in rows)
            split("above the median", lambda r: float(r["bandwidth_bytes_per_s"]) > middle)
        elif mode == "curve":
            for count in (20, 50, 100, 200):
                taught = set(groups[:count])
                split(f"{count} rows", lambda r: r["group"] not in taught)
        else:
            sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 3 or (sys.argv[3:4] == ["columns"] and len(sys.argv) < 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
