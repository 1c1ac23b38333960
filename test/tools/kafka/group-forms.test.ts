// The kafka-* tools of groups, security and the cluster against what Apache Kafka 4.3.1's own said on a broker like this one.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type FormOutcome, masked, type Place } from '../../../conformance/forms/forms.ts';
import { GROUP_FORMS } from '../../../conformance/forms/group-cases.ts';
import { runForm } from '../../../conformance/forms/run-form.ts';
import { startBroker } from '../../../src/index.ts';

const RECORDED = join(import.meta.dirname, '../../fixtures/kafka-group-forms.json.gz');

describe('Forms of kafka-* tools of groups, security and the cluster', function () {
  this.timeout(60_000);
  const recorded = JSON.parse(gunzipSync(readFileSync(RECORDED)).toString()) as Record<string, FormOutcome>;
  const directory = mkdtempSync(join(tmpdir(), 'ottla-forms-'));
  let broker: Awaited<ReturnType<typeof startBroker>>;
  let place: Place;

  before(async () => {
    const logDirectory = join(directory, 'logs');
    const config = {
      'offsets.topic.num.partitions': '4',
      'group.initial.rebalance.delay.ms': '0',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    };
    broker = await startBroker({ port: 0, host: '127.0.0.1', dataDir: logDirectory, config });
    place = { bootstrap: broker.bootstrapServers, directory, logDirectory };
  });

  after(async () => {
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  GROUP_FORMS.forEach((form, index) => {
    const isLast = !GROUP_FORMS.slice(index + 1).some(({ name }) => name === form.name);
    it(form.name, async () => {
      const outcome = masked(await runForm(form, place), form, place);
      if (isLast) expect(outcome).to.deep.equal(recorded[form.name]);
    });
  });
});
