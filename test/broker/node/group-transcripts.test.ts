// What Apache Kafka 4.3.1 answered to good and bad requests of groups, as it was recorded: every exchange of the coordinator,
// classic groups and offsets is played again, and gets the same answer.
import { expect } from 'chai';
import { deviations } from '../../../conformance/deviations.ts';
import { type Line, readLines } from '../../../conformance/transcripts/line.ts';
import { Replay } from '../../../conformance/transcripts/replay.ts';
import { advertisedKeys } from '../../../conformance/transcripts/target.ts';
import { apisByKey } from '../../../conformance/transcripts/wire.ts';
import { startBroker } from '../../../src/index.ts';

/** What is played again of a record: the lines, and how the recorded broker was set, as far as it matters. */
interface Part {
  readonly file: string;
  readonly of: RegExp;
  readonly config: Readonly<Record<string, string | number>>;
  readonly deviating: readonly string[];
  readonly least: number;
}

const ALONE = { 'offsets.topic.replication.factor': 1, 'group.initial.rebalance.delay.ms': 0 };

const parts: Readonly<Record<string, Part>> = {
  'of groups and offsets': {
    file: 'transcripts.jsonl.gz',
    of: /^(group|join|heartbeat|sync|leave|live|static|commit|offsetfetch|describegroups|deletegroups|offsetdelete|cgh)\.|^setup\.create\.(gt|ot|kt)$|^coord\.group\./,
    // The recorded broker had a second between two assignments, in which much happens there.
    config: { ...ALONE, 'num.partitions': 1, 'group.consumer.assignment.interval.ms': 15_000 },
    deviating: ['coord.group.v4', 'join.opaque-consumer'],
    least: 180,
  },
  'of consumer groups and of groups that migrate': {
    file: 'transcripts-groups.jsonl.gz',
    // Left out of npm test: what waits for time-outs and for regular expressions. `npm run -s transcripts -- FILE` has them.
    of: /^(cgm|cge|cgi|cga|mg|mc)\.|^setup\.create\.(warm|cg-[a-z]+|mig.*)$|^warm\.(find0|group|leave)/,
    config: { ...ALONE, 'group.consumer.assignment.interval.ms': 0, 'group.consumer.max.size': 5 },
    deviating: [],
    least: 150,
  },
  'of streams groups': {
    file: 'transcripts-groups.jsonl.gz',
    // Left out: members of share groups who meet a streams group.
    of: /^(stg|sxg|sxc|sxi|sxf|sxr|sxz|sxk)\.(?!share)|^setup\.create\.(warm|st-in|sx-.*|sxi.*)$|^warm\.(find0|group|leave)|^config\.st/,
    config: {
      ...ALONE,
      'num.partitions': 1,
      'group.coordinator.rebalance.protocols': 'classic,consumer,share,streams',
      'group.consumer.assignment.interval.ms': 0,
      'group.streams.assignment.interval.ms': 0,
      'group.streams.initial.rebalance.delay.ms': 0,
    },
    deviating: [],
    least: 80,
  },
};

describe('Recorded exchanges', function () {
  this.timeout(60_000);

  for (const [what, part] of Object.entries(parts)) {
    it(`${what} get the answers of Apache Kafka, but where the list of deviations says otherwise`, async () => {
      const broker = await startBroker({ memory: true, config: part.config });
      try {
        const lines = readLines(new URL(`../../fixtures/${part.file}`, import.meta.url).pathname);
        await playAgain(
          broker.port,
          lines.filter(({ id }) => part.of.test(id)),
          part,
        );
      } finally {
        await broker.close();
      }
    });
  }
});

async function playAgain(port: number, lines: readonly Line[], { deviating, least }: Part): Promise<void> {
  const address = { host: '127.0.0.1', port };
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
  expect(others).to.deep.equal(deviating.map((id) => [id, 'deviates']));
  expect(passed).to.equal(lines.length - others.length);
  expect(passed).to.be.greaterThan(least);
}
