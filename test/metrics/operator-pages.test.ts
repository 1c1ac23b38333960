// The pages of a broker under a scripted load: what Strimzi's dashboards, kafka_exporter's and our own ask for is there, from the
// first scrape on; whether it lives and is ready; and nothing of it where nobody has asked.
import { expect } from 'chai';
import kafkajs, { logLevel } from 'kafkajs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, startBroker, StartError, startCluster, type StartOptions } from '../../src/index.ts';
import { eventually } from '../broker/live-broker.ts';
import { root } from '../source-files.ts';
import { type ReadMetrics, readMetrics } from './text-format.ts';

/** What the boards and alerts of Strimzi 0.5x ask of Kafka, and the two of kafka_exporter. */
const FOREIGN_NAMES = `
kafka_cluster_partition_atminisr kafka_cluster_partition_underminisr kafka_cluster_partition_replicascount
kafka_consumergroup_current_offset kafka_consumergroup_lag kafka_consumergroup_lag_sum kafka_consumergroup_members
kafka_controller_controllerstats_uncleanleaderelections_total kafka_controller_kafkacontroller_activecontrollercount
kafka_controller_kafkacontroller_offlinepartitionscount kafka_log_log_size kafka_log_logmanager_offlinelogdirectorycount
kafka_network_socketserver_networkprocessoravgidle_percent kafka_server_brokertopicmetrics_bytesin_total
kafka_server_brokertopicmetrics_bytesout_total kafka_server_brokertopicmetrics_failedfetchrequests_total
kafka_server_brokertopicmetrics_failedproducerequests_total kafka_server_brokertopicmetrics_messagesin_total
kafka_server_brokertopicmetrics_totalfetchrequests_total kafka_server_brokertopicmetrics_totalproducerequests_total
kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent
kafka_server_raftmetrics_append_records_rate kafka_server_raftmetrics_current_epoch
kafka_server_raftmetrics_current_leader kafka_server_raftmetrics_current_state kafka_server_raftmetrics_current_vote
kafka_server_raftmetrics_fetch_records_rate kafka_server_raftmetrics_high_watermark
kafka_server_raftmetrics_log_end_offset kafka_server_replicamanager_leadercount
kafka_server_replicamanager_partitioncount kafka_server_replicamanager_underminisrpartitioncount
kafka_server_replicamanager_underreplicatedpartitions kafka_server_socket_server_metrics_connection_count
kafka_topic_partition_current_offset kafka_topic_partition_in_sync_replica kafka_topic_partition_leader_is_preferred
kafka_topic_partition_oldest_offset kafka_topic_partition_replicas kafka_topic_partition_under_replicated_partition
kafka_topic_partitions kafka_network_requestmetrics_totaltimems_count process_resident_memory_bytes
nodejs_eventloop_lag_p99_seconds nodejs_heap_size_used_bytes nodejs_gc_duration_seconds_sum
`
  .trim()
  .split(/\s+/);

/** A consumer of kafkajs sleeps so long for each node that leads none of its partitions, also when it is to end. */
const SLEEP_MS = 100;

function dashboardExprs(): string[] {
  const text = readFileSync(join(root, 'deploy/grafana/ottla.json'), 'utf8');
  const { panels } = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

describe('the pages for an operator', () => {
  const running: { close(): Promise<void> }[] = [];

  async function start(options: StartOptions): Promise<Broker> {
    const broker = await startBroker({ profile: 'test', ...options });
    running.push(broker);
    return broker;
  }

  afterEach(async () => {
    for (const one of running.splice(0)) await one.close();
  });

  async function get(port: number | undefined, path: string, accept = ''): Promise<Response> {
    return fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept } });
  }

  async function scrape(broker: Broker): Promise<ReadMetrics> {
    return readMetrics(await (await get(broker.metricsPort, '/metrics')).text());
  }

  /** Five records written, the first three of them read and committed. */
  async function load(broker: Broker): Promise<void> {
    const kafka = new kafkajs.Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: 'readers', maxWaitTimeInMs: SLEEP_MS });
    await Promise.all([producer.connect(), consumer.connect()]);
    const messages = Array.from({ length: 5 }, (_, index) => ({ value: `record ${index}` }));
    await producer.send({ topic: 'orders', messages });
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    await new Promise<void>((resolve) => {
      let count = 0;
      const eachMessage = async (): Promise<void> => {
        if (++count === messages.length) resolve();
      };
      void consumer.run({ autoCommit: false, eachMessage });
    });
    await consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: '3' }]);
    await Promise.all([producer.disconnect(), consumer.disconnect()]);
  }

  it('tell what dashboards ask for, once each, after a scripted load', async () => {
    const broker = await start({ topics: { orders: 1 }, metricsPort: 0 });
    await load(broker);
    const { names, families, samples } = await scrape(broker);
    expect(FOREIGN_NAMES.filter((name) => !names.has(name))).to.deep.equal([]);
    expect([...families.values()].every(({ help }) => help.endsWith('.'))).to.equal(true);
    const name = 'kafka_server_brokertopicmetrics_messagesin_total';
    expect([samples.get(name), samples.get(`${name}{topic="orders"}`)]).to.deep.equal([5, 5]);
    expect(samples.get('kafka_consumergroup_lag{consumergroup="readers",topic="orders",partition="0"}')).to.equal(2);
    expect(samples.get('kafka_consumergroup_current_offset_sum{consumergroup="readers",topic="orders"}')).to.equal(3);
    expect(samples.get('kafka_topic_partition_current_offset{topic="orders",partition="0"}')).to.equal(5);
    expect(samples.get('kafka_network_requestmetrics_totaltimems_count{request="Produce"}')).to.equal(1);
    expect(samples.get('kafka_network_requestmetrics_errors_total{request="Produce",error="NONE"}')).to.equal(1);
    expect(samples.get('kafka_server_brokertopicmetrics_bytesout_total')).to.be.above(0);
  });

  it('tell what our own dashboard asks for', async () => {
    const broker = await start({ topics: { orders: 1 }, metricsPort: 0 });
    await load(broker);
    const { names } = await scrape(broker);
    const exprs = dashboardExprs();
    expect(exprs.length).to.be.above(30);
    for (const expr of exprs) {
      const asked = expr.match(/\b(kafka|ottla|nodejs|process)_\w+/g) ?? [];
      expect(asked, expr).not.to.have.length(0);
      expect(
        asked.filter((name) => !names.has(name)),
        expr,
      ).to.deep.equal([]);
    }
  });

  it('have every series of a topic and of an API before anything is asked of them', async () => {
    const broker = await start({ topics: { orders: 2 }, metricsPort: 0 });
    const { samples } = await scrape(broker);
    expect(samples.get('kafka_server_brokertopicmetrics_bytesin_total{topic="orders"}')).to.equal(0);
    expect(samples.get('kafka_network_requestmetrics_totaltimems_count{request="Produce"}')).to.equal(0);
    expect(samples.get('kafka_log_log_size{topic="orders",partition="1"}')).to.equal(0);
    expect(samples.get('kafka_server_replicamanager_partitioncount')).to.equal(2);
    expect(samples.get('kafka_controller_kafkacontroller_activecontrollercount')).to.equal(1);
    expect(samples.get('kafka_server_raftmetrics_current_state{current_state="leader"}')).to.equal(1);
  });

  it('come as OpenMetrics to who asks for it', async () => {
    const broker = await start({ metricsPort: 0 });
    const answer = await get(broker.metricsPort, '/metrics', 'application/openmetrics-text; version=1.0.0');
    expect(answer.headers.get('content-type')).to.contain('application/openmetrics-text; version=1.0.0');
    const text = await answer.text();
    expect(text.endsWith('# EOF\n')).to.equal(true);
    expect(readMetrics(text).names.has('process_cpu_seconds_total')).to.equal(true);
  });

  it('show as many partitions as they may, and how many are left out', async () => {
    const broker = await start({
      topics: { orders: 5, other: 3 },
      metricsPort: 0,
      config: { 'ottla.metrics.max.partitions': 6 },
    });
    const { samples } = await scrape(broker);
    const shown = [...samples.keys()].filter((key) => key.startsWith('kafka_log_log_size{'));
    expect([shown.length, samples.get('ottla_metrics_partitions_left_out')]).to.deep.equal([6, 2]);
    expect(samples.get('kafka_server_replicamanager_partitioncount')).to.equal(8);
  });

  it('say that the broker lives and is ready, and nothing else', async () => {
    const broker = await start({ metricsPort: 0 });
    const told: Record<string, string> = {};
    for (const path of ['/health/live', '/healthz', '/health/ready', '/readyz', '/secrets']) {
      const answer = await get(broker.metricsPort, path);
      told[path] = `${answer.status} ${(await answer.text()).trim()}`;
    }
    expect(told).to.deep.equal({
      '/health/live': '200 alive',
      '/healthz': '200 alive',
      '/health/ready': '200 ready',
      '/readyz': '200 ready',
      '/secrets': '404 Here are /metrics, /health/live and /health/ready',
    });
    const posted = await fetch(`http://127.0.0.1:${broker.metricsPort}/metrics`, { method: 'POST', body: 'x' });
    expect(posted.status).to.equal(405);
  });

  it('are not there when nobody has asked for them, nor behind a broker that has closed', async () => {
    expect((await start({})).metricsPort).to.equal(undefined);
    const broker = await start({ metricsPort: 0 });
    const { metricsPort } = broker;
    await broker.close();
    expect(await get(metricsPort, '/healthz').catch((error: Error) => error.message)).to.equal('fetch failed');
  });

  it('refuse a port that is taken with one line', async () => {
    const { metricsPort } = await start({ metricsPort: 0 });
    const refusal = await start({ metricsPort: metricsPort as number }).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(StartError);
    expect((refusal as StartError).message)
      .to.contain('metrics.port')
      .and.contain(`port ${metricsPort} is in use`);
  });

  it('stay where they are when the broker is made empty', async () => {
    const broker = await start({ topics: { orders: 1 }, metricsPort: 0 });
    const { metricsPort } = broker;
    await load(broker);
    await broker.reset();
    expect(broker.metricsPort).to.equal(metricsPort);
    const { samples } = await scrape(broker);
    expect(samples.get('kafka_server_brokertopicmetrics_messagesin_total{topic="orders"}')).to.equal(0);
  });

  it('tell of each node of a cluster, each partition and group once', async () => {
    const cluster = await startCluster({ nodes: 3, metricsPort: 0, profile: 'test', topics: { orders: 1 } });
    running.push(cluster);
    const first = cluster.nodes[0]?.broker as Broker;
    await load(first);
    let pages: ReadMetrics[] = [];
    const told = (key: string): number[] => pages.flatMap(({ samples }) => samples.get(key) ?? []);
    // A coordinator that follows the partition hears with its next fetch how much is committed.
    await eventually('the lag is told', async () => {
      pages = await Promise.all(cluster.nodes.map(({ broker }) => scrape(broker)));
      return told('kafka_consumergroup_lag{consumergroup="readers",topic="orders",partition="0"}').join() === '2';
    });
    const sum = (key: string): number => told(key).reduce((all, value) => all + value, 0);
    expect(sum('kafka_controller_kafkacontroller_activecontrollercount')).to.equal(1);
    expect(sum('kafka_server_brokertopicmetrics_messagesin_total')).to.equal(5);
    expect(told('kafka_topic_partition_replicas{topic="orders",partition="0"}')).to.deep.equal([3]);
    expect(told('kafka_brokers')).to.deep.equal([3, 3, 3]);
    expect(sum('kafka_server_brokertopicmetrics_replicationbytesout_total')).to.be.above(0);
  });
});
