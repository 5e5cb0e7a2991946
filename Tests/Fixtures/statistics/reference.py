"""Writes the reference values beside this file: python3 reference.py (mpmath 1.3, 60 digits)."""
import csv
import os

import mpmath as mp

mp.mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))


def exact(text):
    return mp.mpf(float(text))  # the double that a program reads


def tails(name, parameters, x):
    """(lower, upper), each computed without subtraction from 1."""
    if name == "normal":
        z = (x - parameters[0]) / parameters[1] / mp.sqrt(2)
        return mp.erfc(-z) / 2, mp.erfc(z) / 2
    if name == "student_t":
        n = parameters[0]
        half = mp.betainc(n / 2, mp.mpf(1) / 2, 0, n / (n + x * x), regularized=True) / 2
        return (1 - half, half) if x > 0 else (half, 1 - half)
    if name == "fisher_f":
        a, b = parameters
        y = a * x / (a * x + b)
        z = b / (a * x + b)
        return (mp.betainc(a / 2, b / 2, 0, y, regularized=True),
                mp.betainc(b / 2, a / 2, 0, z, regularized=True))
    shape, scale = (parameters[0] / 2, mp.mpf(2)) if name == "chi_squared" else parameters
    return (mp.gammainc(shape, 0, x / scale, regularized=True),
            mp.gammainc(shape, x / scale, mp.inf, regularized=True))


CASES = {
    "normal": ([("0", "1"), ("-3", "2.5")], ["-37", "-8", "-1.959963984540054", "0", "0.5", "6", "30"]),
    "student_t": ([("1",), ("2.5",), ("9",), ("71",), ("100000",)],
                  ["-40", "-3", "-0.1", "0.7", "2.262157162740992", "15", "300"]),
    "fisher_f": ([("1", "9"), ("6", "9"), ("10", "71"), ("2", "100000")],
                 ["0.001", "0.4", "1", "3.37", "30", "330.3"]),
    "chi_squared": ([("1",), ("4",), ("250",)], ["0.01", "1", "9.487729036781154", "200", "700"]),
    "gamma": ([("0.5", "1"), ("3", "2"), ("100", "0.01")], ["0.02", "0.9", "1.3", "12", "90"]),
}

with open(os.path.join(HERE, "distributions.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["distribution", "a", "b", "x", "lower", "upper"])
    for name, (parameters, points) in CASES.items():
        for p in parameters:
            for x in points:
                lower, upper = tails(name, [exact(v) for v in p], exact(x))
                a, b = (p + ("",))[:2]
                if mp.mpf("1e-300") < min(lower, upper):
                    out.writerow([name, a, b, x, mp.nstr(lower, 18), mp.nstr(upper, 18)])

with open(os.path.join(HERE, "lambert_w.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["branch", "x", "w"])
    for x in ["-0.36", "-0.3", "-1e-10", "0", "1e-300", "0.5", "1", "2.718281828459045", "1e10", "1e300"]:
        out.writerow([0, x, mp.nstr(mp.lambertw(exact(x), 0).real, 18)])
    for x in ["-0.36", "-0.3", "-0.1", "-1e-5", "-1e-100", "-1e-300"]:
        out.writerow([-1, x, mp.nstr(mp.lambertw(exact(x), -1).real, 18)])
