// What a broker does whose data directory was taken by another one while it was stopped: it ends, and changes nothing.
import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { type DiskError, silentLogger } from '../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';

describe('a broker that has lost the lock of its directory', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'ottla-lost-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('ends without a mark of a clean stop, and leaves the lease of the other', async () => {
    const runtime = nodeRuntime({ logger: silentLogger });
    const settings = settingsOf({ port: 0, config: { 'log.dirs': directory } }, runtime.disk);
    let tell: (error: Error) => void = () => undefined;
    const failed = new Promise<Error>((resolve) => (tell = resolve));
    await BrokerNode.start({ runtime, settings, loggers: new LoggerLevels(), onFailure: (error) => tell(error) });
    const lease = join(directory, '.ottla-lease');
    writeFileSync(`${lease}.other`, 'of another');
    renameSync(`${lease}.other`, lease);
    const error = (await failed) as DiskError;
    expect(error.code).to.equal('ESTALE');
    expect(error.path).to.equal(directory);
    expect(existsSync(join(directory, '.kafka_cleanshutdown'))).to.equal(false);
    expect(readFileSync(lease, 'utf8')).to.equal('of another');
  });
});
