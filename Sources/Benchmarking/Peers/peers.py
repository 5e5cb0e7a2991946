"""What one would take instead of Cutover, one job per run: peers.py JOB ARGUMENTS...

Prints `seconds S`, the time of the job after imports, after compilation and with its data in
memory where the job is one in memory; `value V`, which both sides of a pair have to agree on; and
`versions`. Cutover's side is timed as a whole process where the job is a command.
"""
import sys
import time

import numpy as np


def report(seconds, value):
    import importlib.metadata as m

    names = ["numpy", "scipy", "pandas", "polars", "duckdb", "numba", "statsmodels", "scikit-learn"]
    print("versions", " ".join(f"{n} {m.version(n)}" for n in names))
    print("seconds", repr(seconds))
    print("value", repr(float(value)))


def timed(body):
    start = time.perf_counter()
    value = body()
    return time.perf_counter() - start, value


def read(path):
    import polars as pl

    seconds, frame = timed(lambda: pl.read_csv(path))
    report(seconds, frame["y"].sum())


def solve_moments(n, gram):
    p = gram.shape[0] - 1
    b = np.linalg.solve(gram[:p, :p], gram[:p, p])
    s2 = (gram[p, p] - b @ gram[:p, p]) / (n - p)
    np.sqrt(s2 * np.diag(np.linalg.inv(gram[:p, :p])))
    return b[1]


def fit_polars(path):
    import polars as pl

    def job():
        frame = pl.scan_csv(path)
        names = frame.collect_schema().names()
        terms = [pl.lit(1.0)] + [pl.col(n) for n in names[1:]] + [pl.col("y")]
        k = len(terms)
        pairs = [(i, j) for i in range(k) for j in range(i, k) if i + j]
        sums = frame.select(
            pl.len().alias("n"), *[(terms[i] * terms[j]).sum().alias(f"{i}_{j}") for i, j in pairs]
        ).collect(engine="streaming")
        gram = np.zeros((k, k))
        gram[0, 0] = sums["n"][0]
        for i, j in pairs:
            gram[i, j] = gram[j, i] = sums[f"{i}_{j}"][0]
        return solve_moments(gram[0, 0], gram)

    report(*timed(job))


def fit_duckdb(path):
    import duckdb

    with open(path) as file:
        names = file.readline().strip().split(",")

    def job():
        terms = ["1"] + names[1:] + ["y"]
        k = len(terms)
        pairs = [(i, j) for i in range(k) for j in range(i, k)]
        sums = ", ".join(f"sum({terms[i]}*{terms[j]})" for i, j in pairs)
        row = duckdb.sql(f"select {sums} from read_csv('{path}')").fetchall()[0]
        gram = np.zeros((k, k))
        for (i, j), value in zip(pairs, row):
            gram[i, j] = gram[j, i] = value
        return solve_moments(gram[0, 0], gram)

    report(*timed(job))


def fit_statsmodels(path):
    import pandas as pd
    import statsmodels.api as sm

    def job():
        frame = pd.read_csv(path)
        fit = sm.OLS(frame["y"], sm.add_constant(frame.drop(columns="y"))).fit()
        fit.summary()
        return fit.params.iloc[1]

    report(*timed(job))


def table(rows, columns):
    """The numbers of Cutover's side: a linear congruence, the same in both languages."""
    state = np.uint64(1) + np.arange(rows * columns, dtype=np.uint64)
    state ^= state >> np.uint64(30)
    state *= np.uint64(0xBF58476D1CE4E5B9)
    state ^= state >> np.uint64(27)
    state *= np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return ((state >> np.uint64(11)).astype(float) * 2.0**-53).reshape(columns, rows).T


def squares(rows, columns):
    import scipy.linalg

    data = table(rows, columns + 1)
    x, y = np.asfortranarray(data[:, :columns]), np.ascontiguousarray(data[:, columns])
    seconds, value = timed(
        lambda: scipy.linalg.lstsq(x, y, lapack_driver="gelsy", check_finite=False)[0][0])
    report(seconds, value)


def precopy(rows):
    import numba

    @numba.njit(parallel=True, fastmath=False)
    def rounds(v, b, d, s, total, pause, sent, made):
        for i in numba.prange(v.size):
            ratio = d[i] / b[i]
            t = v[i] / b[i]
            limit = s[i] / b[i]
            all, n = t, 0
            while t > limit and n < 29:
                t *= ratio
                all += t
                n += 1
            total[i], pause[i], sent[i], made[i] = all + 0.02, t + 0.02, all * b[i], n + 1

    data = table(rows, 4)
    v, d = (0.5 + 130 * data[:, 0]) * 1e9, (1 + 1200 * data[:, 1]) * 1e6
    b, s = (100 + 1100 * data[:, 2]) * 1e6, (0.05 + data[:, 3]) * 1e8
    out = [np.zeros(rows) for _ in range(4)]
    rounds(v[:16], b[:16], d[:16], s[:16], *[o[:16] for o in out])
    seconds, _ = timed(lambda: rounds(v, b, d, s, *out))
    report(seconds, out[3].sum())


def predict(path, target):
    import math

    import numba
    import polars as pl

    @numba.njit(parallel=True)
    def engine(m, u, b, d, w, limit, resume, total, pause, sent, made, ends):
        for i in numba.prange(m.size):
            zero, offered, measured = m[i] - u[i], u[i], b[i]
            elapsed, bytes, n = 0.0, 0.0, 0
            before, done = 0.0, False
            while n < 100000:
                if n > 0 and (offered + zero) / measured <= limit[i]:
                    done = True
                    break
                wire = offered + offered / 4096.0 * 8.0 + zero / 4096.0 * 9.0
                t = wire / b[i]
                if t > 0:
                    measured = wire / t
                elapsed += t
                bytes += wire
                n += 1
                before = offered
                zero = 0.0
                dirty = w[i] * -math.expm1(-d[i] * t / w[i]) if w[i] > 0 and t > 0 else 0.0
                offered = min(u[i], dirty)
                if n >= 64 and offered >= before:
                    break
            ends[i] = done
            if done:
                wire = offered + offered / 4096.0 * 8.0
                t = wire / b[i]
                total[i], pause[i] = elapsed + t + resume[i], t + resume[i]
                sent[i], made[i] = bytes + wire, n + 1
            else:
                total[i] = pause[i] = sent[i] = made[i] = np.nan

    names = ["memory_bytes", "used_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s",
             "working_set_bytes", "downtime_limit_s", "resume_time_s"]

    def outputs(n):
        return [np.zeros(n) for _ in range(4)] + [np.zeros(n, dtype=np.bool_)]

    warm = [np.ones(8) * k for k in (8e9, 4e9, 1e9, 1e6, 1e9, 0.3, 0.02)]
    engine(*warm, *outputs(8))

    def job():
        frame = pl.read_csv(path)
        columns = [frame[n].cast(pl.Float64).to_numpy() for n in names]
        total, pause, sent, made, ends = outputs(len(frame))
        engine(*columns, total, pause, sent, made, ends)

        def cells(values):
            return pl.Series(values).fill_nan(None)

        frame = frame.with_columns(
            pl.lit("qemu.precopy").alias("model"), pl.Series("converged", ends),
            pl.when(pl.Series(ends)).then(pl.lit("downtime_limit"))
            .otherwise(pl.lit("not_convergent")).alias("termination"),
            cells(made).cast(pl.Int64).alias("rounds"), cells(total).alias("total_time_s"),
            cells(pause).alias("downtime_s"), cells(sent).alias("transferred_bytes"))
        frame.write_csv(target)
        return np.nansum(made)

    report(*timed(job))


def written(rows, digits, target):
    import polars as pl

    data = table(rows, 8)
    if digits < 17:
        data = np.floor(data * 10**digits) / 1000
    frame = pl.DataFrame({f"x{j}": data[:, j] for j in range(8)})
    seconds, _ = timed(lambda: frame.write_csv(target))
    report(seconds, data[:, 0].sum())


def erlang(servers):
    import numba

    @numba.njit
    def recurrence(c, a):
        b = 1.0
        for j in range(1, c + 1):
            b = a * b / (j + a * b)
        return b

    recurrence(10, 9.0)
    report(*timed(lambda: recurrence(servers, 0.99 * servers)))


def validation(rows):
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import GroupKFold, cross_val_score

    data = table(rows, 17)
    groups = np.arange(rows) // 100
    x, y = np.ascontiguousarray(data[:, :16]), data[:, 16].copy()
    seconds, scores = timed(
        lambda: cross_val_score(
            LinearRegression(), x, y, groups=groups, cv=GroupKFold(10),
            scoring="neg_root_mean_squared_error"))
    report(seconds, -scores.mean())


def bootstrap(rows, replicates):
    data = table(rows, 9)
    x, y = np.hstack([np.ones((rows, 1)), data[:, :7]]), data[:, 8].copy()

    def job():
        random = np.random.default_rng(1)
        answers = np.empty((replicates, 8))
        for k in range(replicates):
            taken = random.integers(0, rows, rows)
            part = x[taken]
            answers[k] = np.linalg.solve(part.T @ part, part.T @ y[taken])
        return answers.std(axis=0, ddof=1)[1]

    report(*timed(job))


def convert(path):
    """The least that a script does with such a log: parse each line, keep how migrations ended."""
    import json

    def job():
        ended = 0
        with open(path, "rb") as log:
            for line in log:
                reply = json.loads(line)["query_migrate"]
                if reply.get("status") == "completed" and "ram" in reply:
                    print(reply["total-time"], reply["downtime"], reply["ram"]["transferred"])
                    ended += 1
        return ended

    report(*timed(job))


def start():
    """The least that a script with NumPy needs: the interpreter and the import."""
    v, b, d = np.array([8e9]), np.array([1.25e8]), np.array([2e7])
    report(0.0, (v / b / (1 - d / b))[0])


if __name__ == "__main__":
    jobs = {
        "read": read, "fit-polars": fit_polars, "fit-duckdb": fit_duckdb,
        "fit-statsmodels": fit_statsmodels, "squares": squares, "precopy": precopy,
        "predict": predict, "write": written, "erlang": erlang, "validation": validation,
        "bootstrap": bootstrap, "convert": convert, "start": start,
    }
    arguments = [int(a) if a.isdigit() else a for a in sys.argv[2:]]
    jobs[sys.argv[1]](*arguments)
