import { expect } from 'chai';
import type { StartFlags } from '../../src/cli/arguments.ts';
import { resolveOptions } from '../../src/cli/start-options.ts';

const known = new Set(['num.partitions', 'log.dirs', 'log.dir', 'listeners', 'log.retention.ms']);
const isKnown = (key: string): boolean => known.has(key);

function flags(given: Partial<StartFlags> = {}): StartFlags {
  return { set: new Map(), json: false, quiet: false, ...given };
}

describe('Precedence of settings', () => {
  it('passes nothing on when nothing is set, so that the defaults are those of startBroker', () => {
    expect(resolveOptions(flags(), { PATH: '/bin', KAFKA_HEAP_OPTS: '-Xmx1G' }, isKnown)).to.deep.equal({ config: {} });
  });

  it('lets --set win over the environment, and leaves the file to startBroker, below both', () => {
    const environment = { KAFKA_NUM_PARTITIONS: '2', KAFKA_LOG_RETENTION_MS: '5' };
    const options = resolveOptions(
      flags({ set: new Map([['num.partitions', '3']]), config: 'server.properties' }),
      environment,
      isKnown,
    );
    expect(options).to.deep.equal({
      configFile: 'server.properties',
      config: { 'num.partitions': '3', 'log.retention.ms': '5' },
    });
  });

  it('lets flags win over the keys that they stand for', () => {
    const options = resolveOptions(
      flags({ data: './here', host: 'h', port: 0, durability: 'fsync', set: new Map([['log.dirs', '/there']]) }),
      { KAFKA_LOG_DIR: '/elsewhere' },
      isKnown,
    );
    expect(options).to.deep.equal({ dataDir: './here', host: 'h', port: 0, durability: 'fsync', config: {} });
  });

  it('takes the id of a fresh cluster from CLUSTER_ID, as the image of Kafka does', () => {
    const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';
    expect(resolveOptions(flags(), { CLUSTER_ID }, isKnown)).to.deep.equal({ clusterId: CLUSTER_ID, config: {} });
    expect(resolveOptions(flags(), { CLUSTER_ID: '' }, isKnown)).to.deep.equal({ config: {} });
  });

  it('keeps keys of --set that nobody knows: startBroker refuses them', () => {
    expect(resolveOptions(flags({ set: new Map([['no.such', '1']]) }), {}, isKnown).config).to.deep.equal({
      'no.such': '1',
    });
  });
});
