#!/usr/bin/env python3
"""Out-of-fold predictions of scikit-learn's models, with the folds and inputs of
calibrated_cv.py, so that the calibrated model can be held against them.

    learned_baselines.py TRACE.csv OUT.csv [full|planner|sparse|curve]

Gradient boosting, random forest and SVR on the logarithm of each outcome; gradient boosting of the
5 % and 95 % quantiles for intervals. With curve, OUT.csv holds errors instead: trained on as many
rows as calibrated_cv.py's curve, judged on the rest. Numbers enter as logarithms of 1 + x as well as they stand,
text as one column per value, what is absent as -1 with a flag. Needs scikit-learn and NumPy.
"""
import csv
import math
import random
import sys

import numpy
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from calibrated_cv import KNOWN, OUTCOMES, TARGETS, folds

TEXT = ["technique", "workload", "transport"]


def features(rows, inputs):
    columns = []
    for name in inputs:
        if name in ("id", "group"):
            continue
        values = [r[name] for r in rows]
        if name in TEXT:
            for value in sorted(set(values)):
                columns.append([1.0 if v == value else 0.0 for v in values])
            continue
        numbers = [float(v) if v else None for v in values]
        columns.append([0.0 if v is None else 1.0 for v in numbers])
        columns.append([-1.0 if v is None else math.log1p(v) for v in numbers])
        columns.append([-1.0 if v is None else v for v in numbers])
    return numpy.array(columns).T


def models():
    boosted = {"n_estimators": 300, "learning_rate": 0.05, "max_depth": 3, "random_state": 1}
    return {
        "gradient-boosting": lambda: GradientBoostingRegressor(**boosted),
        "random-forest": lambda: RandomForestRegressor(n_estimators=500, random_state=1),
        "svr": lambda: make_pipeline(StandardScaler(), SVR(C=10.0, epsilon=0.01)),
        "gradient-boosting-lower": lambda: GradientBoostingRegressor(
            loss="quantile", alpha=0.05, **boosted),
        "gradient-boosting-upper": lambda: GradientBoostingRegressor(
            loss="quantile", alpha=0.95, **boosted),
    }


def curve(rows, matrix, out):
    groups = sorted({r["group"] for r in rows})
    random.Random(7).shuffle(groups)
    done = numpy.array([r["status"] == "completed" for r in rows])
    with open(out, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["rows", "model", "target", "judged", "mdape", "p90_ape"])
        for count in (20, 50, 100, 200):
            taught = numpy.array([r["group"] in groups[:count] for r in rows])
            for target in TARGETS:
                seen = numpy.array([float(r[target] or "nan") for r in rows])
                train, test = done & taught, done & ~taught
                for name, make in models().items():
                    if name.endswith(("-lower", "-upper")):
                        continue
                    model = make().fit(matrix[train], numpy.log(seen[train]))
                    errors = abs(numpy.exp(model.predict(matrix[test])) / seen[test] - 1)
                    middle, high = numpy.quantile(errors, [0.5, 0.9])
                    writer.writerow([count, name, target, int(test.sum()),
                                     f"{middle:.4g}", f"{high:.4g}"])


def main(trace, out, mode="full"):
    with open(trace) as file:
        rows = list(csv.DictReader(file))
    inputs = [c for c in rows[0] if c not in OUTCOMES]
    if mode in KNOWN:
        inputs = [c for c in inputs if c in KNOWN[mode]]
    matrix = features(rows, inputs)
    if mode == "curve":
        return curve(rows, matrix, out)
    parts = folds(rows)
    fold = numpy.array([next(k for k, held in enumerate(parts) if r["group"] in held) for r in rows])
    done = numpy.array([r["status"] == "completed" for r in rows])
    with open(out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "model", "target", "predicted"])
        for target in TARGETS:
            seen = numpy.array([float(r[target] or "nan") for r in rows])
            for name, make in models().items():
                for k in range(len(parts)):
                    train, test = done & (fold != k), done & (fold == k)
                    model = make().fit(matrix[train], numpy.log(seen[train]))
                    values = numpy.exp(model.predict(matrix[test]))
                    for index, value in zip(numpy.flatnonzero(test), values):
                        writer.writerow([rows[index]["id"], name, target, repr(float(value))])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
