"""Writes Tests/Fixtures/queueing/prism.csv: what the models of Tests/Fixtures/queueing/prism say,
found without Cutover.

A reader of PRISM's language of its own (a regular expression per statement, expressions turned
into Python's and evaluated by it), an explorer of its own, and NumPy and SciPy for the chain: the
long run by least squares over Q' p = 0 and sum p = 1, the probability at a time by the matrix
exponential, the mean time to a label by a linear solve. Needs numpy and scipy.
"""
import csv
import glob
import math
import os
import re

import numpy as np
from scipy.linalg import expm

here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, "..", "Fixtures", "queueing", "prism")
FUNCTIONS = {
    "min": min, "max": max, "floor": math.floor, "ceil": math.ceil,
    "round": lambda x: math.floor(x + 0.5), "pow": pow, "mod": lambda a, b: a - b * math.floor(a / b),
    "log": lambda a, b: math.log(a) / math.log(b), "true": True, "false": False,
    "bool": bool,
}


def python(text):
    """An expression of PRISM as one of Python; ?: from the right, the loosest signs first."""
    depth = 0
    for at, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "?" and depth == 0:
            rest, level, inner = text[at + 1:], 0, 0
            for colon, other in enumerate(rest):
                level += {"(": 1, ")": -1}.get(other, 0)
                inner += other == "?" and level == 0
                if other == ":" and level == 0:
                    if inner == 0:
                        break
                    inner -= 1
            return f"(({python(rest[:colon])}) if ({python(text[:at])}) else ({python(rest[colon + 1:])}))"
    for sign, word in (("<=>", "=="), ("=>", "<=")):
        parts = split(text, sign)
        if len(parts) > 1:
            # Truth values compare as 0 and 1: "a implies b" is a <= b.
            answer = f"bool({python(parts[0])})"
            for part in parts[1:]:
                answer = f"({answer} {word} bool({python(part)}))"
            return answer
    for sign, word in (("|", " or "), ("&", " and ")):
        parts = split(text, sign)
        if len(parts) > 1:
            return "(" + word.join(f"({python(part)})" for part in parts) + ")"
    text = text.strip()
    if text.startswith("!") and not text.startswith("!="):
        return f"(not ({python(text[1:])}))"
    text = re.sub(r"(?<![<>!=])=(?!=|>)", "==", text)
    # What is left inside of parentheses and arguments.
    return re.sub(r"\(([^()]*[&|!?=][^()]*)\)", lambda m: "(" + python(m[1]) + ")", text)


def split(text, sign):
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        whole = text[at:at + len(sign)] == sign
        if whole and depth == 0 and not (sign == "=>" and text[at - 1] == "<"):
            parts.append(text[start:at])
            start = at = at + len(sign)
        else:
            at += 1
    return parts + [text[start:]]


class Model:
    def __init__(self, path):
        with open(path) as file:
            text = re.sub(r"//[^\n]*", "", file.read())
        self.names, formulas = dict(FUNCTIONS), {}
        for name, value in re.findall(r"const\s+(?:int|double|bool)\s+(\w+)\s*=\s*([^;]*);", text):
            self.names[name + "_"] = self.constant(value)
        for name, value in re.findall(r"formula\s+(\w+)\s*=\s*([^;]*);", text):
            formulas[name] = value
        for _ in formulas:
            for name, value in formulas.items():
                text = re.sub(rf"\b{name}\b(?!\s*=[^=>])", f"({value})", text)
        self.variables, start = [], []
        found = re.findall(
            r"(\w+)\s*:\s*(?:bool|\[([^\]]*)\.\.([^\]]*)\])\s*(?:init\s+([^;]*))?;", text)
        for name, low, high, first in found:
            self.variables.append(name)
            value = self.constant(first or low or "false")
            start.append(value if low == "" else int(value))
        commands = []
        for guard, updates in re.findall(r"\[\w*\]([^;]*?)->([^;]*);", text):
            moves = []
            for update in split(updates, "+") if self.plain(updates) else self.joined(updates):
                rate, _, changes = self.halves(update)
                assigned = re.findall(r"\(\s*(\w+)'\s*=(.*?)\)\s*(?=&\s*\(\s*\w+'|$)", changes.strip())
                moves.append((self.code(rate), [(self.variables.index(n), self.code(e)) for n, e in assigned]))
            commands.append((self.code(guard), moves))
        self.states, self.index, arrows = [tuple(start)], {tuple(start): 0}, []
        for state in self.states:
            for guard, moves in commands:
                if not self.value(guard, state):
                    continue
                for rate, changes in moves:
                    speed = self.value(rate, state)
                    after = list(state)
                    for slot, code in changes:
                        new = self.value(code, state)
                        after[slot] = new if isinstance(new, bool) else int(new)
                    after = tuple(after)
                    if speed > 0 and after not in self.index:
                        self.index[after] = len(self.states)
                        self.states.append(after)
                    if speed > 0 and after != state:
                        arrows.append((self.index[state], self.index[after], speed))
        size = len(self.states)
        self.rates = np.zeros((size, size))
        for source, target, speed in arrows:
            self.rates[source, target] += speed
        np.fill_diagonal(self.rates, -self.rates.sum(axis=1))
        self.labels = {
            name: np.array([float(self.value(self.code(e), s)) for s in self.states])
            for name, e in re.findall(r'label\s+"(\w+)"\s*=\s*([^;]*);', text)}
        self.rewards = {}
        for name, body in re.findall(r'rewards\s+"(\w+)"(.*?)endrewards', text, re.S):
            items = [(self.code(g), self.code(e)) for g, e in re.findall(r"([^:;]*):([^;]*);", body)]
            self.rewards[name] = np.array([
                sum(float(self.value(e, s)) for g, e in items if self.value(g, s))
                for s in self.states])

    @staticmethod
    def plain(updates):
        """Whether + only stands between updates."""
        return all(":" in part or "'" in part or part.strip() == "true" for part in split(updates, "+"))

    @staticmethod
    def joined(updates):
        """Updates whose rates are sums: a part without a colon belongs to the next one."""
        answer, held = [], ""
        for part in split(updates, "+"):
            held += ("+" if held else "") + part
            if ":" in part:
                answer.append(held)
                held = ""
        return answer

    @staticmethod
    def halves(update):
        """Rate and changes: cut at the last colon that belongs to no ?:"""
        if ":" not in update:
            return "1", ":", update
        at = max(i for i, sign in enumerate(update) if sign == ":" and
                 re.match(r"\s*(\(\s*\w+'|true)", update[i + 1:]))
        return update[:at], ":", update[at + 1:]

    def code(self, text):
        # Names of the model get an underscore: lambda is a word of Python's.
        own = re.sub(r"\b[A-Za-z_]\w*", lambda m: m[0] if m[0] in FUNCTIONS else m[0] + "_", text)
        own = own.replace("true", "True").replace("false", "False")
        return compile(python(own.strip()), text, "eval")

    def constant(self, text):
        return eval(self.code(text), dict(self.names))

    def value(self, code, state):
        return eval(code, {**self.names, **{n + "_": v for n, v in zip(self.variables, state)}})

    def answers(self):
        size = len(self.states)
        yield "states", "", size
        yield "arrows", "", int((self.rates > 0).sum())
        yield "total_rate", "", self.rates[self.rates > 0].sum()
        first = np.zeros(size)
        first[0] = 1
        at = first @ expm(self.rates * 1.5)
        for name, members in self.labels.items():
            yield "at_1.5_s", name, at @ members
        for name, values in self.rewards.items():
            yield "at_1.5_s", name, at @ values
        absorbing = (self.rates == 0).all(axis=1)
        if absorbing.any():
            inner = np.where(~absorbing)[0]
            times = np.linalg.solve(-self.rates[np.ix_(inner, inner)], np.ones(len(inner)))
            yield "mean_time_to_end", "", times[list(inner).index(0)]
            return
        system = np.vstack([self.rates.T, np.ones(size)])
        long_run = np.linalg.lstsq(system, np.append(np.zeros(size), 1), rcond=None)[0]
        for name, members in self.labels.items():
            yield "long_run", name, long_run @ members
        for name, values in self.rewards.items():
            yield "long_run", name, long_run @ values


with open(os.path.join(folder, "..", "prism.csv"), "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["model", "question", "name", "value"])
    for path in sorted(glob.glob(os.path.join(folder, "*.prism"))):
        for question, name, value in Model(path).answers():
            out.writerow([os.path.basename(path), question, name, repr(float(value))])
