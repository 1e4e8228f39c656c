#!/usr/bin/env python3
"""mqload against callboard and other brokers, interleaved, into docs/bench.md.

usage: ./dev bench [--runs N] [--seconds N] [--durable] [--only SCENARIO,...] [--without BROKER,...] [--write]
       ./dev bench --start [--runs N] [--sessions N] [--retained N]

Compared are callboard (build/release), Debian's mosquitto if it is installed, and
FlashMQ if $FLASHMQ names its program. Every run starts a fresh broker; the order
goes round, so that a machine that changes its speed does so for all. Medians.
--durable measures what it costs that something survives, into docs/bench-durable.md.
--start measures how soon a node answers beside a full store."""

import argparse
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import acknowledgements
import start

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build/release"

SCENARIOS = {
    "p2p-q0": "p2p --pubs 10 --window 50",
    "p2p-q1": "p2p --pubs 10 --window 50 --qos 1",
    "p2p-q2": "p2p --pubs 10 --window 50 --qos 2",
    "p2p-q0-w1": "p2p --pubs 50 --window 1",
    "p2p-q0-w1-51": "p2p --pubs 51 --window 1",
    "p2p-4k": "p2p --pubs 10 --window 20 --payload 4096",
    "fanout": "fanout --pubs 1 --subs 100 --window 20",
    "fanin": "fanin --pubs 50 --subs 1 --window 20",
    "shared": "shared --v5 --pubs 20 --subs 4 --window 50",
    "wildcard": "wildcard --topics 100000 --subs 50 --pubs 10 --window 50",
    "latency": "latency --pubs 20 --rate 5000",
    "latency-q1": "latency --pubs 20 --rate 5000 --qos 1",
    "latency-50k": "latency --pubs 20 --rate 50000",
    "connect": "connect --parallel 50",
    "retained": "retained --topics 50000 --qos 1 --sub-qos 0 --window 100",
    "offline": "offline --topics 100000 --subs 20 --qos 1 --window 100",
    "idle": "idle --conns 9000 --parallel 100",
}

# With nodes that store: what lasts, and what does not have to.
DURABLE = {
    "p2p-q1": SCENARIOS["p2p-q1"],
    "lasting-q1": "p2p --pubs 50 --window 50 --qos 1 --persistent 1",
    "lasting-q1-w1000": "p2p --pubs 50 --window 1000 --qos 1 --persistent 1",
    "lasting-q2": "p2p --pubs 50 --window 50 --qos 2 --persistent 1",
    "lasting-w1": "p2p --pubs 50 --window 1 --qos 1 --persistent 1",
    "offline": SCENARIOS["offline"],
    "offline-w5000": "offline --topics 200000 --subs 20 --qos 1 --window 5000",
    "retained": "retained --topics 20000 --qos 1 --sub-qos 0 --window 1000",
}

# What counts in each scenario: (key of mqload, larger is better).
FIGURES = {
    "latency": [("p50_us", False), ("p99_us", False)],
    "connect": [("conn_s", True)],
    "retained": [("store_msg_s", True), ("replay_msg_s", True)],
    "offline": [("queue_msg_s", True), ("drain_msg_s", True), ("rss_per_msg_b", False)],
    "idle": [("rss_per_conn_b", False), ("cpu_s_per_10s", False)],
    "wildcard": [("msg_s", True), ("subscribe_per_s", True), ("rss_per_filter_b", False)],
}
USUAL = [("msg_s", True), ("p99_us", False)]
CPU = ("cpu_s_per_million", False)

# Writes its snapshot every half an hour, and waits for it with nothing.
MOSQUITTO_DATA = """persistence true
persistence_location {folder}/
"""

MOSQUITTO = """listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
max_inflight_messages 0
max_queued_messages 0
"""

FLASHMQ = """log_level notice
thread_count {threads}
allow_anonymous true
max_qos_msg_pending_per_client 65535
max_qos_bytes_pending_per_client 100000000
client_max_write_buffer_size 16777216
listen {{
  protocol mqtt
  port {port}
  inet_protocol ip4
  inet4_bind_address 127.0.0.1
  tcp_nodelay true
}}
"""


class Broker:
    """One program, started anew for each run."""

    def __init__(self, name, command, configuration=None):
        self.name, self.command, self.configuration = name, command, configuration

    def run(self, arguments, port, folder):
        """What mqload says."""
        def load(process):
            words = [str(RELEASE / "mqload"), *arguments, "--port", str(port), "--broker", self.name,
                     "--broker-pid", str(process.pid)]
            result = subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=300, check=False)
            return json.loads(result.stdout)
        return self.during(load, port, folder)

    def during(self, call, port, folder):
        """What call(process) gives while the broker runs."""
        command = [word.format(port=port, folder=folder) for word in self.command]
        if self.configuration:
            text = self.configuration.replace("{port}", str(port)).replace("{folder}", str(folder))
            (folder / "broker.conf").write_text(text)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        try:
            wait_for(port)
            return call(process)
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(port):
    import socket
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"no broker on port {port}")


def durable_brokers(without=()):
    node = [str(RELEASE / "callboard"), "node", "--mqtt", "127.0.0.1:{port}"]
    found = [Broker("callboard", [*node, "--ephemeral"])]
    for durability in ("os", "disk"):
        stores = ["--data", "{folder}/data", "--set", f"durability={durability}"]
        found.append(Broker(f"callboard-{durability}", [*node, *stores]))
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
    if mosquitto:
        command = [mosquitto, "-c", "{folder}/broker.conf"]
        found.append(Broker("mosquitto-data", command, MOSQUITTO + MOSQUITTO_DATA))
    return [broker for broker in found + flashmqs((1,)) if broker.name not in without]


def flashmqs(thread_counts):
    flashmq = os.environ.get("FLASHMQ")
    if not flashmq:
        return []
    found = []
    for threads in thread_counts:
        text = FLASHMQ.format(threads=threads, port="{port}").replace("{{", "{").replace("}}", "}")
        found.append(Broker(f"flashmq-t{threads}", [flashmq, "--config-file", "{folder}/broker.conf"], text))
    return found


def brokers(without=()):
    node = [str(RELEASE / "callboard"), "node", "--ephemeral", "--mqtt", "127.0.0.1:{port}"]
    found = [Broker("callboard", node)]
    if (os.cpu_count() or 1) > 1:
        found.append(Broker("callboard-2u", [*node, "--set", "units=2"]))
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
    if mosquitto:
        found.append(Broker("mosquitto", [mosquitto, "-c", "{folder}/broker.conf"], MOSQUITTO))
    return [broker for broker in found + flashmqs((1, 2)) if broker.name not in without]


def figures(scenario):
    for prefix, keys in FIGURES.items():
        if scenario.startswith(prefix):
            return keys if prefix in ("idle", "retained", "offline") else [*keys, CPU]
    return [*USUAL, CPU]


def measure(options, scenarios, those):
    results = {}
    port = 18900
    for run in range(options.runs):
        for scenario in scenarios:
            for broker in those:
                port = 18900 + (port - 18899) % 90
                with tempfile.TemporaryDirectory() as folder:
                    words = [*scenarios[scenario].split(), "--duration", str(options.seconds)]
                    result = broker.run(words, port, Path(folder))
                results.setdefault((scenario, broker.name), []).append(result)
                print(f"{run + 1}/{options.runs} {scenario} {broker.name}: " +
                      ", ".join(f"{key} {result.get(key, '-')}" for key, _ in figures(scenario)), flush=True)
    return results


def acknowledgement_table(those, seconds):
    ports = itertools.count(18991)  # a port that was just used may rest for a while

    def run(broker, call):
        port = next(ports)
        with tempfile.TemporaryDirectory(dir=RELEASE) as folder:
            return broker.during(lambda _: call(port), port, Path(folder))
    with tempfile.TemporaryDirectory(dir=RELEASE) as folder:  # /tmp may be memory, which syncs nothing
        return acknowledgements.table(those, run, Path(folder), seconds)


def median(results, key):
    values = [one[key] for one in results if isinstance(one.get(key), (int, float))]
    return statistics.median(values) if values else None


def show(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(results, scenarios, those):
    lines = []
    for scenario in scenarios:
        keys = figures(scenario)
        lines += ["", f"**{scenario}** (`mqload {scenarios[scenario]}`)", "",
                  "| broker | " + " | ".join(key for key, _ in keys) + " | lost, dup, reordered |",
                  "|---" * (len(keys) + 2) + "|"]
        ours = results.get((scenario, "callboard"), [])
        for broker in those:
            mine = results.get((scenario, broker.name), [])
            cells = []
            for key, larger in keys:
                value, own = median(mine, key), median(ours, key)
                ratio = ""
                if broker.name != "callboard" and value and own:
                    ratio = f" ({own / value if larger else value / own:.2f}×)"
                cells.append(show(value) + ratio)
            faults = ", ".join(str(sum(one.get(key) or 0 for one in mine)) for key in ("lost", "dup", "reordered"))
            lines.append(f"| {broker.name} | " + " | ".join(cells) + f" | {faults} |")
    return "\n".join(lines)


HEAD = """# How fast

Made by `{command}` on {day}: {machine}. Medians of {runs} runs, brokers interleaved, a fresh process for every run. In \
parentheses how many times better callboard is than that broker (below 1: worse). `callboard` has one unit on this machine \
(its default), `callboard-2u` two. CPU is the broker's seconds per million deliveries. Absolute figures move from machine \
to machine; compare within a table.
"""

DURABLE_HEAD = """# What durability costs

Made by `{command}` on {day}: {machine}. Medians of {runs} runs, interleaved, a fresh process and an empty directory for \
every run. In parentheses how many times better the ephemeral node is (above 1: that much the store costs).

They promise different things. `callboard` (ephemeral): nothing survives the process. `callboard-os`: what is acknowledged \
survives the process, not a power cut. `callboard-disk` (the default of a node): what is acknowledged is synced to the disk \
before. `mosquitto-data` (Debian's, persistence on): writes a snapshot every 30 minutes and when it ends; an \
acknowledgement waits for nothing. `flashmq-t1`, if it is there: in memory.

`rss_per_msg_b` is resident memory; of a node with a store most of it is the store's file, which the system may take back.
"""


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}, load generator and broker on the same cores, loopback"


def measure_starts(options):
    with tempfile.TemporaryDirectory() as folder:
        print(start.report(start.starts(RELEASE, Path(folder), 18990, options.sessions, options.retained, options.runs)))


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", default="")
    parser.add_argument("--start", action="store_true", help="how soon a node answers beside a full store")
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--retained", type=int, default=1_000_000)
    parser.add_argument("--durable", action="store_true", help="what it costs that something survives")
    parser.add_argument("--without", default=[], type=lambda text: text.split(","))
    parser.add_argument("--write", action="store_true", help="write docs/bench.md, or docs/bench-durable.md")
    options = parser.parse_args()
    if options.start:
        return measure_starts(options)
    wanted = options.only.split(",") if options.only else []
    scenarios = {name: words for name, words in (DURABLE if options.durable else SCENARIOS).items()
                 if not wanted or name in wanted}
    those = (durable_brokers if options.durable else brokers)(options.without)
    text = table(measure(options, scenarios, those), scenarios, those)
    if options.durable and (not wanted or "acknowledgements" in wanted):
        text += "\n" + acknowledgement_table(those, options.seconds)
    print(text)
    if options.write:
        page = "docs/bench-durable.md" if options.durable else "docs/bench.md"
        (ROOT / page).write_text((DURABLE_HEAD if options.durable else HEAD).format(
            command=f"./dev bench{' --durable' if options.durable else ''} --runs {options.runs} "
                    f"--seconds {options.seconds}{f' --only {options.only}' if options.only else ''} --write",
            day=time.strftime("%Y-%m-%d"), machine=machine(), runs=options.runs) + text + "\n")


if __name__ == "__main__":
    main()
