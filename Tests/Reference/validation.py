"""Writes Tests/Fixtures/validation/python.csv: python3 validation.py, in this folder.

statsmodels 0.15, numpy, scipy; reads Tests/Fixtures/regression/data.csv. Cross-validation is done
by explicit refits with numpy alone; shapes of the residuals come from scipy.
"""
import csv

import numpy as np
import pandas as pd
import scipy.stats
import statsmodels.api as sm
from statsmodels.stats.diagnostic import het_breuschpagan, het_white, linear_reset
from statsmodels.stats.outliers_influence import OLSInfluence, variance_inflation_factor
from statsmodels.stats.stattools import durbin_watson

data = pd.read_csv("../Fixtures/regression/data.csv")
ratio = np.log(data.memory_bytes / data.bandwidth_bytes_per_s)
rate = data.dirty_rate_bytes_per_s
ones = pd.Series(1.0, index=data.index)

# Formula as Cutover writes it, response, columns, whether a logarithm is undone.
CASES = [
    ("log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + dirty_rate_bytes_per_s",
     np.log(data.total_time_s), [ones, ratio, rate], True),
    ("total_time_s ~ memory_bytes + bandwidth_bytes_per_s + vcpus",
     data.total_time_s, [ones, data.memory_bytes, data.bandwidth_bytes_per_s, data.vcpus], False),
]

out = []


def put(case, kind, name, value, row=""):
    out.append((case, kind, name, row, repr(float(value))))


def design(response, columns):
    frame = pd.concat([response.rename("y")] + [c.rename(f"x{i}") for i, c in enumerate(columns)], axis=1)
    frame = frame.dropna()
    return frame.index, frame["y"].to_numpy(), frame.drop(columns="y").to_numpy(dtype=float)


def solve(x, y):
    # Columns of equal size, so that lstsq drops none.
    size = np.abs(x).max(axis=0)
    return np.linalg.lstsq(x / size, y, rcond=None)[0] / size


for name, response, columns, logarithm in CASES:
    index, y, x = design(response, columns)
    scale = np.abs(x).max(axis=0)
    fit = sm.OLS(y, x / scale).fit()
    white = het_white(fit.resid, fit.model.exog)
    put(name, "test", "white", white[0], "statistic")
    put(name, "test", "white", white[1], "p_value")
    bp = het_breuschpagan(fit.resid, fit.model.exog)
    put(name, "test", "breusch_pagan", bp[0], "statistic")
    put(name, "test", "breusch_pagan", bp[1], "p_value")
    reset = linear_reset(fit, power=3, use_f=True)
    put(name, "test", "reset", np.squeeze(reset.fvalue), "statistic")
    put(name, "test", "reset", np.squeeze(reset.pvalue), "p_value")
    put(name, "test", "durbin_watson", durbin_watson(fit.resid), "statistic")
    jb = scipy.stats.jarque_bera(fit.resid)
    put(name, "test", "jarque_bera", jb.statistic, "statistic")
    put(name, "test", "jarque_bera", jb.pvalue, "p_value")
    influence = OLSInfluence(fit)
    for k, position in enumerate(index):
        put(name, "influence", "hat", influence.hat_matrix_diag[k], position + 1)
        put(name, "influence", "std_resid", influence.resid_studentized_internal[k], position + 1)
        put(name, "influence", "student_resid", influence.resid_studentized_external[k], position + 1)
        put(name, "influence", "cooks_d", influence.cooks_distance[0][k], position + 1)
        put(name, "influence", "dffits", influence.dffits[0][k], position + 1)
        put(name, "influence", "cov_ratio", influence.cov_ratio[k], position + 1)
    for column in range(1, x.shape[1]):
        put(name, "vif", column, variance_inflation_factor(x / scale, column))
    unit = x / np.linalg.norm(x, axis=0)
    _, singular, right = np.linalg.svd(unit)
    shares = (right.T / singular) ** 2
    shares /= shares.sum(axis=1, keepdims=True)
    for k, value in enumerate(singular[0] / singular):
        put(name, "condition_index", k, value)
        for column in range(x.shape[1]):
            put(name, "variance_share", column, shares[column, k], k)
    for kind in ("HC2", "HC3"):
        errors = getattr(fit, f"{kind}_se") / scale
        for column, value in enumerate(errors):
            put(name, kind, column, value)
    # Leave-one-out and two ways of leaving five rows out, by refits.
    n = len(y)
    for label, folds in (("loo", [[i] for i in range(n)]),
                         ("fifths", [list(range(k, n, 5)) for k in range(5)])):
        for held in folds:
            taught = np.setdiff1d(np.arange(n), held)
            b = solve(x[taught], y[taught])
            smear = np.exp(y[taught] - x[taught] @ b).mean() if logarithm else 1.0
            for i in held:
                value = np.exp(x[i] @ b) * smear if logarithm else x[i] @ b
                put(name, label, "predicted", value, index[i] + 1)
    # The delete-one jackknife by refits.
    changes = np.array([solve(np.delete(x, i, 0), np.delete(y, i)) for i in range(n)])
    spread = np.sqrt((n - 1) / n * ((changes - changes.mean(axis=0)) ** 2).sum(axis=0))
    for column, value in enumerate(spread):
        put(name, "jackknife", column, value)
    # And by workload.
    groups = data.workload[index].to_numpy()
    labels = list(dict.fromkeys(groups))
    changes = np.array([solve(x[groups != g], y[groups != g]) for g in labels])
    count = len(labels)
    spread = np.sqrt((count - 1) / count * ((changes - changes.mean(axis=0)) ** 2).sum(axis=0))
    for column, value in enumerate(spread):
        put(name, "group_jackknife", column, value)

with open("../Fixtures/validation/python.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "kind", "name", "row", "value"])
    writer.writerows(out)
