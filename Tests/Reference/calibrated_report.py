#!/usr/bin/env python3
"""Tables and plots of the calibrated model on rows held out, beside the literature's models and
scikit-learn's.

    calibrated_report.py TRACE.csv FOLDER full|planner|sparse CALIBRATED.csv LEARNED.csv LITERATURE.csv...

Of planner and sparse, with fewer columns, only the comparison and the coverage are written.
CALIBRATED.csv is what calibrated_cv.py writes, LEARNED.csv what learned_baselines.py writes,
LITERATURE.csv what 'cutover predict --model all --scenarios TRACE.csv' writes; their downtime is
held against the observed one. Needs the standard library, and gnuplot for
the plots. An unanswered row counts as an error without bound.
"""
import csv
import math
import os
import statistics
import subprocess
import sys

from calibrated_cv import OUTCOMES, TARGETS, quantile

INPUTS = """memory_bytes used_bytes zero_fraction incompressible_fraction dirty_rate_bytes_per_s
write_rate_pages_per_s write_words_per_page working_set_bytes hot_set_bytes hot_write_fraction
bandwidth_bytes_per_s link_delay_s downtime_limit_s""".split()


# 'predict' names its columns so, with "predicted_" in front where the scenarios have such columns.
LITERATURE = {"total_time_s": "total_time_s", "transferred_bytes": "transferred_bytes",
              "downtime_observed_s": "downtime_s"}


def read(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def write(path, columns, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def number(value):
    return "" if value is None or math.isnan(value) else f"{value:.4g}"


def symmetric(p, o):
    """2|p-o|/(p+o), 0 to 2; an unanswered row counts 2."""
    return 2.0 if p is None or not math.isfinite(p) else 2 * abs(p - o) / (p + o)


def error(p, o):
    return math.inf if p is None or not math.isfinite(p) else abs(p / o - 1)


def comparison(done, answers, best):
    """A row per outcome, set of rows and model; the difference to the calibrated one is paired."""
    table = []
    for target in TARGETS:
        for subset in ("all", "precopy"):
            rows = [r for r in done if subset in ("all", r["technique"])]
            mine = [symmetric(answers[best].get((r["id"], target)), float(r[target])) for r in rows]
            for model in answers:
                if not any((r["id"], target) in answers[model] for r in rows):
                    continue
                pairs = [(answers[model].get((r["id"], target)), float(r[target])) for r in rows]
                errors = [error(p, o) for p, o in pairs]
                theirs = [symmetric(p, o) for p, o in pairs]
                gaps = [t - m for t, m in zip(theirs, mine)]
                spread = statistics.stdev(gaps) / math.sqrt(len(gaps))
                table.append([target, subset, model, len(rows),
                              sum(not math.isfinite(e) for e in errors),
                              number(quantile(errors, .5)), number(quantile(errors, .9)),
                              number(statistics.mean(theirs)), number(statistics.mean(gaps)),
                              number(spread) if model != best else ""])
    return table


def binomial_band(n, p=0.9):
    """The central 95 % of the share of n rows that hold with probability p."""
    total, low, high = 0.0, None, None
    for k in range(n + 1):
        total += math.comb(n, k) * p ** k * (1 - p) ** (n - k)
        if low is None and total >= 0.025:
            low = k
        if high is None and total >= 0.975:
            high = k
    return low / n, high / n


def coverage(done, calibrated, learned):
    table = []
    techniques = sorted({r["technique"] for r in done})
    for target in TARGETS:
        for technique in ["all"] + techniques:
            rows = [r for r in done if technique in ("all", r["technique"])]
            for model, bounds in (("calibrated", calibrated), ("gradient-boosting", learned)):
                held = [(float(r[target]), bounds[r["id"], target]) for r in rows
                        if (r["id"], target) in bounds]
                if not held:
                    continue
                inside = [low <= seen <= high for seen, (low, high) in held]
                widths = [high / low for _, (low, high) in held if low > 0]
                low, high = binomial_band(len(held))
                share = sum(inside) / len(inside)
                table.append([target, technique, model, len(held), number(share), number(low),
                              number(high), "true" if low <= share <= high else "false",
                              number(statistics.median(widths))])
    return table


def noise_floor(repeats):
    """How far one run is from the median of the others with the same settings: no predictor can do
    better."""
    groups = {}
    for r in repeats:
        if r["status"] == "completed":
            groups.setdefault(r["group"], []).append(r)
    table = []
    for target in TARGETS:
        gaps = []
        for rows in groups.values():
            values = [float(r[target]) for r in rows]
            for k, value in enumerate(values):
                others = values[:k] + values[k + 1:]
                if others:
                    gaps.append(abs(value / statistics.median(others) - 1))
        table.append([target, len(gaps), number(quantile(gaps, .5)), number(quantile(gaps, .9))])
    return table


# What a planner cannot know before the start, or what the physics describes poorly. Only to tell
# where errors come from: no prediction sees these sets.
SETS = {
    "all": lambda r: True,
    "not compressing": lambda r: not r["technique"].endswith(("compress", "zlib", "zstd")),
    "other work took less than 0.3 cores": lambda r: float(r["host_other_cpu_cores"]) < 0.3,
    "other work took 0.3 cores and more": lambda r: float(r["host_other_cpu_cores"]) >= 0.3,
    "compressing": lambda r: r["technique"].endswith(("compress", "zlib", "zstd")),
    "done within half a second": lambda r: float(r["total_time_s"]) < 0.5,
    "behind a shaped link": lambda r: bool(r["link_bytes_per_s"]),
    "direct": lambda r: not r["link_bytes_per_s"],
}


def limits(done, answers, repeats):
    """Errors of sets of rows, and on the configurations that were repeated: how far the run in the
    trace, and how far the prediction, is from the median of the repeats, on a host without other
    work."""
    table = []
    for target in TARGETS:
        for name, belongs in SETS.items():
            errors = [error(answers[r["id"], target], float(r[target])) for r in done if belongs(r)]
            table.append([target, name, len(errors), number(quantile(errors, .5)),
                          number(quantile(errors, .9))])
        runs, predictions = [], []
        for r in done:
            same = [float(q[target]) for q in repeats
                    if q["group"] == r["id"] and q["status"] == "completed"]
            if same:
                middle = statistics.median(same)
                runs.append(error(float(r[target]), middle))
                predictions.append(error(answers[r["id"], target], middle))
        for name, errors in (("the run in the trace against the median of its repeats", runs),
                             ("the prediction against the median of the repeats", predictions)):
            table.append([target, name, len(errors), number(quantile(errors, .5)),
                          number(quantile(errors, .9))])
    return table


def plot(path, script, data):
    text = "set terminal svg size 900,620 font 'sans,13' background rgb 'white'\n"
    text += f"set output '{path}'\nset grid\n$data << EOD\n"
    text += "\n".join(" ".join(f"{x:.6g}" for x in row) for row in data) + "\nEOD\n" + script
    subprocess.run(["gnuplot"], input=text, text=True, check=True)


def plots(folder, done, calibrated):
    units = {"total_time_s": "total time, s", "transferred_bytes": "traffic, B",
             "downtime_observed_s": "pause of the guest, s"}
    for target in TARGETS:
        rows = [(r, calibrated[r["id"]]) for r in done]
        points = [[float(r[target]), float(a[target]), float(a[target + "_lower"]),
                   float(a[target + "_upper"])] for r, a in rows if a[target + "_lower"]]
        plot(os.path.join(folder, f"predicted-{target}.svg"),
             f"set logscale xy\nset xlabel 'observed {units[target]}'\n"
             f"set ylabel 'predicted, with its 90 % interval'\nunset key\n"
             "plot $data using 1:2:3:4 with yerrorbars pt 7 ps 0.4 lc rgb '#3060a0', "
             "x with lines lc rgb 'black'\n", points)
        for name in INPUTS:
            data = [[float(r[name]), math.log(float(r[target]) / float(a[target]))]
                    for r, a in rows if r[name] and float(r[name]) >= 0]
            scale = "" if any(x == 0 for x, _ in data) else "set logscale x\n"
            plot(os.path.join(folder, f"residual-{target}-{name}.svg"),
                 f"{scale}set xlabel '{name}' noenhanced\nset ylabel "
                 f"'log(observed / predicted), {units[target]}'\nunset key\n"
                 "plot $data using 1:2 with points pt 7 ps 0.5 lc rgb '#3060a0', "
                 "0 with lines lc rgb 'black'\n", data)


def main(trace, folder, mode, calibrated_path, learned_path, *literature_paths):
    os.makedirs(folder, exist_ok=True)
    done = [r for r in read(trace) if r["status"] == "completed"]
    calibrated = {r["id"]: r for r in read(calibrated_path)}
    answers = {"calibrated": {(i, t): float(r[t]) for i, r in calibrated.items() for t in TARGETS}}
    lower, upper = {}, {}
    for r in read(learned_path):
        key, value = (r["id"], r["target"]), float(r["predicted"])
        if r["model"].endswith("-lower"):
            lower[key] = value
        elif r["model"].endswith("-upper"):
            upper[key] = value
        else:
            answers.setdefault(r["model"], {})[key] = value
    for r in (r for path in literature_paths for r in read(path)):
        for target, column in LITERATURE.items():
            value = r.get("predicted_" + column, r.get(column))
            if value:
                answers.setdefault(r["model"], {})[r["id"], target] = float(value)
    suffix = "" if mode == "full" else f"-{mode}"
    write(os.path.join(folder, f"comparison{suffix}.csv"),
          ["target", "rows", "model", "n", "unanswered", "mdape", "p90_ape", "smape", "smape_diff",
           "smape_diff_se"], comparison(done, answers, "calibrated"))
    mine = {(i, t): (float(r[t + "_lower"]), float(r[t + "_upper"]))
            for i, r in calibrated.items() for t in TARGETS if r[t + "_lower"]}
    theirs = {k: (lower[k], max(lower[k], upper[k])) for k in lower if k in upper}
    write(os.path.join(folder, f"coverage{suffix}.csv"),
          ["target", "technique", "model", "n", "coverage", "band_lower", "band_upper", "in_band",
           "median_upper_over_lower"], coverage(done, mine, theirs))
    if mode != "full":
        return
    repeats = os.path.join(os.path.dirname(trace), "repeats.csv")
    if os.path.exists(repeats):
        write(os.path.join(folder, "noise-floor.csv"), ["target", "n", "mdape", "p90_ape"],
              noise_floor(read(repeats)))
        write(os.path.join(folder, "limits.csv"), ["target", "rows", "n", "mdape", "p90_ape"],
              limits(done, answers["calibrated"], read(repeats)))
    plots(folder, done, calibrated)


if __name__ == "__main__":
    if len(sys.argv) < 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])
