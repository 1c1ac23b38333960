// What Apache Kafka 4.3.1 answered to good and bad requests of transactions, as it was recorded: every exchange is played
// again, and gets the same answer.
import { expect } from 'chai';
import { deviations } from '../../../conformance/deviations.ts';
import { readLines } from '../../../conformance/transcripts/line.ts';
import { Replay } from '../../../conformance/transcripts/replay.ts';
import { advertisedKeys } from '../../../conformance/transcripts/target.ts';
import { apisByKey } from '../../../conformance/transcripts/wire.ts';
import { startBroker } from '../../../src/index.ts';

const SECTIONS = /^(initpid|txn\d?|writemarkers)\.|^setup\.create\.txn|^coord\.txn\./;
const CONFIG = { 'offsets.topic.replication.factor': 1, 'num.partitions': 1 };

const lines = readLines(new URL('../../fixtures/transcripts.jsonl.gz', import.meta.url).pathname).filter(
  ({ id }) => SECTIONS.test(id) && id !== 'initpid.first',
);

describe('Recorded exchanges of transactions', function () {
  this.timeout(60_000);

  it('get the answers of Apache Kafka, but where the list of deviations says otherwise', async () => {
    const broker = await startBroker({ memory: true, config: CONFIG });
    try {
      const address = { host: '127.0.0.1', port: broker.port };
      const facts = {
        isForeign: false,
        listeners: new Map([['broker', address]] as const),
        served: await advertisedKeys(apisByKey, address),
      };
      const others: string[][] = [];
      let passed = 0;
      for await (const { line, verdict, details } of new Replay(apisByKey, facts, deviations.transcripts).run(lines)) {
        if (verdict === 'passed') passed++;
        else others.push([line.id, verdict, ...(verdict === 'failed' ? details : [])]);
      }
      expect(others).to.deep.equal([]);
      expect(passed).to.be.greaterThan(60);
    } finally {
      await broker.close();
    }
  });
});
