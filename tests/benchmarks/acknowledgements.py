"""How long a PUBACK takes where the message has to last, beside what the disk takes to sync.

Each publisher has one message of QoS 1 under way, for a session whose client is away: nothing
hides the wait. The disk's own time is that of fdatasync() after 4 KiB at the end of a file in the
same directory."""

import os
import selectors
import socket
import statistics
import time

CONNECT = b"\x10%c\x00\x04MQTT\x04%c\x00\x00\x00%c%s"
SUBSCRIBE = b"\x82\x06\x00\x01\x00\x01a\x01"
DISCONNECT = b"\xe0\x00"
CLEAN, LASTING = 2, 0
CONNACK, SUBACK, PUBACK = 4, 5, 4  # bytes


def connect(port, client_id, flags):
    peer = socket.create_connection(("127.0.0.1", port), timeout=10)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.sendall(CONNECT % (12 + len(client_id), flags, len(client_id), client_id))
    expect(peer, CONNACK)
    return peer


def expect(peer, size):
    got = b""
    while len(got) < size:
        piece = peer.recv(size - len(got))
        if not piece:
            raise ConnectionError("the broker has closed")
        got += piece
    return got


def leave_a_session(port):
    peer = connect(port, b"away", LASTING)
    peer.sendall(SUBSCRIBE)
    expect(peer, SUBACK)
    peer.sendall(DISCONNECT)
    peer.close()


def publish(payload=b"x" * 64):
    return b"\x32" + bytes([2 + 1 + 2 + len(payload)]) + b"\x00\x01a\x00\x01" + payload


def acknowledgements(port, publishers, seconds):
    """Microseconds that each PUBACK took."""
    leave_a_session(port)
    packet, times, since = publish(), [], {}
    with selectors.DefaultSelector() as ready:
        for number in range(publishers):
            peer = connect(port, b"p%d" % number, CLEAN)
            ready.register(peer, selectors.EVENT_READ)
            since[peer] = time.perf_counter()
            peer.sendall(packet)
        end = time.perf_counter() + seconds
        while since:
            for key, _ in ready.select(timeout=10):
                peer = key.fileobj
                expect(peer, PUBACK)
                now = time.perf_counter()
                times.append((now - since.pop(peer)) * 1e6)
                if now < end:
                    since[peer] = time.perf_counter()
                    peer.sendall(packet)
                else:
                    ready.unregister(peer)
                    peer.close()
    return times


def syncs(folder, seconds):
    """Microseconds that each fdatasync() took."""
    times = []
    with open(folder / "sync", "wb", buffering=0) as file:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            file.write(b"x" * 4096)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1e6)
    return times


def row(name, times):
    percentiles = statistics.quantiles(times, n=100)
    return f"| {name} | {len(times):,} | {percentiles[49]:,.0f} | {percentiles[98]:,.0f} |"


def table(brokers, run, folder, seconds):
    """One row for the disk, and for each broker with one publisher and with 50. `run(broker, call)`
    starts a broker and gives call() its port."""
    lines = ["", "**acknowledgements** (QoS 1 for a session whose client is away, one message under way for each "
             "publisher)", "", "| what | times | p50 µs | p99 µs |", "|---|---|---|---|",
             row("4 KiB and fdatasync()", syncs(folder, seconds))]
    for broker in brokers:
        for publishers in (1, 50):
            times = run(broker, lambda port, those=publishers: acknowledgements(port, those, seconds))
            lines.append(row(f"{broker.name}, {publishers} publisher{'s' if publishers > 1 else ''}", times))
    return "\n".join(lines)
