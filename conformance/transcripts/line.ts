// One recorded exchange of a running Apache Kafka, as test/fixtures/README.md describes it, and how the files are read.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Where a value stands in a body, and the name under which it is remembered. */
export interface Binding {
  readonly pointer: string;
  readonly var: string;
}

export interface Line {
  readonly id: string;
  /** Same name, same socket. `unframed`: a socket of its own, bytes without a size in front. */
  readonly conn: string;
  /** null: a raw frame. */
  readonly api: string | null;
  readonly version: number;
  readonly key?: number;
  readonly requestHex: string | null;
  readonly responseHex: string | null;
  /** How it ended when there is no answer. */
  readonly end?: 'closed' | 'silent';
  readonly requestJson: unknown;
  readonly responseJson: unknown;
  readonly note: string | null;
  /** JSON pointers to what varies from run to run. */
  readonly masks: readonly string[];
  readonly captures: readonly Binding[];
  readonly uses: readonly Binding[];
  readonly unstable?: boolean;
  readonly sentBefore?: string;
  /** How long to wait before it is sent: for time-outs of the broker. */
  readonly waitMs?: number;
  /** The request is repeated until the answer is the one recorded: what it shows comes a little later. */
  readonly poll?: boolean;
  /** How often the request is sent, not counting answers that say to try again; the last answer is the one recorded. */
  readonly repeat?: number;
  /** The listener, where the names of connections do not tell it. */
  readonly listener?: string;
  /** What the asker may do. */
  readonly grants?: string;
}

/** The lines of a `.jsonl` or `.jsonl.gz` file. */
export function readLines(file: string): Line[] {
  const content = readFileSync(file);
  const text = (content[0] === 0x1f ? gunzipSync(content) : content).toString('utf8');
  return text
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row) as Line);
}

/** The API key that the first two bytes of a frame name; undefined when there are none. */
export function keyOfFrame(frame: Buffer): number | undefined {
  return frame.length >= 2 ? frame.readInt16BE(0) : undefined;
}

export type ListenerName = 'broker' | 'controller' | 'sasl' | 'controller-sasl';

const LISTENERS: Readonly<Record<string, ListenerName>> = {
  PLAINTEXT: 'broker',
  CONTROLLER: 'controller',
  SASL_PLAINTEXT: 'sasl',
  CSASL: 'controller-sasl',
};

/** The listener that a line's connection goes to, by the convention of the connection names. */
export function listenerOf(line: Line): ListenerName {
  const named = line.listener === undefined ? undefined : LISTENERS[line.listener];
  if (named !== undefined) return named;
  if (line.conn.startsWith('controller')) return 'controller';
  return line.conn.startsWith('sasl') ? 'sasl' : 'broker';
}
