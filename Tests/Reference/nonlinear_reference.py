#!/usr/bin/env python3
"""Reference values for non-linear fits, into Tests/Fixtures/nonlinear/.

derivatives.csv  values and derivatives of expressions, mpmath at 120 digits
data.csv         the data of the fits below
fits.csv         bounded and robust fits by SciPy's least_squares at its tightest tolerances,
                 with standard errors by the formulas in the documentation

Needs numpy, scipy, mpmath. Seeded: the same bytes each time.
"""

import csv
import pathlib

import mpmath
import numpy
from scipy.optimize import least_squares

folder = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "nonlinear"
mpmath.mp.dps = 120

# Each names a, b, c (parameters) and x, z (columns); every function and operator is in one.
EXPRESSIONS = [
    "a * (1 - exp(-b * x))", "a / (1 + exp(b - c * x))", "a * x^b", "x^a * z^(-b)",
    "(a + b * x)^(-1/c)", "log(a + b * x)", "log10(a * x) + log2(b * z)", "log1p(a * x / 1e9)",
    "expm1(a * x / 1e9)", "expm1(-a * x * 40)", "sqrt(a * x + b)", "sin(a * x) * cos(b * z)",
    "tan(a / x)", "atan(a / (x - b)) / pi", "abs(a - b * x)", "-a^2 * x", "(-x)^2 * a",
    "a - b * x * exp(-c * z)", "(a + b*x + c*x^2) / (1 + a*x + b*x^2)", "a^b^c",
    "exp(-((x - a) / b)^2)", "a * b * x / (1 + b * x)", "2 * pi * x / a",
]
POINTS = [
    dict(a=1.3, b=0.7, c=0.4, x=2.5, z=1.75),
    dict(a=0.02, b=3.5, c=1.25, x=0.375, z=8.0),
    dict(a=11.0, b=0.001, c=2.0, x=40.0, z=0.0625),
]
FUNCTIONS = {
    "exp": mpmath.exp, "log": mpmath.log, "log10": mpmath.log10,
    "log2": lambda v: mpmath.log(v, 2), "log1p": mpmath.log1p, "expm1": mpmath.expm1,
    "sqrt": mpmath.sqrt, "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan,
    "atan": mpmath.atan, "abs": abs, "pi": mpmath.pi,
}


def evaluate(text, point):
    import re

    # Literals become exact rationals of the doubles they are; Python's ** binds as ^ does.
    code = re.sub(r"(?<![A-Za-z_0-9.])(\d+(\.\d+)?(e[+-]?\d+)?)", r"mpf(\1)", text)
    names = {k: v if callable(v) or k == "pi" else v for k, v in FUNCTIONS.items()}
    return eval(code.replace("^", "**"), {**names, "mpf": mpmath.mpf, **point})


def derivatives():
    rows = []
    for text in EXPRESSIONS:
        for values in POINTS:
            point = {k: mpmath.mpf(v) for k, v in values.items()}
            row = dict(expression=text, **values)
            row["value"] = mpmath.nstr(evaluate(text, point), 20)
            for name in "abc":
                # Central differences with 120 digits: the error is of order h^2 = 1e-80.
                h = mpmath.mpf(10) ** -40
                up = evaluate(text, {**point, name: point[name] + h})
                down = evaluate(text, {**point, name: point[name] - h})
                row["d" + name] = mpmath.nstr((up - down) / (2 * h), 18)
            rows.append(row)
    write("derivatives.csv", rows)


def write(name, rows):
    with open(folder / name, "w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def data():
    random = numpy.random.default_rng(20240)
    x = numpy.round(numpy.linspace(0.25, 10, 40), 4)
    y = 5 * (1 - numpy.exp(-0.4 * x)) + 0.1 * random.standard_normal(40)
    y[[5, 17, 30]] += [3, -2.5, 4]
    y = numpy.round(y, 5)
    w = numpy.round(random.uniform(0.5, 2, 40), 3)
    write("data.csv", [dict(x=a, y=b, w=c) for a, b, c in zip(x.tolist(), y.tolist(), w.tolist())])
    return x, y, w


MODELS = {
    "saturation": ("a * (1 - exp(-b * x))", ["a", "b"], [1.0, 1.0]),
    "offset": ("c + a * (1 - exp(-b * x))", ["a", "b", "c"], [1.0, 1.0, 0.5]),
}


def rho(loss, z):
    if loss == "soft_l1":
        return (1 + z) ** -0.5, -0.5 * (1 + z) ** -1.5
    if loss == "huber":
        return (
            numpy.where(z <= 1, 1, numpy.maximum(z, 1) ** -0.5),
            numpy.where(z <= 1, 0, -0.5 * numpy.maximum(z, 1) ** -1.5),
        )
    if loss == "cauchy":
        return 1 / (1 + z), -1 / (1 + z) ** 2
    return numpy.ones_like(z), numpy.zeros_like(z)


def fits():
    x, y, _ = data()
    cases = [("saturation", loss, scale, None) for loss, scale in [
        ("linear", 1.0), ("soft_l1", 0.1), ("huber", 0.15), ("cauchy", 0.2)]]
    cases += [
        ("saturation", "linear", 1.0, ([0, 0.5], [4.5, 2])),
        ("saturation", "huber", 0.15, ([0, 0.45], [10, 2])),
        ("offset", "linear", 1.0, ([0, 0, 0], [20, 2, 1])),
        ("offset", "soft_l1", 0.1, ([0, 0, 0.1], [20, 2, 1])),
    ]
    rows = []
    for name, loss, scale, bounds in cases:
        text, parameters, start = MODELS[name]

        def model(p, name=name):
            base = p[0] * (1 - numpy.exp(-p[1] * x))
            return base + (p[2] if name == "offset" else 0)

        def jacobian(p, name=name):
            columns = [1 - numpy.exp(-p[1] * x), p[0] * x * numpy.exp(-p[1] * x)]
            return numpy.stack(columns + ([numpy.ones_like(x)] if name == "offset" else []), axis=1)

        limits = bounds or ([-numpy.inf] * len(start), [numpy.inf] * len(start))
        inside = numpy.clip(start, numpy.array(limits[0]) + 1e-3, numpy.array(limits[1]) - 1e-3)
        method = "dogbox" if bounds else "trf"
        fit = least_squares(
            lambda p: model(p) - y, inside, jac=jacobian, bounds=limits, loss=loss, f_scale=scale,
            ftol=3e-16, xtol=3e-16, gtol=1e-15, max_nfev=100000, method=method)
        # On a plateau of rounding the last digits differ by where a method stops.
        free = [j for j in range(len(start))
                if min(fit.x[j] - limits[0][j], limits[1][j] - fit.x[j]) > 1e-8]
        residual, matrix = model(fit.x) - y, jacobian(fit.x)[:, free]
        first, second = rho(loss, (residual / scale) ** 2)
        psi, slope = first * residual, first + 2 * (residual / scale) ** 2 * second
        n, p = matrix.shape
        correction = 1 + p / n * slope.var() / slope.mean() ** 2
        sigma = correction * numpy.sqrt((psi**2).sum() / (n - p)) / slope.mean()
        errors = sigma * numpy.sqrt(numpy.diag(numpy.linalg.inv(matrix.T @ matrix)))
        for j, parameter in enumerate(parameters):
            rows.append(dict(
                model=name, formula=f"y ~ {text}", loss=loss, scale=scale,
                bounded="true" if bounds else "false",
                lower=limits[0][j] if bounds else "", upper=limits[1][j] if bounds else "",
                objective=repr(float(2 * fit.cost)), term=parameter, start=float(inside[j]),
                estimate=repr(float(fit.x[j])),
                std_error=repr(float(errors[free.index(j)])) if j in free else "",
                sigma=repr(float(sigma))))
    write("fits.csv", rows)


if __name__ == "__main__":
    folder.mkdir(exist_ok=True)
    derivatives()
    fits()
