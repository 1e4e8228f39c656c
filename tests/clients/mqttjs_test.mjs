// MQTT.js against the broker: both versions, every QoS level, retained messages,
// wills, persistent sessions, MQTT 5 properties.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import mqtt from "mqtt";

let node;
let port;
const clients = [];

before(async () => {
  const settings = ["node", "--ephemeral", "--mqtt", "127.0.0.1:0"];
  node = spawn(process.env.CALLBOARD_BINARY, settings, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: node.stdout }), "line");
  port = Number(line.split(":").at(-1));
});

after(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  node.kill("SIGTERM");
  const [code] = await once(node, "exit");
  assert.equal(code, 0);
});

async function connect(options = {}) {
  const client = mqtt.connect({ host: "127.0.0.1", port, reconnectPeriod: 0, ...options });
  clients.push(client);
  client.inbox = [];
  // Before it is connected: a session's messages may come together with CONNACK.
  client.on("message", (topic, payload, packet) => client.inbox.push({ topic, payload: payload.toString(), packet }));
  await once(client, "connect");
  return client;
}

/** The first `count` messages, when they are there. */
async function receive(client, count) {
  const deadline = Date.now() + 10_000;
  while (client.inbox.length < count) {
    assert.ok(Date.now() < deadline, `${client.inbox.length} of ${count} messages came`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return client.inbox.slice(0, count);
}

for (const protocolVersion of [4, 5]) {
  for (const qos of [0, 1, 2]) {
    test(`version ${protocolVersion} delivers QoS ${qos} in order`, async () => {
      const topic = `order/${protocolVersion}/${qos}`;
      const reader = await connect({ protocolVersion });
      const writer = await connect({ protocolVersion });
      await reader.subscribeAsync(topic, { qos });
      const numbers = Array.from({ length: 100 }, (_, number) => String(number));
      await Promise.all(numbers.map((number) => writer.publishAsync(topic, number, { qos })));
      const got = await receive(reader, 100);
      assert.deepEqual(got.map((one) => one.payload), numbers);
      assert.ok(got.every((one) => one.packet.qos === qos));
    });
  }

  test(`version ${protocolVersion} gets retained messages`, async () => {
    const writer = await connect({ protocolVersion });
    await writer.publishAsync(`kept/${protocolVersion}`, "value", { qos: 1, retain: true });
    const reader = await connect({ protocolVersion });
    await reader.subscribeAsync(`kept/${protocolVersion}`);
    const [message] = await receive(reader, 1);
    assert.equal(message.payload, "value");
    assert.equal(message.packet.retain, true);
  });

  test(`version ${protocolVersion} leaves a will`, async () => {
    const watcher = await connect({ protocolVersion });
    await watcher.subscribeAsync(`wills/${protocolVersion}`, { qos: 1 });
    const will = { topic: `wills/${protocolVersion}`, payload: Buffer.from("gone"), qos: 1 };
    const dying = await connect({ protocolVersion, will });
    dying.stream.destroy();
    assert.equal((await receive(watcher, 1))[0].payload, "gone");
  });

  test(`version ${protocolVersion} keeps a session`, async () => {
    const options = { protocolVersion, clean: false, clientId: `sleeper${protocolVersion}` };
    if (protocolVersion === 5) options.properties = { sessionExpiryInterval: 60 };
    const sleeper = await connect(options);
    await sleeper.subscribeAsync(`news/${protocolVersion}`, { qos: 2 });
    await sleeper.endAsync();
    const writer = await connect({ protocolVersion });
    for (const qos of [1, 2]) await writer.publishAsync(`news/${protocolVersion}`, String(qos), { qos });
    const back = await connect(options);
    assert.deepEqual((await receive(back, 2)).map((one) => one.payload), ["1", "2"]);
  });
}

test("properties of MQTT 5 reach the subscriber", async () => {
  const reader = await connect({ protocolVersion: 5 });
  const writer = await connect({ protocolVersion: 5 });
  await reader.subscribeAsync("p", { qos: 1, properties: { subscriptionIdentifier: 9 } });
  const properties = {
    contentType: "text/plain",
    correlationData: Buffer.from([0, 255]),
    messageExpiryInterval: 100,
    payloadFormatIndicator: true,
    responseTopic: "answers",
    userProperties: { a: ["1", "2"], b: "3" },
  };
  await writer.publishAsync("p", "m", { qos: 1, properties });
  const got = (await receive(reader, 1))[0].packet.properties;
  assert.equal(got.contentType, "text/plain");
  assert.deepEqual([...got.correlationData], [0, 255]);
  assert.equal(got.responseTopic, "answers");
  assert.deepEqual({ ...got.userProperties }, { a: ["1", "2"], b: "3" });
  assert.equal(got.subscriptionIdentifier, 9);
  assert.ok(got.messageExpiryInterval > 90 && got.messageExpiryInterval <= 100);
});
