// Configs of topics and groups, and credentials: what is set and described of them, in versions as those of requests.ts.

import { pbkdf2Sync, randomBytes } from 'node:crypto';
import type { WireConnection } from './connection.ts';
import type { WireReader } from './primitives.ts';

const TOPIC_RESOURCE = 2;
const GROUP_RESOURCE = 32;
const SET = 0;

/** IncrementalAlterConfigs v0: sets one config of a topic. Throws for any error code. */
export function alterTopicConfig(
  connection: WireConnection,
  topic: string,
  name: string,
  value: string,
): Promise<void> {
  return alterConfig(connection, { type: TOPIC_RESOURCE, name: topic }, name, value);
}

/** IncrementalAlterConfigs v0: sets one config of a group. Throws for any error code. */
export function alterGroupConfig(
  connection: WireConnection,
  group: string,
  name: string,
  value: string,
): Promise<void> {
  return alterConfig(connection, { type: GROUP_RESOURCE, name: group }, name, value);
}

async function alterConfig(
  connection: WireConnection,
  resource: { readonly type: number; readonly name: string },
  name: string,
  value: string,
): Promise<void> {
  const reader = await connection.request({ key: 44, version: 0, flexible: false }, (body) => {
    body.int32(1).int8(resource.type).string(resource.name).int32(1).string(name).int8(SET).string(value).bool(false);
  });
  reader.int32();
  for (const { errorCode, message } of reader.array((r) => {
    const result = { errorCode: r.int16(), message: r.string() };
    r.int8();
    r.string();
    return result;
  })) {
    if (errorCode !== 0)
      throw new Error(`IncrementalAlterConfigs ${resource.name}: error ${errorCode} ${message ?? ''}`);
  }
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  /** 1 topic, 2 this broker, 3 all brokers, 4 properties file, 5 default. */
  readonly source: number;
}

/** DescribeConfigs v3 of one resource: type 2 topic, 4 broker. */
export async function describeConfigs(
  connection: WireConnection,
  resource: { readonly type: number; readonly name: string },
): Promise<readonly ConfigEntry[]> {
  const reader = await connection.request({ key: 32, version: 3, flexible: false }, (body) => {
    body.int32(1).int8(resource.type).string(resource.name).int32(-1).bool(false).bool(false);
  });
  reader.int32();
  const [entries] = reader.array((r) => {
    const errorCode = r.int16();
    const message = r.string();
    if (errorCode !== 0) throw new Error(`DescribeConfigs ${resource.name}: error ${errorCode} ${message ?? ''}`);
    r.int8();
    r.string();
    return r.array(readConfig);
  });
  return entries ?? [];
}

function readConfig(r: WireReader): ConfigEntry {
  const name = r.string() ?? '';
  const value = r.string();
  r.bool();
  const source = r.int8();
  r.bool();
  r.array(() => {
    r.string();
    r.string();
    r.int8();
  });
  r.int8();
  r.string();
  return { name, value, source };
}

/** What AlterUserScramCredentials calls the mechanisms, and their hashes. */
const SCRAM = { sha256: { mechanism: 1, bytes: 32 }, sha512: { mechanism: 2, bytes: 64 } } as const;
const SCRAM_ITERATIONS = 4096;

/** AlterUserScramCredentials v0: one credential, since a request may name a user once only. Throws for any error code. */
export async function alterScramCredential(
  connection: WireConnection,
  of: { readonly user: string; readonly hash: keyof typeof SCRAM; readonly password: string },
): Promise<void> {
  const { mechanism, bytes } = SCRAM[of.hash];
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(of.password, salt, SCRAM_ITERATIONS, bytes, of.hash);
  const reader = await connection.request({ key: 51, version: 0, flexible: true }, (body) => {
    body.uvarint(1).uvarint(2);
    body
      .compactString(of.user)
      .int8(mechanism)
      .int32(SCRAM_ITERATIONS)
      .uvarint(salt.length + 1)
      .raw(salt);
    body
      .uvarint(salted.length + 1)
      .raw(salted)
      .noTags()
      .noTags();
  });
  reader.int32();
  reader.compactArray((r) => {
    const name = r.compactString();
    const errorCode = r.int16();
    const message = r.compactString();
    r.skipTags();
    if (errorCode !== 0) throw new Error(`AlterUserScramCredentials ${name}: error ${errorCode} ${message ?? ''}`);
  });
}
