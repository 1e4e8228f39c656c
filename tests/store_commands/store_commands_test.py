#!/usr/bin/env python3
"""`callboard store` on the store of a node that runs, and after it has stopped."""

import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

CALLBOARD = os.environ["CALLBOARD_BINARY"]
PATIENCE = 10  # seconds
LITTLE_MEMORY = 48 << 20  # bytes, but for files

DONE, BAD_DATA, TRY_AGAIN = 0, 65, 75


class Node:
    """A node on a data directory, on a free port of 127.0.0.1."""

    def __init__(self, data, *settings):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [CALLBOARD, "node", "--mqtt", "127.0.0.1:0", "--data", data, *settings],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        words = self.process.stdout.readline().split()
        assert words[:2] == ["listening", "mqtt"], words
        self.port = words[2].rsplit(":", 1)[1]

    def client(self, program, *arguments):
        command = [program, "-h", "127.0.0.1", "-p", self.port, *arguments]
        done = subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True, text=True)
        return done.stdout

    def subscribe(self, client_id, topic_filter):
        """Makes a persistent session, and leaves."""
        self.client("mosquitto_sub", "-i", client_id, "-c", "-q", "1", "-t", topic_filter, "-E")

    def publish_lines(self, topic, lines):
        """Each a message."""
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", self.port, "-q", "1", "-t", topic, "-l"]
        subprocess.run(command, check=True, timeout=6 * PATIENCE, input="\n".join(lines) + "\n", text=True)

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def publish(self, topic, payload, *arguments):
        """Returns when the node has acknowledged it."""
        self.client("mosquitto_pub", "-q", "1", "-t", topic, "-m", payload, *arguments)

    def receive(self, client_id, topic_filter, count):
        """What waits for a session; waits a while for one message more than expected."""
        command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", self.port, "-i", client_id, "-c", "-q", "1",
                   "-t", topic_filter, "-F", "%t %p", "-C", str(count + 1), "-W", "1"]
        done = subprocess.run(command, check=False, timeout=PATIENCE, capture_output=True, text=True)
        return done.stdout.splitlines()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()

    def close(self):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
        self.log.close()


class StoreCommands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = str(Path(folder.name) / "data")
        self.backup = str(Path(folder.name) / "backup.mdb")
        self.node = self.start(self.data)

    def start(self, data, *settings):
        node = Node(data, *settings)
        self.addCleanup(node.close)
        return node

    def store(self, *arguments, data=None, code=DONE):
        done = subprocess.run([CALLBOARD, "store", *arguments, "--data", data or self.data],
                              timeout=PATIENCE, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def wait_until_folded(self):
        deadline = time.monotonic() + PATIENCE
        while not re.search(r"journal records +0\n", self.store("check").stdout):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.2)

    def dump(self, *arguments, data=None):
        lines = self.store("dump", *arguments, data=data).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def queue_of(self, client_id, *arguments):
        for line in self.dump(*arguments):
            if line["kind"] == "session" and line["client_id"] == client_id:
                return [message["payload"] for message in line["queue"]]
        return None

    def test_a_backup_of_a_running_node_brings_its_messages_back_elsewhere(self):
        self.node.subscribe("reader", "hall/#")
        for payload in ("one", "two", "three"):
            self.node.publish("hall/door", payload)
        self.node.publish("roof", "open", "-r")

        self.store("check")
        self.store("backup", self.backup)
        self.store("backup", self.backup, code=1)
        self.node.publish("hall/door", "later")
        self.assertEqual(self.queue_of("reader"), ["one", "two", "three", "later"])
        self.node.end()

        elsewhere = str(Path(self.data).parent / "elsewhere")
        self.store("restore", self.backup, data=elsewhere)
        restored = self.start(elsewhere)
        self.assertEqual(restored.receive("reader", "hall/#", 3),
                         ["hall/door one", "hall/door two", "hall/door three"])
        self.assertEqual(restored.client("mosquitto_sub", "-t", "roof", "-C", "1"), "open\n")

    def test_a_compacted_store_is_what_it_was(self):
        self.node.subscribe("reader", "hall/#")
        for number in range(20):
            self.node.publish("hall/large", "x" * 20_000, "-r")
            self.node.publish("hall/door", str(number))
        self.node.end()
        before = self.dump()
        said = self.store("compact").stderr
        self.assertRegex(said, r"[0-9]+ bytes before, [0-9]+ after")
        self.store("check")
        self.assertEqual(self.dump(), before)

        node = self.start(self.data)
        got = [line for line in node.receive("reader", "hall/#", 40) if line.startswith("hall/door")]
        self.assertEqual(got, [f"hall/door {number}" for number in range(20)])

    def test_a_node_keeps_others_from_changing_its_store(self):
        self.store("backup", self.backup)
        self.assertIn("stop the node", self.store("compact", code=TRY_AGAIN).stderr)
        self.assertIn("stop the node", self.store("restore", self.backup, code=TRY_AGAIN).stderr)
        self.node.end()
        self.store("restore", self.backup)
        self.assertTrue((Path(self.data) / "store.replaced-1").exists())

    def test_a_store_that_was_not_closed_is_read_with_its_journal(self):
        self.node.subscribe("reader", "hall/#")
        self.node.publish("hall/door", "one")
        self.node.publish("roof", "open", "-r")
        self.node.end(signal.SIGKILL)
        self.store("check")
        self.assertEqual(self.queue_of("reader"), ["one"])
        kinds = [line["kind"] for line in self.dump("--filter", "roof")]
        self.assertEqual(kinds, ["retained"])

    def test_backups_under_load_are_sound(self):
        self.node.subscribe("reader", "load/#")
        load = subprocess.Popen(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", self.node.port, "-q", "1", "-t", "load/a", "-l"],
            stdin=subprocess.PIPE, text=True)
        for turn in range(5):
            for number in range(200):
                load.stdin.write(f"{turn}-{number}-" + "x" * 500 + "\n")
            load.stdin.flush()
            self.store("check")
            self.store("backup", self.backup, "--force")
            checked = subprocess.run([CALLBOARD, "store", "check", self.backup], check=False,
                                     capture_output=True, text=True)
            self.assertEqual(checked.returncode, DONE, checked.stderr)
        load.stdin.close()
        load.wait(timeout=PATIENCE)
        self.assertEqual(len(self.queue_of("reader")), 1_000)

    def test_who_has_lost_messages_to_a_damaged_store_is_told(self):
        """The beginning of its queue is read when a client comes, the rest when it has taken that."""
        all_of_them = [f"message-{number:05d}".ljust(100, "x") for number in range(2_000)]
        self.node.subscribe("reader", "hall/#")
        self.node.publish_lines("hall/door", all_of_them)
        self.wait_until_folded()
        self.node.end()
        file = Path(self.data) / "store.mdb"
        damaged = file.read_bytes().replace(b"message-01500", b"massage-01500")
        file.write_bytes(damaged.replace(b"message-00010", b"massage-00010"))

        node = self.start(self.data)
        got = [line.split()[1] for line in node.receive("reader", "hall/#", 2_000)]
        lost = [one for one in all_of_them if one not in set(got)]
        self.assertIn(all_of_them[1_500], lost)
        self.assertIn(all_of_them[10], lost)
        self.assertLess(len(lost), 80)  # two rows, each of a page at most
        self.assertEqual(got, [one for one in all_of_them if one not in lost])
        told = re.findall('the store is damaged: ([0-9]+) messages of client "reader" cannot be read', node.logged())
        self.assertEqual(sum(map(int, told)), len(lost), told)

    def test_a_long_queue_is_dumped_in_little_memory(self):
        self.node.end()
        node = self.start(self.data, "--set", "durability=os", "--set", "queue_maximum_bytes=1000000000")
        node.subscribe("reader", "hall/#")
        node.publish_lines("hall/door", [f"{number:05d}".ljust(2_000, "x") for number in range(40_000)])
        node.end()

        def in_little_memory():
            resource.setrlimit(resource.RLIMIT_DATA, (LITTLE_MEMORY, LITTLE_MEMORY))
        done = subprocess.run([CALLBOARD, "store", "dump", "--data", self.data], check=False, text=True,
                              timeout=6 * PATIENCE, capture_output=True, preexec_fn=in_little_memory)
        self.assertEqual(done.returncode, DONE, done.stderr)
        queue = json.loads(done.stdout)["queue"]
        self.assertEqual([int(one["payload"].rstrip("x")) for one in queue], list(range(40_000)))

    def test_a_damaged_store_is_told(self):
        self.node.publish("roof", "open", "-r")
        self.node.end()
        file = Path(self.data) / "store.mdb"
        content = bytearray(file.read_bytes())
        content[8192:] = b"!" * (len(content) - 8192)
        file.write_bytes(content)
        self.assertIn("fault: ", self.store("check", code=BAD_DATA).stderr)
        self.store("compact", code=BAD_DATA)


if __name__ == "__main__":
    unittest.main()
