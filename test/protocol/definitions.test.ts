// The definitions, the light table of APIs and the error table against Kafka's own facts.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { apisByKey } from '../../conformance/all-schemas.ts';
import { checkSchema, type SchemaRow } from '../../conformance/golden-schemas.ts';
import {
  apiKeys,
  errorMessage,
  errorName,
  Errors,
  isRetriable,
  KafkaError,
  requestHeaderVersion,
  responseHeaderVersion,
} from '../../src/protocol/index.ts';

const packed = readFileSync(new URL('../golden/schemas.jsonl.gz', import.meta.url));
const rows = gunzipSync(packed)
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as KafkaRow);
type KafkaRow = SchemaRow & {
  readonly schema: {
    readonly apiKey?: number;
    readonly listeners?: readonly string[];
    readonly latestVersionUnstable?: boolean;
  };
};

describe('the definitions', () => {
  it("equal Kafka's schemas, field by field", () => {
    expect(rows).to.have.length(280);
    for (const row of rows) expect(checkSchema(row), row.schema.name).to.equal(undefined);
  });
});

describe('the table of APIs', () => {
  it('equals the definitions', () => {
    expect(apiKeys.map(({ key }) => key)).to.deep.equal([...apisByKey.keys()]);
    for (const facts of apiKeys) {
      const api = apisByKey.get(facts.key);
      expect(facts.name).to.equal(api?.name);
      expect([facts.minVersion, facts.maxVersion], facts.name).to.deep.equal(api?.versions);
      expect(facts.flexibleSince, facts.name).to.equal(api?.request.flexible);
      expect(facts.latestVersionUnstable, facts.name).to.equal(api?.latestVersionUnstable);
    }
  });
  it("says of listeners and unstable versions what Kafka's schemas say", () => {
    for (const { schema } of rows) {
      if (schema.type !== 'request' || schema.validVersions === 'none') continue;
      const facts = apiKeys.find(({ key }) => key === schema.apiKey);
      expect(facts?.brokerListener, schema.name).to.equal(schema.listeners?.includes('broker'));
      expect(facts?.controllerListener, schema.name).to.equal(schema.listeners?.includes('controller'));
      expect(facts?.latestVersionUnstable, schema.name).to.equal(schema.latestVersionUnstable ?? false);
    }
  });
  it('announces Produce from 0 and no unstable version', () => {
    expect(apiKeys[0]).to.include({ minVersion: 3, advertisedMinVersion: 0, advertisedMaxVersion: 13 });
    const initProducerId = apiKeys.find(({ key }) => key === 22);
    expect(initProducerId).to.include({ maxVersion: 6, advertisedMaxVersion: 5, latestVersionUnstable: true });
  });
});

describe('header versions', () => {
  it('follow flexibility, but for the answer of ApiVersions', () => {
    expect([requestHeaderVersion(1, 11), requestHeaderVersion(1, 12)]).to.deep.equal([1, 2]);
    expect([responseHeaderVersion(1, 11), responseHeaderVersion(1, 12)]).to.deep.equal([0, 1]);
    expect([requestHeaderVersion(18, 3), responseHeaderVersion(18, 3)]).to.deep.equal([2, 0]);
    expect([requestHeaderVersion(18, 99), responseHeaderVersion(18, 99)]).to.deep.equal([2, 0]);
    expect([requestHeaderVersion(17, 1), responseHeaderVersion(17, 1)]).to.deep.equal([1, 0]);
  });
});

describe('errors', () => {
  it("have Kafka's numbers, names and texts", () => {
    expect(Object.keys(Errors)).to.have.length(135);
    expect(Errors.NOT_LEADER_OR_FOLLOWER).to.equal(6);
    expect(errorName(3)).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
    expect(errorMessage(3)).to.equal('This server does not host this topic-partition.');
    expect(errorMessage(0)).to.equal('NONE');
    expect(errorName(12345)).to.equal('UNKNOWN_SERVER_ERROR');
    expect([isRetriable(Errors.NOT_COORDINATOR), isRetriable(Errors.INVALID_REQUEST), isRetriable(0)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });
  it('carry a message to the wire only where it says more than the code', () => {
    expect(new KafkaError(Errors.INVALID_PARTITIONS)).to.include({
      message: 'Number of partitions is below 1.',
      wireMessage: null,
      code: 37,
    });
    expect(new KafkaError(Errors.INVALID_CONFIG, 'Unknown topic config name: x').wireMessage).to.equal(
      'Unknown topic config name: x',
    );
  });
});
