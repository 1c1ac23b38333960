// Forms of kcat's command line and what kcat 1.7.1 says to each of them on the same topics: recorded by conformance/suites/cat-forms.ts,
// held against `ottla cat` there and in npm test.
import { readFileSync } from 'node:fs';
import { Admin, allOf, type ClusterClient, Producer } from '../../../src/client/index.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Form {
  readonly name: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly kcat?: Said;
}

export interface KcatForms {
  readonly topics: Readonly<Record<string, number>>;
  readonly records: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly key: string | null;
    readonly value: string | null;
    readonly timestamp: number;
    readonly headers: readonly (readonly [string, string | null])[];
  }[];
  readonly forms: readonly Form[];
}

/** Where ours says something else, and why. */
export const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ['-s little', 'kcat reads < as it reads >, against its own help: here it is little-endian'],
]);

export const FORMS_FILE = new URL('./kcat-forms.json', import.meta.url);

export const kcatForms = (): KcatForms => JSON.parse(readFileSync(FORMS_FILE, 'utf8')) as KcatForms;

/** The records are old: nothing may be deleted for that. */
const KEPT = { 'retention.ms': '-1' };

/** The topics that the forms are about. */
export async function makeTopics(client: ClusterClient, { topics, records }: KcatForms): Promise<void> {
  const admin = new Admin({ client });
  allOf(
    await admin.createTopics(Object.entries(topics).map(([name, partitions]) => ({ name, partitions, configs: KEPT }))),
  );
  const producer = new Producer({ client });
  for (const { topic, headers, ...record } of records) {
    await producer.send(topic, {
      ...record,
      headers: headers.map(([key, value]) => ({ key, value: value === null ? null : Buffer.from(value) })),
    });
  }
  await producer.close();
}

/** Without what differs from run to run: addresses, ids of nodes and members, log lines of librdkafka, the text of usage. */
export function comparable({ code, out, err }: Said, bootstrap: string): Said {
  return { code, out: plain(out, bootstrap), err: told(err, bootstrap) };
}

function plain(text: string, bootstrap: string): string {
  return text
    .replaceAll(bootstrap, 'BROKER')
    .replace(/(broker |leader |replicas: |isrs: |BROKER\/|"id":|"controllerid":|"broker":|"leader":)\d+/g, '$1N');
}

/** kcat says "exiting" only when the last partition is at its end, and partitions come in no order. */
function told(text: string, bootstrap: string): string {
  const lines = plain(text, bootstrap)
    .split('\n')
    .filter((line) => line !== '' && !/^%\d\|/.test(line) && !line.startsWith('% Group '));
  const usage = lines.findIndex((line) => line.startsWith('Error: '));
  const shown = usage === -1 ? lines : lines.slice(0, usage + 1);
  return shown.join('\n');
}
