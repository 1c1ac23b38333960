// Every message definition of the project by Kafka's name, wherever its room is.
import { groupRecordTypes } from '../src/group-coordinator/record-types.ts';
import * as shareState from '../src/protocol/messages/share-state-records.ts';
import { metadataRecordSchemas } from '../src/kraft/metadata/records/index.ts';
import { RequestHeaderSchema, ResponseHeaderSchema } from '../src/protocol/headers.ts';
import * as consumerProtocol from '../src/protocol/messages/consumer-protocol.ts';
import * as controlRecords from '../src/protocol/messages/control-records.ts';
import { allApis } from '../src/protocol/messages/index.ts';
import * as principal from '../src/protocol/messages/principal-data.ts';
import * as producerSnapshot from '../src/protocol/messages/producer-snapshot.ts';
import * as quorumState from '../src/protocol/messages/quorum-state.ts';
import * as tieredStorage from '../src/protocol/messages/tiered-storage-records.ts';
import type { ApiSchema, MessageSchema } from '../src/protocol/schema.ts';
import * as transactions from '../src/protocol/messages/transaction-records.ts';

export const apisByKey: ReadonlyMap<number, ApiSchema> = new Map(allApis.map((api) => [api.key, api]));

export const schemasByName: ReadonlyMap<string, MessageSchema> = new Map(
  [
    ...allApis.flatMap(({ request, response }) => [request, response]),
    RequestHeaderSchema,
    ResponseHeaderSchema,
    ...metadataRecordSchemas.values(),
    ...[...groupRecordTypes.values()].flatMap(({ key, value }) => [key, value]),
    ...[
      shareState,
      consumerProtocol,
      controlRecords,
      principal,
      producerSnapshot,
      quorumState,
      tieredStorage,
      transactions,
    ]
      .flatMap((room): unknown[] => Object.values(room))
      .filter(isMessageSchema),
  ].map((schema) => [schema.name, schema]),
);

function isMessageSchema(value: unknown): value is MessageSchema {
  return typeof value === 'object' && value !== null && 'fields' in value && 'versions' in value;
}

export function schemaNamed(name: string): MessageSchema {
  const schema = schemasByName.get(name);
  if (schema === undefined) throw new Error(`no definition of ${name}`);
  return schema;
}
