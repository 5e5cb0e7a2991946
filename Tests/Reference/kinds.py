"""Reference values of the kinds of linear fit: python3 kinds.py, from this folder, after kinds.R.

SciPy and statsmodels; writes ../Fixtures/kinds/python.csv.
"""
import csv

import numpy as np
import statsmodels.api as sm
from scipy.optimize import lsq_linear

rows = list(csv.DictReader(open("../Fixtures/kinds/data.csv")))
col = lambda name: np.array([float(row[name]) for row in rows])
f = np.array([row["f"] for row in rows])
y = col("y")
one = np.ones(len(rows))
names = ["(Intercept)", "x", "z", "fb", "fc"]
X = np.column_stack([one, col("x"), col("z"), f == "b", f == "c"]).astype(float)
out = []


def put(case, names, estimates, errors=None, **rest):
    for i, name in enumerate(names):
        out.append([case, name, "estimate", repr(float(estimates[i]))])
        if errors is not None:
            out.append([case, name, "std_error", repr(float(errors[i]))])
    for key, value in rest.items():
        out.append([case, "", key, repr(float(value))])


for label, norm in [("huber", sm.robust.norms.HuberT(1.345)), ("bisquare", sm.robust.norms.TukeyBiweight(4.685))]:
    fit = sm.RLM(y, X, M=norm).fit(maxiter=5000, tol=1e-14, cov="H1", conv="coefs")
    put(label, names, fit.params, fit.bse, scale=fit.scale)

for kind in ["HC0", "HC1", "HC2", "HC3"]:
    fit = sm.OLS(y, X).fit(cov_type=kind)
    put(kind, names, fit.params, fit.bse)
fit = sm.OLS(y, X).fit(cov_type="cluster", cov_kwds={"groups": np.unique([row["host"] for row in rows], return_inverse=True)[1]})
put("cluster", names, fit.params, fit.bse)

A = np.column_stack([one, col("x"), col("z"), col("v"), col("u")])
lower = np.array([-np.inf, 0.1, -np.inf, 0.05, 0])
upper = np.array([np.inf, 0.6, -0.015, np.inf, np.inf])
fit = lsq_linear(A, y, (lower, upper), method="bvls", tol=1e-15)
put("bounded", ["(Intercept)", "x", "z", "v", "u"], fit.x, rss=2 * fit.cost)

with open("../Fixtures/kinds/python.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "term", "name", "value"])
    writer.writerows(out)
