"""mosquitto_pub and mosquitto_sub against the broker, and callboard pub and sub
beside them: every version and QoS level, retained messages, wills, persistent
sessions, MQTT 5 properties."""

import os
import subprocess
import sys
import time
import unittest

from node import Node

PATIENCE = "10"  # seconds
CALLBOARD = os.environ["CALLBOARD_BINARY"]


class MosquittoTest(unittest.TestCase):
    def setUp(self):
        node = Node()
        self.port = str(node.__enter__())
        self.addCleanup(node.__exit__)

    def sub(self, *arguments, program=("mosquitto_sub",)):
        """Subscribes, and returns when the broker has said that it did."""
        command = [*program, "-h", "127.0.0.1", "-p", self.port, "-W", PATIENCE, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (process.kill(), process.wait(), process.stdout.close()))
        return process

    def pub(self, *arguments, program=("mosquitto_pub",)):
        command = [*program, "-h", "127.0.0.1", "-p", self.port, *arguments]
        subprocess.run(command, check=True, timeout=float(PATIENCE))

    def wait_for_subscriber(self, reader, topic, *arguments):
        """Publishes until the subscriber has got one: then it is subscribed."""
        for _ in range(100):
            self.pub("-t", topic, "-m", "ready", *arguments)
            time.sleep(0.05)
            if reader.poll() is not None:
                return
        self.fail("the subscriber got nothing")

    def test_every_version_and_qos(self):
        for version in ("mqttv31", "mqttv311", "mqttv5"):
            for qos in ("0", "1", "2"):
                with self.subTest(version=version, qos=qos):
                    topic = f"{version}/{qos}"
                    reader = self.sub("-V", version, "-q", qos, "-t", topic, "-F", "%t %q %p", "-C", "1")
                    self.wait_for_subscriber(reader, topic, "-V", version, "-q", qos)
                    self.assertEqual(reader.stdout.read(), f"{topic} {qos} ready\n")

    def test_retained(self):
        self.pub("-t", "a/b", "-m", "kept", "-r", "-q", "1")
        reader = self.sub("-t", "a/#", "-F", "%r %p", "-C", "1")
        self.assertEqual(reader.communicate()[0], "1 kept\n")
        self.pub("-t", "a/b", "-n", "-r", "-q", "1")
        self.pub("-t", "a/c", "-m", "other", "-r", "-q", "1")
        reader = self.sub("-t", "a/#", "-F", "%t %p", "-C", "1")
        self.assertEqual(reader.communicate()[0], "a/c other\n")

    def test_will(self):
        reader = self.sub("-t", "wills/#", "-q", "1", "-F", "%t %p", "-C", "1")
        time.sleep(0.3)
        dying = self.sub("-t", "x", "-i", "dying", "--will-topic", "wills/dying", "--will-payload",
                         "gone", "--will-qos", "1")
        time.sleep(0.3)
        dying.kill()
        self.assertEqual(reader.communicate()[0], "wills/dying gone\n")

    def test_persistent_session(self):
        self.sub("-i", "sleeper", "-c", "-q", "1", "-t", "news", "-E").wait()
        self.pub("-t", "news", "-m", "first", "-q", "1")
        self.pub("-t", "news", "-m", "second", "-q", "2")
        back = self.sub("-i", "sleeper", "-c", "-q", "1", "-t", "news", "-C", "2")
        self.assertEqual(back.communicate()[0], "first\nsecond\n")

    def test_mqtt5_properties(self):
        self.pub("-V", "5", "-t", "p", "-m", "m", "-r", "-q", "1",
                 "-D", "publish", "user-property", "a", "1",
                 "-D", "publish", "user-property", "a", "2",
                 "-D", "publish", "content-type", "text/plain",
                 "-D", "publish", "response-topic", "answers")
        reader = self.sub("-V", "5", "-t", "p", "-C", "1", "-F", "%C %R %P")
        self.assertEqual(reader.communicate()[0], "text/plain answers a:1 a:2\n")

    def test_our_own_clients_speak_with_them(self):
        for qos in ("0", "1", "2"):
            with self.subTest(qos=qos):
                ours = self.sub("-t", f"ours/{qos}", "-q", qos, "-v", "-C", "1", program=(CALLBOARD, "sub"))
                self.wait_for_subscriber(ours, f"ours/{qos}", "-q", qos)
                self.assertEqual(ours.stdout.read(), f"ours/{qos} ready\n")
        self.pub("-t", "from/us", "-m", "hello", "-q", "1", "-r", program=(CALLBOARD, "pub"))
        theirs = self.sub("-t", "from/us", "-C", "1")
        self.assertEqual(theirs.communicate()[0], "hello\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
