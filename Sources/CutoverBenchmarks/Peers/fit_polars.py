"""Coefficients and standard errors from polars' moment sums, in one lazy pass over the file."""
import sys

import numpy as np
import polars as pl

frame = pl.scan_csv(sys.argv[1])
names = frame.collect_schema().names()
one = pl.lit(1.0)
terms = [one] + [pl.col(n) for n in names[1:]] + [pl.col("y")]
k = len(terms)
pairs = [(i, j) for i in range(k) for j in range(i, k)]
sums = frame.select(
    pl.len().alias("n"), *[(terms[i] * terms[j]).sum().alias(f"{i}_{j}") for i, j in pairs if i + j]
).collect(engine="streaming")
n = sums["n"][0]
gram = np.zeros((k, k))
for i, j in pairs:
    gram[i, j] = gram[j, i] = sums[f"{i}_{j}"][0] if i + j else n
p = k - 1
b = np.linalg.solve(gram[:p, :p], gram[:p, p])
s2 = (gram[p, p] - b @ gram[:p, p]) / (n - p)
for pair in zip(b, np.sqrt(s2 * np.diag(np.linalg.inv(gram[:p, :p])))):
    print(*pair)
