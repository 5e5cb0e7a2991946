"""Values of the analytic models on random inputs, by plain loops in 50-digit arithmetic.

    python3 Tests/Reference/oracle_models.py > Tests/Fixtures/models/oracle_random.csv

Needs mpmath. A second route to what `cutover models verify` computes: nothing here is shared with
the Swift code, and no closed form is used where a loop tells the same.
"""
import random
from mpmath import mp, mpf, exp, expm1, findroot, log

mp.dps = 50
random.seed(20260404)


def loguniform(low, high):
    return mpf(repr(float("%.6g" % (low * (high / low) ** random.random()))))


def uniform(low, high):
    return mpf(repr(float("%.6g" % random.uniform(low, high))))


def show(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, str)):
        return str(value)
    return mp.nstr(value, 17, min_fixed=0, max_fixed=0)


def emit(model, case, inputs, outputs):
    text = ";".join(f"{k}={v if isinstance(v, (int, str)) else mp.nstr(v, 17)}" for k, v in inputs.items())
    for name, value in outputs.items():
        print(f"{model},{case},{text},{name},{show(value)}")


def liu(v, r, d, threshold, cap, resume, limit=None, gamma=None):
    """All three of Liu's recursions."""
    sent, volume, elapsed, n = [], v, mpf(0), 0
    offered, last, reason = v, None, None
    while True:
        if offered <= threshold:
            reason = "threshold"
        elif gamma is not None and last is not None and offered > last:
            reason = "growing"
        elif n >= cap:
            reason = "rounds"
        if reason:
            sent.append(volume)
            break
        sent.append(offered)
        t = offered / r
        last = offered
        volume = d * t
        if limit is not None:
            volume = min(volume, limit)
        offered = volume
        if gamma is not None:
            a, b, c = gamma
            share = a * t + b * d + c
            offered = volume * (1 - min(mpf(1), max(mpf(0), share)))
        n += 1
    total = sum(sent)
    return {
        "n": n, "converged": sent[-1] <= threshold if gamma is None else reason == "threshold",
        "V_last": sent[-1], "V_mig": total, "T_copy": total / r, "T_down": sent[-1] / r + resume,
        "T_total": total / r + resume, "E_joule": mpf("0.512") * total + mpf("20.165"),
        "reason": reason, "sent": sent,
    }


def pick(outputs, *names):
    return {name: outputs[name] for name in names}


def liu_cases():
    for i in range(30):
        v, r = loguniform(10, 1e5), loguniform(10, 5000)
        d = r * uniform(0, 1.4) if i % 6 else mpf(0)
        d = mpf(repr(float("%.6g" % d)))
        threshold, cap, resume = loguniform(0.01, 100), random.randint(0, 40), uniform(0, 0.2)
        inputs = {"V_mem": v, "R": r, "D": d, "V_thd": threshold, "n_max": cap, "T_resume": resume}
        names = ["n", "converged", "V_last", "V_mig", "T_copy", "T_down", "T_total"]
        emit("liu_basic", f"r{i}", inputs, pick(liu(v, r, d, threshold, cap, resume), *names, "E_joule"))
        emit("liu_capped", f"r{i}", inputs, pick(liu(v, r, d, threshold, cap, resume, limit=v), *names))
        gamma = (uniform(-0.05, 0.02), uniform(-0.0005, 0.0005), uniform(-0.1, 0.9))
        inputs = {"V_mem": v, "R": r, "D": d, "V_thd": threshold, "max_round": cap, "T_resume": resume,
                  "a": gamma[0], "b": gamma[1], "c": gamma[2]}
        emit("liu_refined", f"r{i}", inputs,
             pick(liu(v, r, d, threshold, cap, resume, gamma=gamma),
                  "n", "V_last", "V_mig", "T_copy", "T_down", "E_joule", "reason"))


def aldhalaan(p, tau, alpha, cap, dirty, held=mpf(0)):
    """Iterations over sets of pages; `dirty` maps a duration to what is dirty after it."""
    pages, sent, n = p - held, [], 0
    while not (pages <= alpha * p or n >= cap):
        sent.append(pages)
        pages = dirty(pages * tau)
        n += 1
    converged = pages <= alpha * p
    sent.append(pages + held)
    total = sum(sent)
    return {"iterations": n, "converged": converged, "pages_last": sent[-1], "pages_total": total,
            "T_down": sent[-1] * tau, "T_total": total * tau}


def saturating(rate, size):
    return (lambda t: -size * expm1(-rate * t / size)) if size > 0 else (lambda t: mpf(0))


def aldhalaan_cases():
    for i in range(20):
        p, tau = mpf(random.randint(1000, 10**7)), loguniform(1e-6, 1e-3)
        d = mpf(repr(float("%.6g" % (uniform(0, 0.97) / tau))))
        alpha, cap = loguniform(1e-4, 1), 1000
        inputs = {"P_pages": p, "tau": tau, "D_pages_s": d, "alpha": alpha, "max_iter": cap}
        out = aldhalaan(p, tau, alpha, cap, lambda t: d * t)
        rho = d * tau
        out.update(rho=rho, overhead_factor=out["pages_total"] / p,
                   pages_total_relaxed=p * (1 - alpha * rho) / (1 - rho),
                   T_down_relaxed=alpha * p * tau)
        emit("am_uniform", f"r{i}", inputs, out)
        d = mpf(repr(float("%.6g" % (uniform(0, 2) / tau))))
        inputs = {"P_pages": p, "tau": tau, "D_pages_s": d, "alpha": alpha, "max_iter": 80}
        emit("am_uniform_saturating", f"r{i}", inputs, aldhalaan(p, tau, alpha, 80, saturating(d, p)))
        h = uniform(0.001, 0.4)
        hot, cold = uniform(0, 2) / tau, uniform(0, 0.5) / tau
        hot, cold = mpf(repr(float("%.6g" % hot))), mpf(repr(float("%.6g" % cold)))
        for deferred in (False, True):
            u_cold = saturating(cold, p - h * p)
            u_hot = saturating(hot, h * p)
            dirty = u_cold if deferred else (lambda t: u_hot(t) + u_cold(t))
            inputs = {"P_pages": p, "tau": tau, "h": h, "D_hot": hot, "D_cold": cold, "alpha": alpha,
                      "defer": str(deferred), "max_iter": 80}
            emit("am_hot", f"r{i}{deferred}", inputs,
                 aldhalaan(p, tau, alpha, 80, dirty, h * p if deferred else mpf(0)))
        d = mpf(repr(float("%.6g" % (uniform(0.05, 0.95) / tau))))
        rate = mpf(repr(float("%.6g" % (uniform(0.05, 0.5) / (p * tau)))))
        u_max = uniform(0.05, 3)
        best, total, pages, n = None, mpf(0), p, 0
        while pages >= 1:
            total += pages
            if rate * tau * total > u_max:
                break
            best = (n, pages, total)
            pages *= d * tau
            n += 1
        else:
            # No limit binds: the first iteration that leaves less than a page.
            if rate * tau * (total + pages) <= u_max:
                best = (n, pages, total + pages)
        inputs = {"P_pages": p, "tau": tau, "D_pages_s": d, "mig_rate": rate, "U_max": u_max}
        if best:
            n, last, total = best
            out = {"feasible": True, "I_opt": n, "alpha_opt": last / p, "T_down": last * tau,
                   "U_net": rate * tau * total}
        else:
            out = {"feasible": False, "I_opt": -1, "alpha_opt": "inf", "T_down": "inf", "U_net": "inf"}
        emit("am_opt", f"r{i}", inputs, out)


def cerroni_cases():
    for i in range(20):
        v, r = loguniform(100, 1e5), loguniform(50, 2000)
        d = mpf(repr(float("%.6g" % (r * uniform(0, 1.2)))))
        threshold, cap, resume = loguniform(0.1, 100), random.randint(1, 20), uniform(0, 0.5)
        base = {"V_mem": v, "R": r, "D": d, "V_thd": threshold, "n_max": cap, "T_resume": resume}

        def one(rate):
            out = liu(v, rate, d, threshold, cap, resume)
            pre = sum(out["sent"][:-1]) / rate
            return out["n"], pre, out["T_down"], pre + out["T_down"], out["V_mig"]

        n, pre, down, total, volume = one(r)
        emit("cerroni_single", f"r{i}", base,
             {"n": n, "T_pre": pre, "T_down": down, "T_mig": total, "volume": volume})
        size, cpu = random.randint(1, 12), uniform(0, 0.3)
        np_, _, down_p, total_p, volume_p = one(r / size)
        emit("multi_vm", f"r{i}", dict(base, M=size, T_cpu=cpu), {
            "seq_n": n, "seq_T_mig": size * total, "seq_T_down_vm": down,
            "seq_T_down_service": down + (size - 1) * total, "seq_volume": size * volume,
            "par_n": np_, "par_T_mig": total_p, "par_T_down_service": down_p,
            "par_volume": size * volume_p,
            "imp_T_mig": total + (size - 1) * (cpu + v / r),
            "imp_T_down_service": down + (size - 1) * cpu,
            "imp_volume": volume + (size - 1) * v})
        together = random.randint(1, size)
        nm, _, down_m, total_m, volume_m = one(r / together)
        emit("m_mixed", f"r{i}", dict(base, M=size, m=together, T_cpu=cpu), {
            "n": nm, "T_mig": total_m + (size - together) * (cpu + v / r),
            "T_down_service": down_m + (size - together) * cpu,
            "volume": together * volume_m + (size - together) * v})


def other_cases():
    for i in range(20):
        m, b = loguniform(100, 1e6), loguniform(10, 5000)
        d = mpf(repr(float("%.6g" % (b * uniform(0, 0.99)))))
        delta = mpf(repr(float("%.6g" % (m / b * uniform(0, 0.9)))))
        emit("relaxed_total", f"r{i}", {"M": m, "B": b, "d": d, "delta": delta},
             {"T": (m - d * delta) / (b - d), "T_limit": m / (b - d)})
        f, t = loguniform(1e-9, 1e3), loguniform(1e-3, 1e2)
        x = f * t
        sent = -expm1(-x) / x
        emit("skip_fraction", f"r{i}", {"f": f, "t": t},
             {"sent_fraction": sent, "skipped_fraction": 1 - sent, "dirty_after": -expm1(-x),
              "sent_then_dirty": sent - exp(-x)})
        ram, speed = loguniform(100, 1e5), loguniform(10, 2000)
        intensity, load, cap, down = uniform(0, 0.98), uniform(0, 1), uniform(0.3, 1), loguniform(1e-3, 1)
        volume, total, rounds = ram, mpf(0), -1
        while True:
            total += volume
            volume = min(intensity * load * volume, cap * ram)
            rounds += 1
            if volume <= speed * down:
                break
        emit("simgrid", f"r{i}",
             {"ram": ram, "speed": speed, "intensity": intensity, "load": load, "cap": cap,
              "max_downtime": down},
             {"stage2_rounds": rounds, "V_total": total + volume, "T_total": (total + volume) / speed,
              "T_down": volume / speed})
        mbps = loguniform(100, 1e5)
        rate = mbps / 9
        mem, hot, seconds = loguniform(100, 1e5), rate * uniform(0, 1.5), uniform(0.5, 4)
        hot, cold = mpf(repr(float("%.6g" % hot))), mpf(repr(float("%.6g" % (rate * uniform(0, 0.9)))))
        if hot / seconds < rate * mpf("0.99"):
            t0 = mem / rate
            t_cold = (hot + (t0 - seconds) * cold) / (rate - cold) if t0 > seconds else mpf(0)
            share = hot / seconds
            t_hot = hot / rate * share / (rate - share) if t0 > seconds else mpf(0)
            emit("btrplace", f"r{i}",
                 {"mem_MB": mem, "bw_Mbps": mbps, "hot_MB": hot, "hot_s": seconds, "cold_MBps": cold},
                 {"t_min": t0, "t_cold": t_cold, "t_hot": t_hot, "t_total": t0 + t_cold + t_hot})
        kilobytes = mpf(random.randint(1, 10**9))
        emit("qemu_expected_downtime", f"r{i}", {"remaining_kB": kilobytes, "mbps": mbps},
             {"ms_kB1000": kilobytes * 8000 / (mbps * 10**6) * 1000,
              "ms_kB1024": kilobytes * 8192 / (mbps * 10**6) * 1000})
        volume, alpha, beta = loguniform(1, 1e6), uniform(0, 2), uniform(0, 100)
        emit("liu_energy", f"r{i}", {"V_mig": volume, "alpha": alpha, "beta": beta},
             {"E_joule": alpha * volume + beta})


print("model,case,inputs,output,value")
liu_cases()
aldhalaan_cases()
cerroni_cases()
other_cases()
