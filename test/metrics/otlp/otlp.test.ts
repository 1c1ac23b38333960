// Metrics as a collector of OpenTelemetry gets them: of the form that OTLP has in JSON, with what the page tells, and on when a
// collector has been away.
import { expect } from 'chai';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBroker, StartError } from '../../../src/index.ts';
import { counter, gauge, labels, sample } from '../../../src/metrics/family.ts';
import { otlpMetrics } from '../../../src/metrics/otlp/otlp-json.ts';

const RESOURCE = { nodeId: 7, clusterId: 'c', version: '1', startMs: 1000 };
const AT = { startTimeUnixNano: '1000000000', timeUnixNano: '2000000000' };
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

interface Told {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly ReturnType<typeof text>[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

const metricsOf = (told: object) => (told as Told).resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];

describe('Metrics in OTLP', () => {
  it('are sums and gauges with their labels, also where these hold anything', () => {
    const name = 'a"b\\c\nd,e="f"';
    const families = [
      counter('c', 'Counted.', [sample(3, labels({ topic: name, partition: 0 }))]),
      gauge('g', 'Now.', [sample(1), sample(Number.NaN)]),
      gauge('nothing', 'No samples.', []),
    ];
    const attributes = [text('topic', name), text('partition', '0')];
    expect(metricsOf(otlpMetrics(families, RESOURCE, 2000))).to.deep.equal([
      {
        name: 'c',
        description: 'Counted.',
        sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...AT, attributes, asDouble: 3 }] },
      },
      { name: 'g', description: 'Now.', gauge: { dataPoints: [{ ...AT, attributes: [], asDouble: 1 }] } },
    ]);
  });

  it('are histograms with what lies between their edges, and summaries', () => {
    const told = (suffix: string, value: number, labelText: string) => ({ suffix, value, labels: labelText });
    const samples = [
      told('_bucket', 1, '{api="x",le="0.5"}'),
      told('_bucket', 4, '{api="x",le="1"}'),
      told('_bucket', 6, '{api="x",le="+Inf"}'),
      told('_count', 6, '{api="x"}'),
      told('_sum', 9, '{api="x"}'),
    ];
    const quantiles = [told('', 5, '{quantile="0.5"}'), told('_count', 2, ''), told('_sum', 10, '')];
    const [histogram, summary] = metricsOf(
      otlpMetrics(
        [
          { name: 'h', type: 'histogram', help: 'H.', samples },
          { name: 's', type: 'summary', help: 'S.', samples: quantiles },
        ],
        RESOURCE,
        2000,
      ),
    );
    const point = {
      attributes: [text('api', 'x')],
      count: '6',
      sum: 9,
      explicitBounds: [0.5, 1],
      bucketCounts: ['1', '3', '2'],
    };
    expect(histogram).to.deep.include({ histogram: { aggregationTemporality: 2, dataPoints: [{ ...AT, ...point }] } });
    const values = [{ quantile: 0.5, value: 5 }];
    expect(summary).to.deep.include({
      summary: { dataPoints: [{ ...AT, attributes: [], count: '2', sum: 10, quantileValues: values }] },
    });
  });
});

describe('A broker with a collector', () => {
  it('sends what the page tells, to where it is told, and goes on after a failure', async () => {
    const asked: { request: IncomingMessage; body: string }[] = [];
    let hear: () => void = () => undefined;
    const collector = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push({ request, body });
        // The first time it has its own troubles.
        response.writeHead(asked.length === 1 ? 503 : 200).end('{}');
        hear();
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
    const broker = await startBroker({
      profile: 'test',
      topics: { orders: 1 },
      config: {
        'ottla.otlp.endpoint': endpoint,
        'ottla.otlp.interval.ms': 100,
        'ottla.otlp.headers': 'Authorization=Bearer s3cret, x-tenant=t',
      },
    });
    try {
      expect(broker.metricsPort, 'no page beside it').to.equal(undefined);
      while (asked.length < 3) await new Promise<void>((resolve) => (hear = resolve));
      const { request, body } = asked.at(-1) as (typeof asked)[number];
      expect(`${request.method} ${request.url}`).to.equal('POST /v1/metrics');
      expect(request.headers).to.include({
        authorization: 'Bearer s3cret',
        'x-tenant': 't',
        'content-type': 'application/json',
      });
      const told = JSON.parse(body) as Told;
      const names = metricsOf(told).map(({ name }) => name);
      expect(names).to.include.members([
        'kafka_server_replicamanager_partitioncount',
        'kafka_topic_partition_current_offset',
        'ottla_request_duration_seconds',
        'process_resident_memory_bytes',
      ]);
      expect(new Set(names).size).to.equal(names.length);
      expect(told.resourceMetrics[0]?.resource.attributes).to.deep.include(text('service.name', 'ottla'));
    } finally {
      await broker.close();
      collector.closeAllConnections();
      await new Promise((resolve) => collector.close(resolve));
    }
  });

  it('does not start with a collector that is no URL', async () => {
    let fault: unknown;
    try {
      await (await startBroker({ profile: 'test', config: { 'ottla.otlp.endpoint': 'collector:4318' } })).close();
    } catch (error) {
      fault = error;
    }
    expect(fault).to.be.instanceOf(StartError);
    expect(String(fault)).to.contain('ottla.otlp.endpoint');
  });
});
