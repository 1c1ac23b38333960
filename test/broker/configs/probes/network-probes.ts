// Configs of who a node is, where it listens, and what a connection may do.
import { frameOf, RawClient, requestOf, sized } from '../../raw-client.ts';
import { Metadata } from '../../../../src/protocol/messages/03-metadata.ts';
import { ZERO_UUID } from '../../../../src/protocol/index.ts';
import { ApiVersions } from '../../../../src/protocol/messages/18-api-versions.ts';
import { GetTelemetrySubscriptions } from '../../../../src/protocol/messages/71-get-telemetry-subscriptions.ts';
import { nextTurn } from '../../../../src/runtime/node/index.ts';
import type { ProbedBroker } from './probed-broker.ts';
import type { Probes } from './probe.ts';

const TWO_LISTENERS = 'PLAINTEXT://127.0.0.1:0,EXTRA://127.0.0.1:0';
const PROTOCOLS = 'PLAINTEXT:PLAINTEXT,EXTRA:PLAINTEXT';
const UNLIMITED = '2147483647';

const brokerId = async (broker: ProbedBroker) => (await broker.brokers())[0]?.nodeId;

async function isAnswered(client: RawClient, bytes: Uint8Array): Promise<boolean> {
  client.send(bytes);
  const answer = await client.next();
  client.destroy();
  return answer !== 'closed';
}

/** How many of the ports that are open answer what brokers are asked. */
async function answeringPorts({ node }: ProbedBroker): Promise<number> {
  const { listeners, controllerListeners } = node.socketServer;
  let count = 0;
  for (const { port } of [...listeners, ...controllerListeners]) {
    const client = await RawClient.connect(port);
    if (await isAnswered(client, requestOf(Metadata, 1, { topics: [] }))) count++;
  }
  return count;
}

/** Whether a second connection is taken. */
async function secondIsTaken(broker: ProbedBroker): Promise<boolean> {
  const second = await broker.connect();
  second.send(requestOf(ApiVersions, 0, {}));
  let isTaken = false;
  const answer = second.next().then((frame) => (isTaken = frame !== 'closed'));
  for (let round = 0; round < 20 && !isTaken && !second.isClosed; round++) await broker.settle();
  const wasTaken = isTaken;
  second.destroy();
  await answer.catch(() => undefined);
  return wasTaken;
}

/** Whether all of many connections are listened to at once. */
async function areManyTaken(broker: ProbedBroker): Promise<boolean> {
  for (let at = 0; at < 30; at++) if (!(await secondIsTaken(broker))) return false;
  return true;
}

/** Whether a connection with half a frame goes when another needs the memory. */
async function keepsHalfFrame(broker: ProbedBroker): Promise<boolean> {
  const half = await broker.connect();
  half.send(sized(Buffer.alloc(900_000), 1_000_000));
  // Whoever asks now may have to wait for memory.
  const { node } = broker;
  for (let turn = 0; turn < 1000 && node.requestBytes < 900_000; turn++) await nextTurn();
  const whole = await broker.connect();
  whole.send(frameOf(3, 1, Buffer.alloc(900_000)));
  for (let second = 0; second < 8 && !half.isClosed; second++) {
    broker.clock.add(1000);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  }
  const isKept = !half.isClosed;
  half.destroy();
  whole.destroy();
  return isKept;
}

export const networkProbes: Probes = {
  'node.id': { values: ['1', '5'], sees: [1, 5], look: brokerId },
  'broker.id': { values: [undefined, '5'], sees: [1, 5], look: brokerId },
  'process.roles': { values: ['broker,controller', 'broker'], sees: [1, 'refused'], look: brokerId },
  listeners: {
    values: ['PLAINTEXT://127.0.0.1:0', TWO_LISTENERS],
    sees: [1, 2],
    look: answeringPorts,
    beside: { 'listener.security.protocol.map': PROTOCOLS },
  },
  'advertised.listeners': {
    values: ['PLAINTEXT://here.example:1', 'PLAINTEXT://there.example:2'],
    sees: ['here.example:1', 'there.example:2'],
    look: async (broker) => (await broker.brokers()).map(({ host, port }) => `${host}:${port}`)[0],
    beside: { listeners: 'PLAINTEXT://127.0.0.1:0' },
  },
  'listener.security.protocol.map': {
    values: [PROTOCOLS, 'PLAINTEXT:PLAINTEXT,EXTRA:SSL'],
    sees: [2, 'refused'],
    look: answeringPorts,
    beside: { listeners: TWO_LISTENERS },
  },
  'controller.listener.names': {
    values: [undefined, 'EXTRA'],
    sees: [2, 1],
    look: answeringPorts,
    beside: { listeners: TWO_LISTENERS, 'listener.security.protocol.map': PROTOCOLS },
  },
  'inter.broker.listener.name': { values: ['PLAINTEXT', 'OTHER'], sees: [1, 'refused'], look: brokerId },
  'broker.rack': {
    values: [undefined, 'r1'],
    sees: [null, 'r1'],
    look: async (broker) => (await broker.brokers())[0]?.rack,
  },
  'socket.request.max.bytes': {
    values: ['100000', '200'],
    sees: [true, false],
    look: async (broker) =>
      isAnswered(await broker.connect(), requestOf(Metadata, 1, { topics: [{ name: 'x'.repeat(249) }] })),
  },
  'queued.max.request.bytes': { values: ['-1', '1000000'], sees: [true, false], look: keepsHalfFrame },
  'connections.max.idle.ms': {
    values: ['600000', '1000'],
    sees: [false, true],
    look: async (broker) => {
      const client = await broker.connect();
      await client.ask(ApiVersions, 0, {});
      for (let turn = 0; turn < 20 && !client.isClosed; turn++) {
        broker.clock.add(1000);
        await nextTurn();
      }
      const isClosed = client.isClosed;
      client.destroy();
      return isClosed;
    },
  },
  'telemetry.max.bytes': {
    values: [undefined, '500'],
    sees: [1_048_576, 500],
    look: async ({ client }) =>
      (await client.ask(GetTelemetrySubscriptions, 0, { clientInstanceId: ZERO_UUID })).telemetryMaxBytes,
  },
  'max.connections': { values: [UNLIMITED, '1'], sees: [true, false], look: secondIsTaken },
  'max.connection.creation.rate': { values: [UNLIMITED, '1'], sees: [true, false], look: areManyTaken },
  'max.connections.per.ip': { values: [UNLIMITED, '1'], sees: [true, false], look: secondIsTaken },
  'max.connections.per.ip.overrides': {
    values: ['127.0.0.2:1', '127.0.0.1:1'],
    sees: [true, false],
    look: secondIsTaken,
  },
};
