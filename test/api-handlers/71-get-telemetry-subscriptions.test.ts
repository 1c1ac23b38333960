// The two APIs of client metrics: what Apache Kafka has answered, and a client that pushes to a running broker.
import { expect } from 'chai';
import { getTelemetrySubscriptions } from '../../src/api-handlers/71-get-telemetry-subscriptions.ts';
import { pushTelemetry } from '../../src/api-handlers/72-push-telemetry.ts';
import { Telemetry } from '../../src/broker/telemetry/telemetry.ts';
import { startBroker } from '../../src/index.ts';
import { MetadataImage } from '../../src/kraft/metadata/index.ts';
import { Errors, ZERO_UUID } from '../../src/protocol/index.ts';
import { ApiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { IncrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { GetTelemetrySubscriptions } from '../../src/protocol/messages/71-get-telemetry-subscriptions.ts';
import { PushTelemetry } from '../../src/protocol/messages/72-push-telemetry.ts';
import { nodeRuntime } from '../../src/runtime/node/index.ts';
import { RawClient } from '../broker/raw-client.ts';
import { expectRecorded, recorded } from './recorded.ts';

const CLIENT_METRICS = 16;
/** OTLP MetricsData with one ResourceMetrics, which is empty. */
const METRICS = Buffer.of(10, 0);

describe('Telemetry of clients', () => {
  it('is answered as by Apache Kafka', async () => {
    const settings = { telemetryMaxBytes: 1_048_576, clientMetricsRetainedBytes: 0 };
    const telemetry = new Telemetry({ runtime: nodeRuntime(), image: () => MetadataImage.empty, settings });
    const open = () => telemetry.open();
    // The first one is given an id, and its subscription another one for that.
    for (const line of recorded(/^telemetry\.(get-bad|push)/))
      await expectRecorded(line.key === 71 ? getTelemetrySubscriptions(open) : pushTelemetry(open), line);
  });

  async function withBroker(retained: number, act: (client: RawClient) => Promise<unknown>) {
    const broker = await startBroker({ memory: true, config: { 'ottla.client.metrics.retained.bytes': retained } });
    try {
      const client = await RawClient.connect(broker.port);
      await act(client);
      client.destroy();
      return broker.clientMetrics();
    } finally {
      await broker.close();
    }
  }
  const announced = async (client: RawClient): Promise<number[]> => {
    const named = { clientSoftwareName: 'probe', clientSoftwareVersion: '1.0' };
    const { apiKeys } = await client.ask(ApiVersions, 4, named);
    return apiKeys.map(({ apiKey }) => apiKey).filter((key) => key === 71 || key === 72);
  };
  /** The error of a change of what clients of the software `probe` are to push. */
  const alter = async (client: RawClient, match: string): Promise<number | undefined> => {
    const configs = Object.entries({ metrics: 'a.', 'interval.ms': '1000', match }).map(([name, value]) => ({
      name,
      configOperation: 0,
      value,
    }));
    const resources = [{ resourceType: CLIENT_METRICS, resourceName: 'sub', configs }];
    return (await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })).responses[0]?.errorCode;
  };

  it('is announced, and kept, where the operator wants it', async () => {
    const kept = await withBroker(1000, async (client) => {
      expect(await announced(client)).to.deep.equal([71, 72]);
      expect(await alter(client, 'client_software_name=(?=x)')).to.equal(Errors.INVALID_CONFIG);
      expect(await alter(client, 'client_software_name=pro.+,client_source_address=.*')).to.equal(Errors.NONE);
      const told = await client.ask(GetTelemetrySubscriptions, 0, { clientInstanceId: ZERO_UUID });
      expect(told).to.include({
        errorCode: 0,
        pushIntervalMs: 1000,
        telemetryMaxBytes: 1_048_576,
        deltaTemporality: true,
      });
      expect(told.requestedMetrics).to.deep.equal(['a.']);
      expect(told.acceptedCompressionTypes).to.deep.equal([4, 3, 1, 2]);
      const { clientInstanceId, subscriptionId } = told;
      const push = { clientInstanceId, subscriptionId, terminating: true, compressionType: 0, metrics: METRICS };
      expect((await client.ask(PushTelemetry, 0, push)).errorCode).to.equal(Errors.NONE);
    });
    expect(kept).to.have.length(1);
    expect(kept[0]).to.include({ clientId: 'raw', softwareName: 'probe', isLast: true });
    expect(Buffer.from(kept[0]?.metrics ?? [])).to.deep.equal(METRICS);
  });

  it('is answered but not announced elsewhere', async () => {
    const kept = await withBroker(0, async (client) => {
      expect(await announced(client)).to.deep.equal([]);
      const told = await client.ask(GetTelemetrySubscriptions, 0, { clientInstanceId: ZERO_UUID });
      expect(told).to.include({ errorCode: 0, pushIntervalMs: 300_000 });
    });
    expect(kept).to.deep.equal([]);
  });
});
