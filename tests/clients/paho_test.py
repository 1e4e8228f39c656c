"""Eclipse Paho's Python client against the broker: every version and QoS level,
retained messages, wills, persistent sessions, MQTT 5 properties."""

import queue
import socket
import sys
import unittest

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from node import Node

PATIENCE = 10  # seconds for what must happen
SILENCE = 0.3  # seconds for what must not


class Client:
    """A paho client whose messages wait in a queue."""

    def __init__(self, port, name, version=mqtt.MQTTv311, will=None, **connect):
        clean = {} if version == mqtt.MQTTv5 else {"clean_session": connect.pop("clean", True)}
        self.paho = mqtt.Client(client_id=name, protocol=version, **clean)
        self.messages, self.connected = queue.Queue(), queue.Queue()
        self.subscribed, self.published = queue.Queue(), queue.Queue()
        self.paho.on_message = lambda _client, _data, message: self.messages.put(message)
        self.paho.on_subscribe = lambda *arguments: self.subscribed.put(arguments[2])
        self.paho.on_publish = lambda _client, _data, number: self.published.put(number)
        self.paho.on_connect = lambda _client, _data, flags, code, *_: self.connected.put(
            (flags["session present"], code))
        if will:
            self.paho.will_set(**will)
        self.paho.connect("127.0.0.1", port, **connect)
        self.paho.loop_start()
        self.session_present, self.code = self.connected.get(timeout=PATIENCE)

    def subscribe(self, *arguments, **options):
        self.paho.subscribe(*arguments, **options)
        self.subscribed.get(timeout=PATIENCE)

    def publish(self, *arguments, **options):
        self.paho.publish(*arguments, **options)
        self.published.get(timeout=PATIENCE)

    def receive(self):
        return self.messages.get(timeout=PATIENCE)

    def leave(self):
        self.paho.disconnect()
        self.paho.loop_stop()

    def vanish(self):
        """Ends the connection without DISCONNECT."""
        self.paho.socket().shutdown(socket.SHUT_RDWR)
        self.paho.loop_stop()


class PahoTest(unittest.TestCase):
    def setUp(self):
        node = Node()
        self.port = node.__enter__()
        self.addCleanup(node.__exit__)
        self.clients = []
        self.addCleanup(lambda: [client.leave() for client in self.clients])

    def client(self, *arguments, **options):
        client = Client(self.port, *arguments, **options)
        self.clients.append(client)
        return client

    def test_every_version_and_qos_delivers_in_order(self):
        for version in (mqtt.MQTTv31, mqtt.MQTTv311, mqtt.MQTTv5):
            for qos in (0, 1, 2):
                with self.subTest(version=version, qos=qos):
                    topic = f"order/{version}/{qos}"
                    reader = self.client(f"reader{version}{qos}", version)
                    writer = self.client(f"writer{version}{qos}", version)
                    reader.subscribe(topic, qos)
                    for number in range(100):
                        writer.paho.publish(topic, str(number), qos)
                    got = [reader.receive() for _ in range(100)]
                    self.assertEqual([int(one.payload) for one in got], list(range(100)))
                    self.assertEqual({one.qos for one in got}, {qos})

    def test_a_retained_message_waits_for_subscribers(self):
        writer = self.client("writer")
        writer.publish("door", "open", 1, retain=True)
        reader = self.client("reader")
        reader.subscribe("#", 1)
        message = reader.receive()
        self.assertEqual((message.topic, message.payload, message.retain), ("door", b"open", True))
        writer.publish("door", "", 1, retain=True)
        late = self.client("late")
        late.subscribe("#", 1)
        with self.assertRaises(queue.Empty):
            late.messages.get(timeout=SILENCE)

    def test_the_will_of_a_client_that_vanishes_is_published(self):
        watcher = self.client("watcher")
        watcher.subscribe("wills/+", 1)
        will = {"topic": "wills/gone", "payload": "farewell", "qos": 1}
        Client(self.port, "gone", will=will).vanish()
        self.assertEqual(watcher.receive().payload, b"farewell")
        Client(self.port, "polite", will={**will, "topic": "wills/polite"}).leave()
        with self.assertRaises(queue.Empty):
            watcher.messages.get(timeout=SILENCE)

    def test_a_persistent_session_keeps_messages(self):
        for version, options in (
                (mqtt.MQTTv311, {"clean": False}),
                (mqtt.MQTTv5, {"clean_start": False, "properties": self.expiry(60)})):
            with self.subTest(version=version):
                name = f"sleeper{version}"
                sleeper = Client(self.port, name, version, **options)
                self.assertFalse(sleeper.session_present)
                sleeper.subscribe(f"news/{version}", 2)
                sleeper.leave()
                writer = self.client(f"writer{version}")
                for qos in (1, 2):
                    writer.publish(f"news/{version}", str(qos), qos)
                back = self.client(name, version, **options)
                self.assertTrue(back.session_present)
                self.assertEqual([back.receive().payload for _ in range(2)], [b"1", b"2"])

    def test_mqtt5_properties_reach_the_subscriber(self):
        reader = self.client("reader", mqtt.MQTTv5)
        writer = self.client("writer", mqtt.MQTTv5)
        identifier = Properties(PacketTypes.SUBSCRIBE)
        identifier.SubscriptionIdentifier = 7
        reader.subscribe("p", options=SubscribeOptions(qos=1), properties=identifier)
        sent = Properties(PacketTypes.PUBLISH)
        sent.UserProperty = [("a", "1"), ("b", "2"), ("a", "3")]
        sent.ResponseTopic = "answers"
        sent.CorrelationData = b"\x00\xff"
        sent.ContentType = "text/plain"
        sent.MessageExpiryInterval = 100
        sent.PayloadFormatIndicator = 1
        writer.publish("p", "m", 1, properties=sent)
        got = reader.receive().properties
        self.assertEqual(got.UserProperty, [("a", "1"), ("b", "2"), ("a", "3")])
        self.assertEqual(got.ResponseTopic, "answers")
        self.assertEqual(got.CorrelationData, b"\x00\xff")
        self.assertEqual(got.ContentType, "text/plain")
        self.assertEqual(got.PayloadFormatIndicator, 1)
        self.assertEqual(got.SubscriptionIdentifier, [7])
        self.assertIn(got.MessageExpiryInterval, range(95, 101))

    def test_shared_subscriptions_divide_the_messages(self):
        members = [self.client(f"member{number}", mqtt.MQTTv5) for number in range(3)]
        for member in members:
            member.subscribe("$share/group/work", 1)
        writer = self.client("writer", mqtt.MQTTv5)
        for number in range(30):
            writer.publish("work", str(number), 1)
        counts = []
        for member in members:
            counts.append(0)
            while not member.messages.empty() or counts[-1] < 10:
                member.receive()
                counts[-1] += 1
        self.assertEqual(sum(counts), 30)

    @staticmethod
    def expiry(seconds):
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = seconds
        return properties


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
