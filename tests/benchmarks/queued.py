#!/usr/bin/env python3
"""What so many messages cost that wait for absent clients, and what is left of them afterwards.

usage: python3 tests/benchmarks/queued.py [MESSAGES] [--durability os]

A real node; mqload queues MESSAGES (ten million) of 64 bytes at QoS 1 for 20 clients that are
away, and lets them come back. Own memory is what the node has besides its file, of which the
system may keep as much in memory as it likes."""

import argparse
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

RELEASE = Path(__file__).resolve().parents[2] / "build/release"
CALLBOARD = os.environ.get("CALLBOARD_BINARY", str(RELEASE / "callboard"))


def own_memory(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) * 1024


def mebibytes(count):
    return f"{count / (1 << 20):,.0f} MiB"


class Watch(threading.Thread):
    """The most memory that a node had, and how large its file got."""

    def __init__(self, process, file):
        super().__init__(daemon=True)
        self.process, self.file, self.memory, self.over = process, file, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.1):
            self.memory = max(self.memory, own_memory(self.process))

    def end(self):
        self.over.set()
        self.join()
        return f"own memory at most {mebibytes(self.memory)}, file {mebibytes(self.file.stat().st_size)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("messages", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--durability", default="os")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=RELEASE) as folder:
        data = Path(folder) / "data"
        node = subprocess.Popen(
            [CALLBOARD, "node", "--mqtt", "127.0.0.1:0", "--data", str(data),
             "--set", f"durability={options.durability}", "--set", "queue_maximum_messages=4000000000",
             "--set", "queue_maximum_bytes=1000000000000"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = node.stdout.readline().split()[2].rsplit(":", 1)[1]
        print(f"begin: own memory {mebibytes(own_memory(node))}", flush=True)
        watch = Watch(node, data / "store.mdb")
        done = subprocess.run(
            [str(RELEASE / "mqload"), "offline", "--topics", str(options.messages), "--subs", "20", "--qos", "1",
             "--window", "100", "--port", port], stdout=subprocess.PIPE, text=True, check=False)
        said = json.loads(done.stdout)
        keys = ("queued", "queue_s", "queue_msg_s", "recv", "lost", "dup", "reordered", "drain_s", "drain_msg_s")
        print(", ".join(f"{key} {said[key]:,}" for key in keys if key in said))
        print(watch.end())
        time.sleep(3)
        print(f"3 s later: own memory {mebibytes(own_memory(node))}")
        node.send_signal(signal.SIGTERM)
        node.wait()
        subprocess.run([CALLBOARD, "store", "check", "--data", str(data)], check=False)


if __name__ == "__main__":
    main()
