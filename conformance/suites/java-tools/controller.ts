// What the tools ask with --bootstrap-controller (KIP-919).

import { that } from '../../suite.ts';
import { featuresDescribed, FEATURES, QUORUM, quorumStatus } from './cluster.ts';
import { CONFIG_COMMAND, type Steps, TOOLS } from './session.ts';

const all = ['--entity-type', 'brokers', '--entity-default'];

export const CONTROLLER: Steps = {
  'controller: cluster cluster-id': async (s) => {
    const text = await s.viaController(`${TOOLS}.ClusterTool`, ['cluster-id']);
    const direct = await s.ok(`${TOOLS}.ClusterTool`, ['cluster-id']);
    that(/Cluster ID: \S{22}/.test(text) && text === direct, `${text} and ${direct}`);
  },
  'controller: cluster list-endpoints': async (s) => {
    const text = await s.viaController(`${TOOLS}.ClusterTool`, ['list-endpoints']);
    that(/^0\s+127\.0\.0\.1\s+\d+\s+null\s+controller/m.test(text), text);
  },
  'controller: cluster unregister of a broker that is not there': (s) =>
    s.refusedByController(
      `${TOOLS}.ClusterTool`,
      ['unregister', '--id', '7'],
      /Broker ID 7 is not currently registered/,
    ),
  'controller: metadata-quorum describe --status': async (s) =>
    quorumStatus(await s.viaController(QUORUM, ['describe', '--status'])),
  'controller: metadata-quorum describe --replication': async (s) => {
    const text = await s.viaController(QUORUM, ['describe', '--replication']);
    that(/^0\s+\S{22}\s+\d+\s+0\s+.*Leader/m.test(text), text);
  },
  'controller: features describe': async (s) => featuresDescribed(await s.viaController(FEATURES, ['describe'])),
  'controller: reassign-partitions --list': async (s) => {
    const text = await s.viaController(`${TOOLS}.reassign.ReassignPartitionsCommand`, ['--list']);
    that(text.includes('No partition reassignments found.'), text);
  },
  'controller: configs --alter of all brokers': async (s) => {
    await s.viaController(CONFIG_COMMAND, ['--alter', ...all, '--add-config', 'log.retention.ms=777777']);
    const seen = await s.configs('--describe', ...all);
    that(seen.includes('log.retention.ms=777777'), seen);
    await s.viaController(CONFIG_COMMAND, ['--alter', ...all, '--delete-config', 'log.retention.ms']);
    that(!(await s.configs('--describe', ...all)).includes('log.retention.ms=777777'), 'still there');
  },
  'controller: configs --alter of a topic': async (s) => {
    const topic = ['--entity-type', 'topics', '--entity-name', 'made'];
    await s.viaController(CONFIG_COMMAND, ['--alter', ...topic, '--add-config', 'retention.ms=99999']);
    that((await s.configs('--describe', ...topic)).includes('retention.ms=99999'), 'value');
    await s.viaController(CONFIG_COMMAND, ['--alter', ...topic, '--delete-config', 'retention.ms']);
  },
};
