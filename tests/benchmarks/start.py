"""How soon a node answers after its start, beside a store with very many sessions and retained
messages, how long it takes until all of them are there, and how much memory they take.

The store is made by store_maker. Then a node is started on a copy of it, and a client whose session
is in the store comes at once; others come one after the other while the node reads the rest."""

import re
import shutil
import socket
import statistics
import subprocess
import sys
import time

CONNECT = b"\x10%c\x00\x04MQTT\x04\x00\x00\x3c\x00%c%s"
CONNACK = 4  # bytes
BETWEEN_CLIENTS = 0.02  # seconds
PATIENCE = 300  # seconds
ALL_THERE = re.compile(r"ports open after (\d+) ms; (\d+) sessions \((\d+) of them asleep\), (\d+) retained "
                       r"messages .* after (\d+) ms more")


def answer(port, client_id):
    """A connection that has its CONNACK, and whether the node knew the session."""
    end = time.perf_counter() + PATIENCE
    while True:
        try:
            peer = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            break
        except ConnectionRefusedError:
            if time.perf_counter() > end:
                sys.exit(f"nobody listens on port {port}")
            time.sleep(0.001)
    peer.sendall(CONNECT % (12 + len(client_id), len(client_id), client_id))
    got = b""
    while len(got) < CONNACK:
        piece = peer.recv(CONNACK - len(got))
        if not piece:
            sys.exit("the node has closed the connection")
        got += piece
    return peer, got[2] == 1


def resident(process):
    """Megabytes."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon"))


def start_once(program, data, log, port, sessions):
    """Milliseconds to the first CONNACK and to the slowest of the others, megabytes, and what the
    node itself says."""
    with open(log, "w", encoding="utf-8") as lines:
        begin = time.perf_counter()
        process = subprocess.Popen([program, "node", "--mqtt", f"127.0.0.1:{port}", "--data", data],
                                   stdout=subprocess.DEVNULL, stderr=lines)
    try:
        first, present = answer(port, b"client-%d" % (sessions - 1))
        answered = (time.perf_counter() - begin) * 1e3
        if not present:
            sys.exit("the node did not know a session that it has stored")
        times, number = [], 0
        while not (found := ALL_THERE.search(open(log, encoding="utf-8").read())):
            since = time.perf_counter()
            peer, _ = answer(port, b"client-%d" % (number * 7919 % sessions))
            times.append((time.perf_counter() - since) * 1e3)
            peer.close()
            number += 1
            time.sleep(BETWEEN_CLIENTS)
        first.close()
        return {"answered": answered, "others": statistics.median(times) if times else 0,
                "slowest": max(times, default=0), "rss": resident(process),
                "ports": int(found[1]), "sessions": int(found[2]), "asleep": int(found[3]),
                "retained": int(found[4]), "all": int(found[5])}
    finally:
        process.terminate()
        process.wait(timeout=60)


def starts(release, folder, port, sessions, retained, runs):
    """What each run measured."""
    made = folder / "made"
    subprocess.run([release / "store_maker", made, str(sessions), str(retained)], check=True)
    all_runs = []
    for _ in range(runs):
        data = folder / "data"
        shutil.copytree(made, data)
        all_runs.append(start_once(release / "callboard", data, folder / "log", port, sessions))
        shutil.rmtree(data)
    return all_runs


def report(all_runs):
    """Medians, as rows of a table."""
    middle = {key: statistics.median(run[key] for run in all_runs) for key in all_runs[0]}
    return "\n".join([
        "| what | measured |", "|---|---|",
        f"| ports open | {middle['ports']:.0f} ms |",
        f"| CONNACK for a stored session, from the start of the process | {middle['answered']:.0f} ms |",
        f"| CONNACKs while the rest is read | {middle['others']:.0f} ms, the slowest {middle['slowest']:.0f} ms |",
        f"| all is there: {middle['sessions']:.0f} sessions ({middle['asleep']:.0f} asleep), "
        f"{middle['retained']:.0f} retained messages | {middle['all']:.0f} ms later |",
        f"| memory of the process | {middle['rss']:.0f} MB |"])
