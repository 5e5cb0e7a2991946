"""Coefficients and standard errors by NumPy: QR of the whole table."""
import sys

import numpy as np

data = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1)
y, x = data[:, 0], data[:, 1:]
x = np.hstack([np.ones((len(x), 1)), x])
q, r = np.linalg.qr(x)
b = np.linalg.solve(r, q.T @ y)
e = y - x @ b
s2 = e @ e / (len(y) - x.shape[1])
inverse = np.linalg.inv(r)
for pair in zip(b, np.sqrt(s2 * (inverse**2).sum(axis=1))):
    print(*pair)
