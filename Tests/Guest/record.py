"""Records the histories of Notebooks-data/guest-histories: python3 record.py [FOLDER].

Starts QEMU (software emulation, time by instructions: -icount) once per recording, reads what the
guest prints on its serial port, and writes histories.csv.gz and rates.csv.
"""
import gzip
import io
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    HERE, "..", "..", "Notebooks-data", "guest-histories")
MEMORY_MIB = 64
SLOTS = 300
TICKS = 25          # of 4772 / 1193182 s: a slot of 99.987 ms, written as 0.1 s
SLOT_S = "0.1"
TIME_LIMIT_S = 300  # of this machine; a recording takes some seconds
RECORDINGS = [
    ("hotcold", "P=3 R=3000 W=12288 H=64 Q=900 S=1"),
    ("sequential", "P=1 R=2000 W=12288 S=1"),
    ("uniform", "P=2 R=1000 W=768 S=1"),
]


def record(options):
    """The rows (slot, first page, pages) that a guest prints."""
    command = [
        "qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=4,sleep=off", "-m",
        str(MEMORY_MIB), "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
        "-kernel", os.path.join(HERE, "guest.elf"), "-append",
        f"M={MEMORY_MIB} T={TICKS} N={SLOTS} {options}"]
    guest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    rows = []
    try:
        for line in guest.stdout:
            if line.strip() == "end":
                return rows
            rows.append(tuple(int(word) for word in line.split()))
    finally:
        guest.kill()
        guest.wait(TIME_LIMIT_S)
    raise SystemExit("the guest ended early")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    text = io.StringIO()
    text.write("id,slot_s,slot,first_page,page_count\n")
    rates = ["id,memory_bytes,page_size_bytes,slots,runs,dirty_rate_bytes_per_s,"
             "dirty_rate_window_s,guest_options"]
    for name, options in RECORDINGS:
        rows = record(options)
        slots = {slot for slot, _, _ in rows}
        if slots != set(range(SLOTS)):
            raise SystemExit(f"{name}: slots are missing")
        for slot, first, count in rows:
            text.write(f"{name},{SLOT_S},{slot},{first},{count}\n")
        pages = sum(count for _, _, count in rows)
        rate = pages * 4096 / (SLOTS * float(SLOT_S))
        rates.append(f"{name},{MEMORY_MIB << 20},4096,{SLOTS},{len(rows)},{rate!r},{SLOT_S},"
                     f"{options}")
    with open(os.path.join(FOLDER, "histories.csv.gz"), "wb") as file:
        # No name and no time in the member: the same rows give the same bytes.
        with gzip.GzipFile("", "wb", 9, file, 0) as member:
            member.write(text.getvalue().encode())
    with open(os.path.join(FOLDER, "rates.csv"), "w", newline="") as file:
        file.write("\n".join(rates) + "\n")


main()
