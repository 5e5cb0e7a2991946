"""Writes Tests/Fixtures/models/processes.csv: other inputs for the keys akoush_*, zhang_*,
binomial_guard and k_of_n, in the format of oracle.csv (mpmath, 130 digits, random but seeded).

Plain loops over the definitions of Documentation/Equations.md, sections 2, 4 and 10; the least
bandwidth by bisection over every n, not by the search that Cutover uses.
"""
import csv
import os
import random

import mpmath as mp

mp.mp.dps = 130
rng = random.Random(20141111)
rows = []
here = os.path.dirname(os.path.abspath(__file__))


def text(x):
    if isinstance(x, (int, str)):
        return str(x)
    return mp.nstr(x, 15, strip_zeros=False)


def number(low, high, digits=4):
    """Log-uniform, with few digits, so that the file holds the very number."""
    exponent = rng.uniform(float(mp.log(low)), float(mp.log(high)))
    return float(f"{float(mp.e ** exponent):.{digits}g}")


def add(model, case, inputs, outputs):
    words = ";".join(f"{k}={v!r}" if isinstance(v, float) else f"{k}={v}"
                     for k, v in inputs.items())
    for name, value in outputs.items():
        rows.append((model, case, words, name, text(value)))


def xen(n, r, u, pre, post, most, few, factor):
    n, r = mp.mpf(n), mp.mpf(r)
    send, total, i = n, mp.mpf(0), 0
    while True:
        i += 1
        total += send
        dirty = min(n, u(send / r))
        if dirty < few:
            why = "few_pages"
        elif i >= most:
            why = "max_iterations"
        elif total > factor * n:
            why = "max_factor"
        else:
            send = dirty
            continue
        total += dirty
        return {"iterations": i, "stop_reason": why, "last_pages": dirty, "total_pages": total,
                "T_total": mp.mpf(pre) + total / r + mp.mpf(post),
                "T_down": dirty / r + mp.mpf(post)}


for k in range(40):
    n, r = number(1e3, 1e7), number(1e3, 1e6)
    d = number(1e-3, 3) * r
    pre, post = number(0.01, 5), number(0.01, 1)
    most, few, factor = rng.randint(1, 40), rng.randint(1, 200), number(1.2, 6, 2)
    d = float(f"{d:.4g}")
    add("akoush_avg", f"random_{k}",
        {"N_pages": n, "r_pages_s": r, "D_pages_s": d, "O_pre": pre, "O_post": post,
         "max_iter": most, "min_pages": few, "factor": factor},
        xen(n, r, lambda t: mp.mpf(d) * t, pre, post, most, few, mp.mpf(factor)))
    w = float(f"{n * rng.uniform(0.001, 1):.4g}")
    add("akoush_hist_exp", f"random_{k}",
        {"N_pages": n, "r_pages_s": r, "W_pages": w, "D_pages_s": d, "O_pre": pre,
         "O_post": post},
        xen(n, r, lambda t: mp.mpf(w) * (1 - mp.exp(-t * mp.mpf(d) / mp.mpf(w))), pre, post, 29,
            50, 3))
    v, speed, page = number(100, 1e5), number(1, 1e4), 0.00390625
    m, b, o, p = mp.mpf(v), mp.mpf(speed), mp.mpf(pre), mp.mpf(post)
    add("akoush_bounds", f"random_{k}",
        {"V_mem": v, "R": speed, "O_pre": pre, "O_post": post, "factor": factor, "page": page},
        {"T_total_lower": o + m / b + p,
         "T_total_upper": o + ((mp.mpf(factor) + 2) * m - mp.mpf(page)) / b + p,
         "T_down_lower": p, "T_down_upper": p + m / b})


def rounds(m, b, u, n):
    v, total = m, mp.mpf(0)
    for i in range(n + 1):
        t = v / b
        total += t
        v = min(m, u(t))
    return total, t


def least(m, u, tau, delta, most):
    """The least bandwidth over n = 0 ... most, each by bisection."""
    best = None
    for n in range(most + 1):
        low, high = m / tau / 2, 4 * m / min(tau, delta)
        if best is not None:
            # Only a smaller bandwidth matters; where this one does not serve, none does.
            high = best[0]
            total, last = rounds(m, high, u, n)
            if total > tau or last > delta:
                continue
        total, last = rounds(m, high, u, n)
        if total > tau or last > delta:
            continue
        # Where rounds approach a floor at delta itself, the bandwidths of further n differ in
        # their 80th digit only.
        for _ in range(int(mp.mp.dps * 3.2)):
            middle = (low + high) / 2
            total, last = rounds(m, middle, u, n)
            if total <= tau and last <= delta:
                high = middle
            else:
                low = middle
        if best is None or high < best[0]:
            best = (high, n)
    total, last = rounds(m, best[0], u, best[1])
    return {"B_min": best[0], "n": best[1], "T_mig": total, "T_down": last}


cap = 12
for k in range(12):
    mem = number(100, 1e5)
    tau = number(2, 500)
    delta = float(f"{tau * rng.uniform(0.002, 0.2):.4g}")
    m, t, d = mp.mpf(mem), mp.mpf(tau), mp.mpf(delta)
    base = {"M": mem, "T_max": tau, "Td_max": delta}
    rate = float(f"{mem / tau * rng.uniform(0.02, 1.5):.4g}")
    r = mp.mpf(rate)
    out = least(m, lambda x: r * x, t, d, cap)
    out["B_relaxed"] = min(r + (m - r * d) / t, m / min(t, d))
    out["B_stopcopy"] = m / min(t, d)
    add("zhang_det", f"random_{k}", {**base, "d": rate, "n_max": cap}, out)
    q, slot = float(f"{rng.uniform(0.001, 0.3):.3g}"), number(0.1, 10, 3)
    theta = -mp.log(1 - mp.mpf(q)) / mp.mpf(slot)
    out = least(m, lambda x: m * (1 - mp.exp(-theta * x)), t, d, cap)
    add("zhang_bernoulli", f"random_{k}", {**base, "q": q, "slot": slot, "n_max": cap},
        {"theta": theta, **out, "B_convergence": theta * m})
    scale = float(f"{rng.uniform(0.02, 1) / tau:.4g}")
    c = mp.mpf(scale)
    out = least(m, lambda x: m * c * x / (1 + c * x), t, d, cap)
    add("zhang_reciprocal", f"random_{k}", {**base, "c": scale, "n_max": cap},
        {**out, "k": c * m / out["B_min"], "T_down_closed_form": out["T_down"]})
    u = lambda x: m * c * x * mp.exp(c * x) * mp.e1(c * x) if x > 0 else mp.mpf(0)
    mp.mp.dps = 40
    add("zhang_reciprocal_poisson", f"random_{k}", {**base, "c": scale, "n_max": cap},
        least(m, u, t, d, cap))
    mp.mp.dps = 130
    speed, n = number(mem / tau / 3, mem / tau * 30), rng.randint(0, 30)
    total, last = rounds(m, mp.mpf(speed), lambda x: m * c * x / (1 + c * x), n)
    add("zhang_reciprocal_eval", f"random_{k}", {"M": mem, "B": speed, "c": scale, "n": n},
        {"k": c * m / mp.mpf(speed), "V_n": last * mp.mpf(speed), "T_down": last, "T_mig": total})
    trials, p, z = rng.randint(1, 10 ** 7), float(f"{rng.uniform(0, 1):.3g}"), number(0.1, 6, 3)
    np = trials * mp.mpf(p)
    add("binomial_guard", f"random_{k}", {"N": trials, "p": p, "z": z},
        {"mean": np, "upper": np + mp.mpf(z) * mp.sqrt(np * (1 - mp.mpf(p)))})
    n = rng.randint(1, 30)
    least_k = rng.randint(0, n + 1)
    add("k_of_n", f"random_{k}", {"p": p, "K": least_k, "N": n},
        {"P_hot": mp.fsum(mp.binomial(n, j) * mp.mpf(p) ** j * (1 - mp.mpf(p)) ** (n - j)
                          for j in range(least_k, n + 1))})

folder = os.path.join(here, "..", "Fixtures", "models")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "processes.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["model", "case", "inputs", "output", "value"])
    out.writerows(rows)
