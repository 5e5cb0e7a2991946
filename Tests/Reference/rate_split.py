"""Optimal splits of a link by SciPy's SLSQP, in logarithms of the rates.

    python3 Tests/Reference/rate_split.py > Tests/Fixtures/models/rate_split.csv

Needs NumPy and SciPy. Columns: memory, dirty rate and rounds per machine; link; weights of time
and downtime; rates; cost.
"""
import numpy as np
from scipy.optimize import minimize

CASES = [
    ([8e9, 2e9, 4e9], [60e6, 5e6, 100e6], [10, 10, 10], 1.25e9, (1, 1)),
    ([8e9, 2e9, 4e9], [60e6, 5e6, 100e6], [10, 10, 10], 3e8, (1, 20)),
    ([1e9, 1e9], [10.24e6, 10.24e6], [8, 8], 125e6, (1, 1)),
    ([1e9, 2e9, 4e9], [10.24e6, 10.24e6, 10.24e6], [3, 4, 5], 125e6, (1, 10)),
    ([1e10, 1e8], [1e6, 2e7], [2, 20], 1e8, (0.1, 5)),
    ([3e9, 5e9, 7e9, 2e9], [3e7, 2e7, 1e7, 4e7], [6, 0, 12, 9], 1.25e9, (2, 1)),
]


def cost(logs, memory, dirty, rounds, weights):
    rates = np.exp(logs)
    total = 0.0
    for v, d, n, r in zip(memory, dirty, rounds, rates):
        ratios = (d / r) ** np.arange(n + 1)
        total += weights[0] * v / r * ratios.sum() + weights[1] * v / r * ratios[-1]
    return total


def main():
    print("memory,dirty_rate,rounds,link,weights,rates,cost")
    for memory, dirty, rounds, link, weights in CASES:
        memory, dirty = np.array(memory), np.array(dirty)
        start = dirty + (link - dirty.sum()) / len(memory)
        scale = cost(np.log(start), memory, dirty, rounds, weights)
        answer = minimize(
            lambda x: cost(x, memory, dirty, rounds, weights) / scale, np.log(start), method="SLSQP",
            bounds=[(np.log(d), np.log(link)) for d in dirty],
            constraints=[{"type": "ineq", "fun": lambda x: 1 - np.exp(x).sum() / link}],
            options={"ftol": 1e-16, "maxiter": 2000})
        rates = np.exp(answer.x)
        rates *= link / rates.sum()
        value = cost(np.log(rates), memory, dirty, rounds, weights)
        join = lambda values: " ".join(repr(float(v)) for v in values)
        print(",".join([join(memory), join(dirty), join(rounds), repr(float(link)), join(weights),
                        join(rates), repr(float(value))]))


main()
