"""Writes Tests/Fixtures/statistics/{scaled_e1,binomial}.csv (mpmath, 60 digits).

Binomial tails are summed term by term; no quantile of a library is asked.
"""
import csv
import os

import mpmath as mp

mp.mp.dps = 60
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "statistics")


def write(name, header, rows):
    with open(os.path.join(here, name), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def text(x):
    return mp.nstr(x, 18)


def asymptotic(x):
    # 1/x (1 - 1/x + 2/x^2 - ...): at 1e6, thirty terms are exact to far more than 60 digits.
    return sum((-1) ** k * mp.factorial(k) / x ** (k + 1) for k in range(30))


xs = ["1e-300", "1e-9", "0.001", "0.05", "0.5", "1", "1.999", "2", "10", "5", "30", "49.9", "50", "51", "700",
      "745", "1e6", "1e300"]
write("scaled_e1.csv", ["x", "value"],
      [(x, text(mp.exp(mp.mpf(float(x))) * mp.e1(mp.mpf(float(x))) if float(x) < 1e5 else
                asymptotic(mp.mpf(float(x))))) for x in xs])

rows = []
for n, p, failure in [(262144, 0.01, 1e-3), (262144, 1e-4, 1e-6), (262144, 1e-6, 1e-3),
                      (1000, 0.5, 1e-9), (50, 0.9, 0.05), (7, 0.3, 0.5), (16777216, 2e-7, 1e-4)]:
    q = mp.mpf(p)
    # P(X > k) = 1 - sum of the terms up to k: 60 digits leave enough after the difference.
    term, below, k = (1 - q) ** n, mp.mpf(0), 0
    while True:
        below += term
        if 1 - below <= mp.mpf(failure):
            break
        term = term * (n - k) / (k + 1) * q / (1 - q)
        k += 1
    rows.append((n, repr(p), repr(failure), k, text(1 - below + term)))
write("binomial.csv", ["trials", "probability", "failure", "least_count", "at_least"], rows)
