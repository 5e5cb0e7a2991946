"""Writes Tests/Fixtures/linear_algebra/factorisations.csv: singular values, Cholesky factors and
condition numbers in 50-digit arithmetic (pip install mpmath==1.3.0).

    python3 Tests/Reference/factorisations.py
"""
import csv
import pathlib
import mpmath as mp

mp.mp.dps = 50
target = pathlib.Path(__file__).resolve().parent.parent / "Fixtures/linear_algebra"
target.mkdir(exist_ok=True)


def hilbert(n):
    # As doubles hold it: the factorisations see rounded elements.
    return [[mp.mpf(1.0 / (i + j + 1)) for j in range(n)] for i in range(n)]


def matrix(rows):
    return mp.matrix(rows)


def lcg(seed):
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed / 2**31


def random(m, n, seed):
    draw = lcg(seed)
    return matrix([[mp.mpf(round(next(draw) * 2000 - 1000) / 64) for _ in range(n)] for _ in range(m)])


cases = {"hilbert4": matrix(hilbert(4)), "hilbert6": matrix(hilbert(6)),
         "tall": random(7, 4, 1), "wide": random(3, 5, 2), "square": random(5, 5, 3)}
gram = random(8, 5, 4)
cases["gram"] = gram.T * gram
rows = []


def put(case, kind, i, j, value):
    rows.append([case, kind, i, j, mp.nstr(mp.mpf(value), 17)])


for name, a in cases.items():
    for i in range(a.rows):
        for j in range(a.cols):
            put(name, "element", i, j, a[i, j])
    values = sorted((mp.sqrt(v) for v in mp.eigsy((a.T * a) if a.rows >= a.cols else (a * a.T), eigvals_only=True)), reverse=True)
    for k, value in enumerate(values):
        put(name, "singular", k, 0, value)
    put(name, "condition2", 0, 0, values[0] / values[-1])
    if name in ("hilbert4", "hilbert6", "gram"):
        lower = mp.cholesky(a)
        for j in range(a.rows):
            for i in range(j + 1):
                put(name, "cholesky", i, j, lower[j, i])
        put(name, "condition1", 0, 0, mp.mnorm(a, 1) * mp.mnorm(a**-1, 1))
        ones = mp.matrix([1] * a.rows)
        solution = mp.lu_solve(a, ones)
        for i in range(a.rows):
            put(name, "solution", i, 0, solution[i])
with open(target / "factorisations.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["case", "kind", "i", "j", "value"])
    writer.writerows(rows)
