// What Apache Kafka 4.3.1 answered to good and bad requests of groups, as it was recorded: every exchange of the coordinator,
// classic groups and offsets is played again, and gets the same answer.
import { expect } from 'chai';
import { deviations } from '../../../conformance/deviations.ts';
import { readLines } from '../../../conformance/transcripts/line.ts';
import { Replay } from '../../../conformance/transcripts/replay.ts';
import { advertisedKeys } from '../../../conformance/transcripts/target.ts';
import { apisByKey } from '../../../conformance/transcripts/wire.ts';
import { startBroker } from '../../../src/index.ts';

/** Sections of the record, by the first word of their ids, and the topics that they use. */
const SECTIONS =
  /^(group|join|heartbeat|sync|leave|live|static|commit|offsetfetch|describegroups|deletegroups|offsetdelete)\.|^setup\.create\.(gt|ot)$|^coord\.group\./;
/** As in the settings of the recorded broker. */
const CONFIG = { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.replication.factor': 1, 'num.partitions': 1 };

const lines = readLines(new URL('../../fixtures/transcripts.jsonl.gz', import.meta.url).pathname).filter(({ id }) =>
  SECTIONS.test(id),
);

describe('Recorded exchanges of groups', function () {
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
      expect(others).to.deep.equal([
        ['coord.group.v4', 'deviates'],
        ['join.opaque-consumer', 'deviates'],
      ]);
      expect(passed).to.equal(lines.length - others.length);
      expect(passed).to.be.greaterThan(150);
    } finally {
      await broker.close();
    }
  });
});
