// Verification of appends by the transaction coordinator of the node (KIP-890).
import { expect } from 'chai';
import { CoordinatorVerifier } from '../../../src/broker/node/transaction-verification.ts';
import { MetadataImage } from '../../../src/kraft/metadata/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import type { TransactionalAppend } from '../../../src/replication/index.ts';
import { delay, parseConfigs, silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { transactionConfig } from '../../../src/transaction-coordinator/index.ts';

const config = parseConfigs(transactionConfig, new Map());

describe('The verifier of transactions', () => {
  let clock: SimClock;
  let asked: [string, object, number?][];
  let codes: (number | Promise<number>)[];
  let waits: number;
  let isMade: boolean;
  let verifier: CoordinatorVerifier;

  const coordinator = {
    addPartitions: (of: object, version: number) => {
      asked.push(['add', of, version]);
      return codes.shift();
    },
    verifyPartitions: (of: object) => {
      asked.push(['verify', of]);
      const code = codes.shift();
      const verdict = () => code;
      return code instanceof Promise ? code.then((known) => () => known) : verdict;
    },
    free: (_transactionalId: string, longestMs: number) => {
      waits++;
      return delay(clock, longestMs);
    },
  };

  beforeEach(() => {
    clock = new SimClock({ nextTurn });
    [asked, codes, waits, isMade] = [[], [], 0, true];
    const host = {
      get made() {
        return isMade ? coordinator : undefined;
      },
      coordinator: () => Promise.resolve(coordinator),
    };
    verifier = new CoordinatorVerifier({
      nodeId: 1,
      host: host as never,
      image: () => MetadataImage.empty,
      peers: { to: () => undefined, open: () => undefined },
      clock,
      logger: silentLogger,
      config: () => config,
    });
  });

  const append = (addsPartition: boolean): TransactionalAppend => ({
    transactionalId: 'tx',
    partition: { topic: 't', index: 3 } as never,
    producerId: 7,
    producerEpoch: 1,
    addsPartition,
  });
  const OF = { transactionalId: 'tx', producerId: 7, producerEpoch: 1, topics: [{ topic: 't', partitions: [3] }] };

  it('asks at once, where nobody has to be waited for', () => {
    codes = [Errors.NONE, Errors.TRANSACTION_ABORTABLE, Errors.PRODUCER_FENCED];
    const verdicts = [1, 2, 3].map(() => verifier.verify(append(false)));
    expect(verdicts).to.deep.equal([0, Errors.TRANSACTION_ABORTABLE, Errors.INVALID_PRODUCER_EPOCH]);
    expect(asked[0]).to.deep.equal(['verify', OF]);
    codes = [Errors.NONE, Errors.PRODUCER_FENCED];
    expect(verifier.verify(append(true))).to.equal(0);
    expect(verifier.verify(append(true))).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(asked[3]).to.deep.equal(['add', OF, 2]);
  });

  it('waits for the record of the partition, and for a coordinator that is being made', async () => {
    codes = [Promise.resolve(Errors.NONE)];
    expect(await verifier.verify(append(true))).to.equal(0);
    codes = [Promise.resolve(Errors.PRODUCER_FENCED)];
    expect(await verifier.verify(append(false))).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    isMade = false;
    codes = [Errors.NOT_COORDINATOR];
    expect(await verifier.verify(append(false))).to.equal(Errors.NOT_COORDINATOR);
  });

  it('tries again while the transaction before is being ended, for a tenth of a second', async () => {
    codes = [Errors.CONCURRENT_TRANSACTIONS, Errors.CONCURRENT_TRANSACTIONS, Errors.NONE];
    expect(await clock.run(verifier.verify(append(true)) as Promise<number>)).to.equal(0);
    expect(waits).to.equal(2);
    codes = Array.from({ length: 20 }, () => Errors.CONCURRENT_TRANSACTIONS);
    const verdict = await clock.run(verifier.verify(append(true)) as Promise<number>);
    expect(verdict).to.equal(Errors.CONCURRENT_TRANSACTIONS);
    expect(waits).to.equal(2 + 5);
    // Who has to ask itself is told at once.
    codes = [Errors.CONCURRENT_TRANSACTIONS];
    expect(verifier.verify(append(false))).to.equal(Errors.CONCURRENT_TRANSACTIONS);
  });

  it('tries no less often where the asking takes long: that is when ending a transaction takes long too', async () => {
    const slowly = (code: number): Promise<number> => delay(clock, 200).then(() => code);
    codes = [
      slowly(Errors.CONCURRENT_TRANSACTIONS),
      ...Array.from({ length: 4 }, () => Errors.CONCURRENT_TRANSACTIONS),
      0,
    ];
    expect(await clock.run(verifier.verify(append(true)) as Promise<number>)).to.equal(Errors.NONE);
    expect(waits).to.equal(5);
    codes = [
      slowly(Errors.CONCURRENT_TRANSACTIONS),
      ...Array.from({ length: 9 }, () => Errors.CONCURRENT_TRANSACTIONS),
    ];
    const verdict = await clock.run(verifier.verify(append(true)) as Promise<number>);
    expect(verdict).to.equal(Errors.CONCURRENT_TRANSACTIONS);
    expect(waits).to.equal(5 + 5);
  });
});
