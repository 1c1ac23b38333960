// Schemas handed to Apicurio and taken from it. It keeps none of them in a topic that another registry could read (its journal is its
// own), so what stands in `_schemas` goes over Confluent's calls: record by record into it, and out of it by `ottla registry export`.

import { ClusterClient, Consumer } from '../../src/client/index.ts';
import {
  exportFromRegistry,
  exportSchemas,
  importSchemas,
  startSchemaRegistry,
} from '../../src/schema-registry/index.ts';
import { avro, registryClient } from '../../src/serde/index.ts';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import { APICURIO_VERSION, apicurioHome, type RunningApicurio, startApicurio } from '../toolchain/apicurio.ts';

export const apicurio: Suite = {
  name: 'registry-apicurio',
  isBlackBox: true,
  available: async () => {
    const found = await apicurioHome();
    return typeof found === 'string' ? { missing: found } : { version: APICURIO_VERSION };
  },
  run,
};

interface Registered {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schemaType?: string;
  readonly schema: string;
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
  readonly deleted?: boolean;
}

type Given = Omit<Registered, 'version' | 'id' | 'deleted'>;

const avroRecord = (name: string, fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name, namespace: 'shop', fields });
const ID = { name: 'id', type: 'long' };

/** All three languages, versions that follow each other, references, and a subject whose name needs escaping. */
const SCHEMAS: readonly Given[] = [
  { subject: 'orders-value', schema: avroRecord('Order', [ID]) },
  { subject: 'orders-value', schema: avroRecord('Order', [ID, { name: 'who', type: 'string', default: '' }]) },
  { subject: 'orders-key', schema: '"long"' },
  {
    subject: 'carts-value',
    schema: avroRecord('Cart', [{ name: 'first', type: 'shop.Order' }]),
    references: [{ name: 'shop.Order', subject: 'orders-value', version: 2 }],
  },
  {
    subject: 'events-value',
    schemaType: 'JSON',
    schema: '{"type":"object","properties":{"id":{"type":"integer"}},"additionalProperties":false}',
  },
  {
    subject: 'events-value',
    schemaType: 'JSON',
    schema: '{"type":"object","properties":{"id":{"type":"number"}},"additionalProperties":false}',
  },
  {
    subject: 'parcels-value',
    schemaType: 'PROTOBUF',
    schema: 'syntax = "proto3";\npackage shop;\n\nmessage Parcel {\n  int64 id = 1;\n}\n',
  },
  { subject: 'a b/ü', schema: '"string"' },
];

async function run({ target, scratch, cases }: SuiteContext): Promise<void> {
  const found = await apicurioHome();
  if (typeof found === 'string') throw new Error(found);
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const theirs = await startApicurio(found.home);
  try {
    await cases.run('what stands in _schemas is handed over, record by record', () =>
      handedOver(broker.bootstrap, theirs),
    );
    await cases.run('what it holds is taken, ids and versions as they are', () => taken(broker.bootstrap, theirs));
    await cases.run('a record with an id of Apicurio is read with ours', () => readOn(broker.bootstrap, theirs));
  } finally {
    await theirs.close();
  }
}

async function ask<T>(url: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

const versionsOf = (subject: string): string => `/subjects/${encodeURIComponent(subject)}/versions`;

async function handedOver(bootstrap: string, theirs: RunningApicurio): Promise<void> {
  const topic = 'handed';
  const ours = await startSchemaRegistry({ brokers: bootstrap, port: 0, topic });
  try {
    for (const { subject, ...given } of SCHEMAS) await ask(ours.url, versionsOf(subject), given);
  } finally {
    await ours.close();
  }
  for await (const line of exportSchemas({ brokers: bootstrap }, topic)) {
    const { key, value } = JSON.parse(line) as { key: { keytype: string }; value: Registered };
    if (key.keytype !== 'SCHEMA' || value.deleted === true) continue;
    const { subject, version, id: _, deleted: __, ...given } = value;
    await ask(theirs.url, versionsOf(subject), given);
    const found = await ask<Registered>(theirs.url, `${versionsOf(subject)}/${version}`);
    same([found.subject, found.version], [subject, version], 'subject and version');
    same(plain(found), plain(value), `${subject} ${version}`);
  }
}

/** What a schema says: blanks are Apicurio's own in Avro and JSON, where it keeps the text it was given. */
const plain = ({ schema, schemaType = 'AVRO' }: Registered): unknown =>
  schemaType === 'PROTOBUF' ? schema.trim() : JSON.parse(schema);

async function taken(bootstrap: string, theirs: RunningApicurio): Promise<void> {
  const topic = 'taken';
  await importSchemas(
    { brokers: bootstrap },
    exportFromRegistry((path) => answer(theirs.url, path)),
    { topic },
  );
  const ours = await startSchemaRegistry({ brokers: bootstrap, port: 0, topic });
  try {
    const subjects = await ask<string[]>(theirs.url, '/subjects');
    same((await ask<string[]>(ours.url, '/subjects')).sort(), [...subjects].sort(), 'subjects');
    that(subjects.length === new Set(SCHEMAS.map(({ subject }) => subject)).size, `${subjects.length} subjects`);
    for (const subject of subjects) {
      const versions = await ask<number[]>(theirs.url, versionsOf(subject));
      same(await ask<number[]>(ours.url, versionsOf(subject)), versions, `versions of ${subject}`);
      for (const version of versions) {
        const [own, other] = (await Promise.all(
          [ours, theirs].map(({ url }) => ask<Registered>(url, `${versionsOf(subject)}/${version}`)),
        )) as [Registered, Registered];
        same(known(own), known(other), `${subject} ${version}`);
        same(plain(own), plain(other), `schema of ${subject} ${version}`);
        const byId = await ask<Registered>(ours.url, `/schemas/ids/${other.id}`);
        same(plain(byId), plain(other), `schema with id ${other.id}`);
      }
    }
  } finally {
    await ours.close();
  }
}

/** Apicurio leaves out that a schema is Avro and says that it refers to none; ours does it the other way around. */
const known = ({ id, schemaType = 'AVRO', references = [] }: Registered): unknown => [id, schemaType, references];

async function answer(url: string, path: string): Promise<unknown> {
  const found = await fetch(`${url}${path}`);
  if (found.status === 404) return undefined;
  if (!found.ok) throw new Error(`${path}: ${found.status} ${await found.text()}`);
  return found.json();
}

/** Written with Apicurio's id, read when only our registry is there. */
async function readOn(bootstrap: string, theirs: RunningApicurio): Promise<void> {
  await using cluster = new ClusterClient({ brokers: bootstrap });
  const written = { id: 7, who: 'ada' };
  const serializers = { value: avro(registryClient(theirs.url), { useLatest: true }) };
  await using producer = cluster.producer({ serializers });
  await producer.send('orders', { value: written });
  const ours = await startSchemaRegistry({ brokers: bootstrap, port: 0, topic: 'taken' });
  try {
    const value = avro(registryClient(ours.url));
    await using consumer = new Consumer({ client: cluster, autoOffsetReset: 'earliest', deserializers: { value } });
    consumer.assign([0, 1, 2, 3].map((partition) => ({ topic: 'orders', partition, offset: 0 })));
    let records = await consumer.poll(5_000);
    while (records.length === 0) records = await consumer.poll(5_000);
    same(records[0]?.value, written, 'the record');
  } finally {
    await ours.close();
  }
}
