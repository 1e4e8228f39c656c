#!/usr/bin/env python3
"""A node under steady change: what it keeps on disk and in memory must not grow for ever.

usage: ./dev churn [MINUTES] [SEED]

Clients that last come and go: they queue while they are away, drain when they come, or break
off in the middle. Others begin sessions and end them, and retained messages are set and
removed. Each client gets its messages in order and none is missing. When it has warmed up,
the node's file and its own memory must not grow any more."""

import argparse
import itertools
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALLBOARD = os.environ.get("CALLBOARD_BINARY", "build/release/callboard")
PATIENCE = 60  # seconds
WARM = 0.4  # of the time, after which nothing grows
ROOM = 1.25  # times the most that was seen until then
LITTLE = {"file": 64 << 20, "memory": 32 << 20}  # bytes that say nothing: a journal alone may be 16 MiB

SIZES = (20, 100, 100, 100, 700, 3_000)  # bytes of a payload


def text(value):
    return struct.pack("!H", len(value)) + value.encode()


def packet(head, body):
    size, length = len(body), b""
    while size >= 128:
        length += bytes([size % 128 | 128])
        size //= 128
    return bytes([head]) + length + bytes([size]) + body


class Connection:
    """MQTT 3.1.1, as far as it is needed."""

    def __init__(self, port, client_id, clean=False):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = text("MQTT") + bytes([4, 2 if clean else 0]) + struct.pack("!H", 0) + text(client_id)
        self.send(packet(0x10, body))
        answer = self.exactly(4)
        assert answer[0] == 0x20 and answer[3] == 0, answer

    def send(self, data):
        self.socket.sendall(data)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            assert more, "the node has closed the connection"
            data += more
        return data

    def subscribe(self, topic_filter):
        self.send(packet(0x82, struct.pack("!H", 1) + text(topic_filter) + b"\x01"))
        assert self.exactly(5)[0] == 0x90

    def publish_all(self, packets):
        """At QoS 1; returns when all are acknowledged."""
        for first in range(0, len(packets), 500):
            some = packets[first:first + 500]
            self.send(b"".join(some))
            answers = self.exactly(4 * len(some))
            assert answers.count(b"\x40\x02") >= len(some), answers

    def leave(self):
        self.send(b"\xe0\x00")
        self.socket.close()


def publication(topic, payload, identifier, retain=False):
    head = 0x33 if retain else 0x32
    return packet(head, text(topic) + struct.pack("!H", identifier) + payload)


class Lasting:
    """A client that lasts, and what waits for it: messages with numbers."""

    def __init__(self, port, name, size):
        self.port, self.name, self.topic = port, name, f"queue/{name}"
        self.size = size
        self.published = 0
        self.settled = 0  # numbers up to this one need not come again
        connection = Connection(port, name)
        connection.subscribe(self.topic)
        connection.leave()
        self.stride = len(self.message(1))
        self.published = 0
        self.identifier_at = self.stride - size - 2

    def message(self, identifier):
        self.published += 1
        payload = f"{self.published:012d}".encode().ljust(self.size, b"x")
        return publication(self.topic, payload, identifier)

    def waiting(self):
        return self.published - self.settled

    def grow(self, publisher, count):
        publisher.publish_all([self.message(1 + number % 60_000) for number in range(count)])

    def drain(self, most):
        """Takes what waits, or breaks off after so many."""
        connection = Connection(self.port, self.name)
        data, expected = b"", None
        last = min(self.published, self.settled + most)
        try:
            while self.settled < last:
                more = connection.socket.recv(1 << 20)
                assert more, "the node has closed the connection"
                data += more
                whole = len(data) // self.stride
                answers = []
                for at in range(0, whole * self.stride, self.stride):
                    number = int(data[at + self.identifier_at + 2:at + self.identifier_at + 14])
                    if expected is None:  # answers may have been lost
                        expected = min(number, self.settled + 1)
                    assert number == expected, f"{self.name}: {number} instead of {expected}"
                    expected += 1
                    answers.append(b"\x40\x02" + data[at + self.identifier_at:at + self.identifier_at + 2])
                connection.send(b"".join(answers))
                data = data[whole * self.stride:]
                self.settled = max(self.settled, (expected or 1) - 1)
        except TimeoutError:
            sys.exit(f"{self.name} waits in vain for {last}: it has come to {self.settled}")
        if last == self.published:
            connection.leave()
        else:
            connection.socket.close()  # answers may be lost: the node sends some again


class Node:
    def __init__(self, folder, durability):
        self.file = folder / "data" / "store.mdb"
        self.process = subprocess.Popen(
            [CALLBOARD, "node", "--mqtt", "127.0.0.1:0", "--data", str(folder / "data"),
             "--set", f"durability={durability}"],
            stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        assert words[:2] == ["listening", "mqtt"], words
        self.port = int(words[2].rsplit(":", 1)[1])

    def memory(self):
        """Bytes of its own, without the file that is in the system's memory."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("RssAnon"):
                return int(line.split()[1]) * 1024
        return 0

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)


class Churn:
    def __init__(self, node, chance, minutes):
        self.node, self.chance = node, chance
        clients, self.queue_at_most = (40, 20_000) if minutes >= 2 else (8, 2_000)  # it has to get warm
        self.names = itertools.count(1)
        self.publisher = Connection(node.port, "publisher", clean=True)
        self.clients = [self.fresh() for _ in range(clients)]
        self.counts = dict.fromkeys(("queued", "drained", "retained", "sessions"), 0)

    def fresh(self):
        return Lasting(self.node.port, f"client-{next(self.names):07d}", self.chance.choice(SIZES))

    def step(self):
        client = self.chance.choice(self.clients)
        what = self.chance.random()
        if what < 0.45:
            self.grow(client)
        elif what < 0.85:
            before = client.settled
            client.drain(client.waiting() if self.chance.random() < 0.7 else client.waiting() // 2)
            self.counts["drained"] += client.settled - before
        elif what < 0.95:
            self.retain()
        else:
            self.end_session(client)

    def grow(self, client):
        count = self.chance.randrange(1, 3_000 if client.size < 1_000 else 300)
        if client.waiting() + count <= self.queue_at_most:
            client.grow(self.publisher, count)
            self.counts["queued"] += count

    def retain(self):
        """Half of them are removed again."""
        count = self.chance.randrange(1, 500)
        payloads = (b"", b"r" * self.chance.choice(SIZES))
        self.publisher.publish_all([
            publication(f"retained/{self.chance.randrange(5_000)}", self.chance.choice(payloads), 1 + each, True)
            for each in range(count)])
        self.counts["retained"] += count

    def end_session(self, client):
        """With all that waits; another client comes in its place."""
        Connection(self.node.port, client.name, clean=True).leave()
        self.clients[self.clients.index(client)] = self.fresh()
        self.counts["sessions"] += 1


def mebibytes(count):
    return f"{count / (1 << 20):.1f} MiB"


def report(churn, seconds, samples):
    early = [one for one in samples if one[0] < WARM * seconds] or samples
    late = [one for one in samples if one[0] >= WARM * seconds] or samples
    counts = ", ".join(f"{value:,} {name}" for name, value in churn.counts.items())
    print(f"{seconds:.0f} s: {counts}")
    grown = False
    for at, name in ((1, "file"), (2, "memory")):
        before, after = max(one[at] for one in early), max(one[at] for one in late)
        print(f"{name}: at most {mebibytes(before)} in the first {WARM:.0%}, {mebibytes(after)} after that")
        grown = grown or after > ROOM * max(before, LITTLE[name])
    return grown


def main():
    parser = argparse.ArgumentParser(prog="./dev churn", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("minutes", type=float, nargs="?", default=10)
    parser.add_argument("seed", type=int, nargs="?", default=random.randrange(1 << 32))
    parser.add_argument("--durability", default="os")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(dir=os.environ.get("CALLBOARD_CHURN_FOLDER")) as folder:
        node = Node(Path(folder), options.durability)
        try:
            churn = Churn(node, random.Random(options.seed), options.minutes)
            begun = time.monotonic()
            samples = []
            told = 0.0
            while (passed := time.monotonic() - begun) < options.minutes * 60:
                churn.step()
                samples.append((passed, node.file.stat().st_size, node.memory()))
                if passed - told >= 30:
                    told = passed
                    print(f"{passed:.0f} s: {churn.counts}, file {mebibytes(samples[-1][1])}, "
                          f"memory {mebibytes(samples[-1][2])}", flush=True)
            for client in churn.clients:
                client.drain(client.waiting())
            grown = report(churn, passed, samples)
        finally:
            node.end()
        checked = subprocess.run([CALLBOARD, "store", "check", "--data", str(Path(folder) / "data")],
                                 text=True, check=False)
    if grown or checked.returncode != 0:
        sys.exit(f"FAILED. The same again: ./dev churn {options.minutes:g} {options.seed}")


if __name__ == "__main__":
    main()
