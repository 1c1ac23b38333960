// Each form of the kafka-* tools against what Apache Kafka's own said (conformance suite kafka-forms), on a broker in this process.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FORMS } from '../../../conformance/forms/cases.ts';
import { type FormOutcome, masked, type Place, RECORDED, unpackData } from '../../../conformance/forms/forms.ts';
import { runForm } from '../../../conformance/forms/run-form.ts';
import { startBroker } from '../../../src/index.ts';

describe('Forms of kafka-* tools', function () {
  this.timeout(60_000);
  const recorded = JSON.parse(gunzipSync(readFileSync(RECORDED)).toString()) as Record<string, FormOutcome>;
  const directory = mkdtempSync(join(tmpdir(), 'ottla-forms-'));
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let place: Place;

  before(async () => {
    const logDirectory = join(directory, 'logs');
    const configs = {
      'offsets.topic.num.partitions': '4',
      'num.partitions': '4',
      'group.initial.rebalance.delay.ms': '0',
    };
    broker = await startBroker({ port: 0, host: '127.0.0.1', dataDir: logDirectory, config: configs });
    place = { bootstrap: broker.bootstrapServers, directory, logDirectory };
    unpackData(place);
  });

  after(async () => {
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const form of FORMS) {
    it(form.name, async () => {
      expect(masked(await runForm(form, place), form, place)).to.deep.equal(recorded[form.name]);
    });
  }

  it('have all been recorded', () => {
    expect(FORMS.filter(({ name }) => recorded[name] === undefined).map(({ name }) => name)).to.deep.equal([]);
  });
});
