// The metrics before a real Prometheus: promtool reads the page, and each expression of the dashboard gives data under load.

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import kafkajs, { logLevel } from 'kafkajs';
import { same, type Suite, type SuiteContext, that } from '../suite.ts';
import { freePort } from '../targets/target.ts';
import { exec } from '../toolchain/exec.ts';
import { prometheusVersion, type Prometheus, startPrometheus } from '../toolchain/prometheus.ts';

const DASHBOARD = join(import.meta.dirname, '../../deploy/grafana/ottla.json');
/** rate() over a minute, of scrapes a second apart, wants some of them. */
const LOAD_MS = 8000;

/** Style that names of Kafka's own exporters break: they are what dashboards ask for. */
const KNOWN_STYLE = [
  /^kafka_server_socket_server_metrics_\w+ label names should be written in 'snake_case' not 'camelCase'$/,
  /^kafka_server_socket_server_metrics_connection_count non-histogram .* "_count" suffix$/,
  /^kafka_consumergroup_(lag|current_offset)_sum non-histogram .* "_sum" suffix$/,
];

export const metrics: Suite = {
  name: 'metrics',
  isBlackBox: false,
  available: () => prometheusVersion(),
  run,
};

async function run({ target, scratch, cases, progress }: SuiteContext): Promise<void> {
  const port = await freePort();
  const properties = { 'metrics.port': String(port) };
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties });
  const page = `http://127.0.0.1:${port}`;
  await mkdir(`${scratch}/prometheus`, { recursive: true });
  const prometheus = await startPrometheus(`${scratch}/prometheus`, [`127.0.0.1:${port}`]);
  const load = await startLoad(broker.bootstrap);
  try {
    await cases.run('the broker is ready', async () =>
      same((await fetch(`${page}/health/ready`)).status, 200, 'status'),
    );
    progress(`load for ${LOAD_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
    await cases.run('promtool check metrics', async () => checkText(await (await fetch(`${page}/metrics`)).text()));
    await cases.run('Prometheus takes the page', async () => {
      const [one] = await prometheus.targets();
      same([one?.health, one?.lastError], ['up', ''], 'target');
    });
    for (const [title, expr] of dashboardExprs()) {
      await cases.run(`${title}: ${expr}`, () => gives(prometheus, expr));
    }
  } finally {
    await load.stop();
    await prometheus.stop();
  }
  await cases.run('it ends in order', async () => same(await broker.stop(), 0, 'exit code'));
}

async function checkText(text: string): Promise<void> {
  const { stdout, stderr, status } = await exec('promtool', ['check', 'metrics'], { input: text });
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  same(
    lines.filter((line) => !KNOWN_STYLE.some((style) => style.test(line))),
    [],
    'faults',
  );
  // 3: there is something to say about style, and nothing else.
  that(status === 0 || status === 3, `promtool ended with ${status}`);
}

async function gives(prometheus: Prometheus, expr: string): Promise<void> {
  const asked = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
  that((await prometheus.query(asked)) > 0, 'no series');
}

function dashboardExprs(): [string, string][] {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr]));
}

/** A producer that writes and is refused now and then, and a group that reads. */
async function startLoad(bootstrap: string): Promise<{ stop(): Promise<void> }> {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 1 } });
  const [producer, consumer, admin] = [kafka.producer(), kafka.consumer({ groupId: 'readers' }), kafka.admin()];
  await Promise.all([producer.connect(), consumer.connect(), admin.connect()]);
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] });
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  await consumer.run({ eachMessage: () => Promise.resolve() });
  let isRunning = true;
  const writing = (async () => {
    while (isRunning) {
      await producer.send({ topic: 'orders', messages: [{ value: 'a record' }, { value: 'another' }] });
      await admin.createTopics({ topics: [{ topic: 'no/such topic' }] }).catch(() => false);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    stop: async () => {
      isRunning = false;
      await writing;
      await Promise.all([producer.disconnect(), consumer.disconnect(), admin.disconnect()]);
    },
  };
}
