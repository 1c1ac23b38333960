// Whether members of a group that come, go and are killed have worked as forEach promises. Pure: what they said goes in, what is wrong
// with it comes out.

export interface Told {
  readonly what: 'assigned' | 'revoked' | 'lost' | 'begun' | 'done' | 'closed';
  readonly partitions?: readonly number[];
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string;
  /** Of the clock that all processes of the machine share; a decimal number. */
  readonly atNs: string;
}

/** What one process said, and whether it ended in order. */
export interface Life {
  readonly told: readonly Told[];
  readonly wasKilled: boolean;
}

interface Worked {
  readonly offset: number;
  readonly key: string;
  readonly begunNs: bigint;
  /** undefined: it was killed over it. */
  doneNs: bigint | undefined;
}

/** One partition in the hands of one member, from when it was given to it until it was given up. */
interface Tenure {
  readonly member: number;
  readonly partition: number;
  readonly records: Worked[];
  /** Given up in order: what was done is committed. */
  isInOrder: boolean;
}

export interface Verdict {
  readonly faults: readonly string[];
  /** Worked on again, because who had done it was killed before it could commit. */
  readonly repeated: number;
  readonly tenures: number;
  /** Not done yet. */
  readonly missing: number;
}

/** `ends`: how many records each partition has. */
export function verdictOn(lives: readonly Life[], ends: readonly number[]): Verdict {
  const tenures = lives.flatMap(tenuresOf);
  const faults = tenures.flatMap((tenure) => [...orderFaults(tenure), ...doubleFaults(tenure)]);
  let [repeated, missing] = [0, 0];
  for (const [partition, end] of ends.entries()) {
    const own = tenures
      .filter((tenure) => tenure.partition === partition && tenure.records.length > 0)
      .sort((a, b) => (firstNs(a) < firstNs(b) ? -1 : 1));
    const handed = handovers(own, end);
    faults.push(...handed.faults);
    repeated += handed.repeated;
    missing += end - handed.done.size;
  }
  return { faults, repeated, tenures: tenures.length, missing };
}

const firstNs = ({ records }: Tenure): bigint => records[0]?.begunNs ?? 0n;

function tenuresOf({ told, wasKilled }: Life, member: number): Tenure[] {
  const all: Tenure[] = [];
  const open = new Map<number, Tenure>();
  for (const { what, partitions = [], partition = -1, offset = -1, key = '', atNs } of told) {
    const ns = BigInt(atNs);
    const tenure = open.get(partition);
    if (what === 'assigned') {
      for (const one of partitions) {
        const given: Tenure = { member, partition: one, records: [], isInOrder: !wasKilled };
        open.set(one, given);
        all.push(given);
      }
    } else if (what === 'revoked' || what === 'lost') {
      for (const one of partitions) {
        const ended = open.get(one);
        if (ended !== undefined) ended.isInOrder = what === 'revoked';
      }
    } else if (what === 'begun') {
      tenure?.records.push({ offset, key, begunNs: ns, doneNs: undefined });
    } else if (what === 'done') {
      const record = tenure?.records.findLast((one) => one.offset === offset);
      if (record !== undefined) record.doneNs = ns;
    }
  }
  return all;
}

/** Of one key one record at a time, in the order of the offsets. */
function orderFaults({ member, partition, records }: Tenure): string[] {
  const last = new Map<string, Worked>();
  const faults: string[] = [];
  for (const record of records) {
    const before = last.get(record.key);
    last.set(record.key, record);
    if (before === undefined) continue;
    const place = `member ${member}, partition ${partition}, key ${record.key}`;
    if (before.offset >= record.offset) faults.push(`${place}: ${record.offset} behind ${before.offset}`);
    if (before.doneNs === undefined || before.doneNs > record.begunNs)
      faults.push(`${place}: ${record.offset} is begun while ${before.offset} is under way`);
  }
  return faults;
}

function doubleFaults({ member, partition, records }: Tenure): string[] {
  const seen = new Set<number>();
  const twice = records.find(({ offset }) => seen.size === seen.add(offset).size);
  return twice === undefined ? [] : [`member ${member}, partition ${partition}: ${twice.offset} twice in one tenure`];
}

interface Handed {
  readonly faults: readonly string[];
  readonly repeated: number;
  readonly done: ReadonlySet<number>;
}

/** From one member to the next: nothing is passed over, and nothing repeated that could be committed. `tenures`: by their first record. */
function handovers(tenures: readonly Tenure[], end: number): Handed {
  const faults: string[] = [];
  const done = new Map<number, Tenure>();
  let repeated = 0;
  for (const [index, tenure] of tenures.entries()) {
    const { member, partition, records } = tenure;
    const place = `partition ${partition}, from member ${tenures[index - 1]?.member ?? 'none'} to ${member}`;
    const first = Math.min(...records.map(({ offset }) => offset));
    const skipped = firstMissing(done, Math.min(first, end));
    if (skipped !== undefined) faults.push(`${place}: begins at ${first}, and ${skipped} was never done`);
    const overlapping = tenures
      .slice(0, index)
      .filter(({ isInOrder }) => isInOrder)
      .flatMap((one) => one.records)
      .find(({ doneNs }) => doneNs === undefined || doneNs > firstNs(tenure));
    if (overlapping !== undefined) faults.push(`${place}: ${overlapping.offset} was still under way`);
    for (const { offset, doneNs } of records) {
      const before = done.get(offset);
      if (before?.isInOrder === true) faults.push(`${place}: ${offset} again, which was done and given up in order`);
      else if (before !== undefined) repeated++;
      if (doneNs !== undefined) done.set(offset, tenure);
    }
  }
  return { faults, repeated, done: new Set(done.keys()) };
}

function firstMissing(done: ReadonlyMap<number, Tenure>, below: number): number | undefined {
  for (let offset = 0; offset < below; offset++) if (!done.has(offset)) return offset;
  return undefined;
}
