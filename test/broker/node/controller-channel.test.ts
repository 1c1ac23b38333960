// The two ways to a controller: in the same process, and over a connection.
import { expect } from 'chai';
import {
  ConnectionState,
  defineHandler,
  type Handler,
  OPEN_TO_ALL,
  type RequestContext,
  type Session,
} from '../../../src/api-handlers/index.ts';
import { ForwardedRequests } from '../../../src/broker/network/forwarded-requests.ts';
import { LocalControllerChannel } from '../../../src/broker/node/controller-channel.ts';
import { RemoteControllerChannel } from '../../../src/broker/node/remote-controller-channel.ts';
import type { ControllerOperations, ControllerRequestContext } from '../../../src/kraft/controller/index.ts';
import { Channel, codecOf, Errors, KafkaError, METADATA_TOPIC } from '../../../src/protocol/index.ts';
import { allApis } from '../../../src/protocol/messages/index.ts';
import { DescribeQuorum } from '../../../src/protocol/messages/55-describe-quorum.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { UpdateFeatures, type UpdateFeaturesRequest } from '../../../src/protocol/messages/57-update-features.ts';
import { Envelope } from '../../../src/protocol/messages/58-envelope.ts';
import { UnregisterBroker } from '../../../src/protocol/messages/64-unregister-broker.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn, nodeRuntime } from '../../../src/runtime/node/index.ts';
import { simulate } from '../../../src/runtime/sim/index.ts';
import { ScriptedPeer } from '../../protocol/scripted-peer.ts';

/** Of each API, the operation of the controller. */
const OPERATIONS: Readonly<Record<string, keyof ControllerOperations>> = {
  CreateTopics: 'createTopics',
  DeleteTopics: 'deleteTopics',
  AlterConfigs: 'alterConfigs',
  CreatePartitions: 'createPartitions',
  ElectLeaders: 'electLeaders',
  IncrementalAlterConfigs: 'incrementalAlterConfigs',
  AlterPartitionReassignments: 'alterPartitionReassignments',
  ListPartitionReassignments: 'listPartitionReassignments',
  UpdateFeatures: 'updateFeatures',
  BrokerRegistration: 'registerBroker',
  BrokerHeartbeat: 'brokerHeartbeat',
  UnregisterBroker: 'unregisterBroker',
  AllocateProducerIds: 'allocateProducerIds',
  ControllerRegistration: 'registerController',
  AssignReplicasToDirs: 'assignReplicasToDirs',
};

interface Asked {
  readonly operation: string;
  readonly request: unknown;
  readonly context: ControllerRequestContext;
}

/** Notes what it is asked; answers nothing in particular. */
function recorder(): { readonly operations: ControllerOperations; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const operations = Object.fromEntries(
    Object.values(OPERATIONS).map((operation) => [
      operation,
      async (request: unknown, context: ControllerRequestContext) => {
        asked.push({ operation, request, context });
        return { operation };
      },
    ]),
  );
  return { operations: operations as unknown as ControllerOperations, asked };
}

describe('The channel to a controller in the same process', () => {
  it('asks for the operation that an API names, and says who asks', async () => {
    const { operations, asked } = recorder();
    const channel = new LocalControllerChannel(operations);
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const api = allApis.find((one) => one.name === name);
      if (api === undefined) throw new Error(`there is no API ${name}`);
      const request = {};
      expect(await channel.send(api, request)).to.deep.equal({ operation });
      expect(asked.pop()).to.deep.equal({
        operation,
        request,
        context: { apiVersion: api.versions[1], sharesFate: true },
      });
      const connection = new ConnectionState(1);
      await channel.forward(api, request, { apiVersion: 0, connection });
      expect(asked.pop()).to.deep.equal({
        operation,
        request,
        context: { apiVersion: 0, sharesFate: false, connection, principal: undefined },
      });
    }
  });

  it('refuses what is no business of a controller', async () => {
    const channel = new LocalControllerChannel(recorder().operations);
    const error = await channel.forward(Fetch, {} as never, { apiVersion: 4 }).catch(String);
    expect(error).to.match(/the controller cannot be asked Fetch/);
  });

  it('rejects as the controller does', async () => {
    const refusing = {
      ...recorder().operations,
      unregisterBroker: () => Promise.reject(new KafkaError(Errors.NOT_CONTROLLER)),
    };
    const error = await new LocalControllerChannel(refusing).send(UnregisterBroker, { brokerId: 1 }).catch(codeOf);
    expect(error).to.equal(Errors.NOT_CONTROLLER);
  });
});

const codeOf = (error: unknown): unknown => (error instanceof KafkaError ? error.code : error);

describe('The channel to a controller elsewhere', () => {
  const withPeer = (body: (channel: RemoteControllerChannel, peer: ScriptedPeer) => Promise<void>): Promise<void> =>
    simulate({ seed: 1, nextTurn }, async (simulation) => {
      const peer = new ScriptedPeer(simulation.machine('controller').network, 9093);
      peer.versions = [CreateTopics, Envelope, UnregisterBroker].map(({ key, versions }) => ({
        apiKey: key,
        minVersion: versions[0],
        maxVersion: versions[1],
      }));
      await peer.listen();
      const { clock, random, network } = simulation.machine('broker').runtime;
      const channel = new Channel({
        clock,
        random,
        network,
        logger: silentLogger,
        host: 'controller',
        port: 9093,
        clientId: '1',
        software: { name: 'ottla', version: '1' },
        limits: { requestTimeoutMs: 1000 },
      });
      await body(new RemoteControllerChannel(channel), peer);
      await channel.close();
    });

  it('rejects when a request of this broker is refused as a whole', () =>
    withPeer(async (channel, peer) => {
      const refusal = { errorCode: Errors.BROKER_ID_NOT_REGISTERED, errorMessage: 'Broker ID 7 is not known' };
      peer.script = (request) => request.connection.answer(UnregisterBroker, request, refusal);
      const error = await channel.send(UnregisterBroker, { brokerId: 7 }).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(KafkaError);
      expect(error).to.include({ code: refusal.errorCode, wireMessage: refusal.errorMessage });
      peer.script = (request) =>
        request.connection.answer(UnregisterBroker, request, { errorCode: Errors.NONE, errorMessage: null });
      expect(await channel.send(UnregisterBroker, { brokerId: 7 })).to.include({ errorCode: Errors.NONE });
    }));

  /** Takes the request out of its envelope and has it answered by `answer`, as a controller does. */
  function unwraps(peer: ScriptedPeer, answer: (body: UpdateFeaturesRequest, context: RequestContext) => object): void {
    const handler = defineHandler(UpdateFeatures, {
      authorize: OPEN_TO_ALL,
      handle: (body, context) => answer(body, context) as never,
      failed: (_request, errorCode) => ({ errorCode, errorMessage: null, results: [] }),
    });
    opens(peer, handler as Handler, 2);
  }

  function opens(peer: ScriptedPeer, handler: Handler, maxVersion: number): void {
    const { clock } = nodeRuntime();
    const served = { key: handler.api.key, minVersion: 0, maxVersion, load: async () => handler };
    const { answer: forwarded } = new ForwardedRequests({
      apis: () => [served],
      stages: [],
      clock,
      logger: silentLogger,
    });
    peer.script = (request) => {
      const envelope = codecOf(Envelope.request, 0).decode(request.reader);
      forwarded(envelope, { session: {}, connection: new ConnectionState(1) } as RequestContext).then(
        (response) => request.connection.answer(Envelope, request, response),
        (error: KafkaError) =>
          request.connection.answer(Envelope, request, { responseData: null, errorCode: error.code }),
      );
    };
  }

  it('hands a refusal on to whoever asked, in the version in which it was asked, and says who that was', () =>
    withPeer(async (channel, peer) => {
      const refusal = { errorCode: Errors.INVALID_UPDATE_VERSION, errorMessage: 'No.', results: [] };
      const asked: unknown[] = [];
      unwraps(peer, (_body, { apiVersion, clientId, session, correlationId }) => {
        asked.push([apiVersion, clientId, correlationId, session.principal, session.remoteAddress]);
        return refusal;
      });
      const request = { timeoutMs: 1, featureUpdates: [], validateOnly: false };
      const session = { principal: 'User:CN=a,O=b:c', remoteAddress: '::ffff:10.1.2.3' } as Session;
      for (const apiVersion of [0, 1, 2]) {
        const context = { apiVersion, clientId: 'admin', correlationId: 40 + apiVersion, session };
        expect(await channel.forward(UpdateFeatures, request, context)).to.deep.equal({
          throttleTimeMs: 0,
          ...refusal,
        });
        expect(asked.pop()).to.deep.equal([apiVersion, 'admin', 40 + apiVersion, 'User:CN=a,O=b:c', '10.1.2.3']);
      }
    }));

  it('rejects when whoever is asked of the quorum leads it no more: the broker is to look for who does', () =>
    withPeer(async (channel, peer) => {
      const answered = { errorCode: Errors.NONE, errorMessage: null, nodes: [] };
      const partitionOf = (errorCode: number) => ({ partitionIndex: 0, errorCode, currentVoters: [], observers: [] });
      let errorCode: number = Errors.NOT_LEADER_OR_FOLLOWER;
      const handler = defineHandler(DescribeQuorum, {
        authorize: OPEN_TO_ALL,
        handle: () => ({
          ...answered,
          topics: [
            {
              topicName: METADATA_TOPIC,
              partitions: [{ ...partitionOf(errorCode), leaderId: 2, leaderEpoch: 3, highWatermark: 4 }],
            },
          ],
        }),
        failed: () => ({ ...answered, topics: [] }),
      });
      opens(peer, handler as unknown as Handler, 2);
      const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }];
      const ask = () => channel.forward(DescribeQuorum, { topics }, { apiVersion: 2 });
      expect(await ask().catch(codeOf)).to.equal(Errors.NOT_CONTROLLER);
      errorCode = Errors.NONE;
      expect(await ask()).to.deep.include({ errorCode: Errors.NONE });
    }));

  it('rejects when the controller is not the active one, and when the envelope is refused', () =>
    withPeer(async (channel, peer) => {
      const request = { timeoutMs: 1, featureUpdates: [], validateOnly: false };
      unwraps(peer, () => {
        throw new KafkaError(Errors.NOT_CONTROLLER);
      });
      expect(await channel.forward(UpdateFeatures, request, { apiVersion: 2 }).catch(codeOf)).to.equal(
        Errors.NOT_CONTROLLER,
      );
      // No controller listener serves it here.
      expect(await channel.forward(UnregisterBroker, { brokerId: 1 }, { apiVersion: 0 }).catch(codeOf)).to.equal(
        Errors.INVALID_REQUEST,
      );
    }));

  it('rejects with an error of Kafka when there is no answer', () =>
    withPeer(async (channel, peer) => {
      peer.script = () => undefined;
      const request = { topics: [], timeoutMs: 1, validateOnly: false };
      expect(await channel.forward(CreateTopics, request, { apiVersion: 7 }).catch(codeOf)).to.equal(
        Errors.REQUEST_TIMED_OUT,
      );
      expect(await channel.send(CreateTopics, request).catch(codeOf)).to.equal(Errors.REQUEST_TIMED_OUT);
      peer.script = ({ connection }) => connection.connection.destroy();
      expect(await channel.send(CreateTopics, request).catch(codeOf)).to.equal(Errors.NETWORK_EXCEPTION);
    }));
});
