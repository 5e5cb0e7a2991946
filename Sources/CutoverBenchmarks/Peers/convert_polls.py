"""The least that a script does with such a log: parse each line, keep how migrations ended."""
import json
import sys

with open(sys.argv[1], "rb") as log:
    for line in log:
        reply = json.loads(line)["query_migrate"]
        if reply.get("status") == "completed" and "ram" in reply:
            print(reply["total-time"], reply["downtime"], reply["ram"]["transferred"])
