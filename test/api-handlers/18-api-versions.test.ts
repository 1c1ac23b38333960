import { expect } from 'chai';
import { apiVersions, type Features } from '../../src/api-handlers/18-api-versions.ts';
import { apiKeys } from '../../src/protocol/index.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

// What the recorded broker had: all APIs of a broker listener but the telemetry ones, all features at their highest level.
const everyKey = apiKeys
  .filter(({ key, brokerListener }) => brokerListener && key !== 71 && key !== 72)
  .map(({ key }) => key);
const features: Features = {
  supported: [
    { name: 'metadata.version', minVersion: 7, maxVersion: 30 },
    { name: 'kraft.version', minVersion: 0, maxVersion: 1 },
    { name: 'transaction.version', minVersion: 0, maxVersion: 2 },
    { name: 'group.version', minVersion: 0, maxVersion: 1 },
    { name: 'eligible.leader.replicas.version', minVersion: 0, maxVersion: 1 },
    { name: 'share.version', minVersion: 0, maxVersion: 1 },
    { name: 'streams.version', minVersion: 0, maxVersion: 1 },
  ],
  finalized: new Map([
    ['metadata.version', 30],
    ['kraft.version', 1],
    ['transaction.version', 2],
    ['group.version', 1],
    ['eligible.leader.replicas.version', 1],
    ['share.version', 1],
    ['streams.version', 1],
    ['unused.version', 0],
  ]),
  epoch: 17,
};

describe('ApiVersions', () => {
  const handler = apiVersions(
    () => everyKey,
    () => features,
  );

  it('answers as Apache Kafka does, in every version, with the same table', async () => {
    const lines = recorded(/^versions\./).filter(({ api, conn }) => api === 'ApiVersions' && conn === 'c');
    expect(lines.length).to.be.greaterThan(8);
    for (const line of lines) await expectRecorded(handler, line);
  });

  it('announces only what is served, in ascending order', async () => {
    const few = apiVersions(
      () => [18, 3, 0],
      () => features,
    );
    const answer = await answerOf(few, 0, {});
    expect(answer['apiKeys']).to.deep.equal([
      { apiKey: 0, minVersion: 0, maxVersion: 13 },
      { apiKey: 3, minVersion: 0, maxVersion: 13 },
      { apiKey: 18, minVersion: 0, maxVersion: 4 },
    ]);
  });

  it('hides features that begin at level 0 from version 3 (KAFKA-17011), never finalized ones', async () => {
    const named = { clientSoftwareName: 'probe', clientSoftwareVersion: '1.0' };
    const three = await answerOf(handler, 3, named);
    expect(three['supportedFeatures']).to.deep.equal([{ name: 'metadata.version', minVersion: 7, maxVersion: 30 }]);
    expect(three['finalizedFeatures']).to.have.length(7);
    expect(three['finalizedFeaturesEpoch']).to.equal(17);
    expect((await answerOf(handler, 4, named))['supportedFeatures']).to.have.length(7);
  });

  it('refuses client names that are no names', async () => {
    for (const name of ['', ' ', 'a b', '-a', 'a-', 'ü', 'a'.repeat(10) + '.']) {
      const answer = await answerOf(handler, 3, { clientSoftwareName: name, clientSoftwareVersion: '1' });
      expect([answer['errorCode'], answer['apiKeys']], name).to.deep.equal([42, []]);
    }
    const good = await answerOf(handler, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1.2-rc.3' });
    expect(good['errorCode']).to.equal(0);
  });
});
