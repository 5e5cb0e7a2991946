#!/usr/bin/env python3
"""Writes NIST's non-linear sets as CSV, for the command: one NAME.csv beside each NAME.dat.

Run from anywhere; needs nothing but Python. The numbers keep NIST's own digits as the shortest
decimals that read back to the same doubles.
"""

import pathlib

folder = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "nist" / "nonlinear"


def main():
    for path in sorted(folder.glob("*.dat")):
        lines = path.read_text().splitlines()
        header = max(i for i, line in enumerate(lines) if line.startswith("Data:"))
        columns = lines[header].split()[1:]
        data = [line.split() for line in lines[header + 1:] if line.split()]
        rows = [[float(cell) for cell in line] for line in data]
        assert all(len(row) == len(columns) for row in rows), path.name
        text = "".join(",".join(map(repr, row)) + "\n" for row in rows)
        (folder / f"{path.stem}.csv").write_text(",".join(columns) + "\n" + text)


if __name__ == "__main__":
    main()
