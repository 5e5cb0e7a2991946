"""Types the settings that `cutover advise --format json` prints into two QEMUs and migrates.

usage: type_lines.py qmp|hmp ANSWER.json

Starts a source and a destination under software emulation, without a guest; puts a socket in
the place of the address; types every line at the end it is for; waits for the end of the
migration. Prints a JSON object: `lines` with the text and QEMU's answer to each, `status` of
the migration, `parameters` of the source before it started.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 60  # seconds until a QEMU that is stuck is killed


class Machine:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-display", "none", "-nodefaults",
             "-m", "64", "-qmp", "stdio", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.timer = threading.Timer(PATIENCE, self.process.kill)
        self.timer.start()
        self.process.stdout.readline()
        self.execute({"execute": "qmp_capabilities"})

    def type(self, line):
        """Sends a line and returns the document that answers it; events are skipped."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        while True:
            answer = self.process.stdout.readline()
            if not answer:
                raise SystemExit("QEMU ended")
            document = json.loads(answer)
            if "return" in document or "error" in document:
                return document

    def execute(self, command):
        return self.type(json.dumps(command))

    def monitor(self, line):
        return self.execute({"execute": "human-monitor-command",
                             "arguments": {"command-line": line}})

    def end(self):
        self.timer.cancel()
        self.process.kill()
        self.process.wait()


def main():
    platform, path = sys.argv[1:]
    with open(path) as file:
        settings = [row for row in json.load(file)["settings"] if row["platform"] == platform]
    source = Machine()
    destination = Machine("-incoming", "defer")
    answers = []
    parameters = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            uri = "unix:" + os.path.join(folder, "m")
            listening = any("incoming" in row["setting"] for row in settings)
            if not listening:
                destination.execute({"execute": "migrate-incoming", "arguments": {"uri": uri}})
            for row in settings:
                text = row["setting"].replace("tcp:0:4444", uri)
                text = text.replace("tcp:DESTINATION:4444", uri)
                at_source = row["place"].startswith("on the source")
                if at_source and uri in text:
                    parameters = source.execute({"execute": "query-migrate-parameters"})["return"]
                machine = source if at_source else destination
                answer = machine.type(text) if platform == "qmp" else machine.monitor(text)
                answers.append({"text": text, "answer": answer})
            status = ""
            for _ in range(PATIENCE * 5):
                status = source.execute({"execute": "query-migrate"})["return"].get("status", "")
                if status in ("completed", "failed", "cancelled"):
                    break
                time.sleep(0.1)
    finally:
        source.end()
        destination.end()
    json.dump({"lines": answers, "status": status, "parameters": parameters}, sys.stdout)


main()
