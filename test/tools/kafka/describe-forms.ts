// Each form of a set against what Apache Kafka's own tools said (conformance suite kafka-forms), on a broker in this process.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FormSet, recordingsOf } from '../../../conformance/forms/form-sets.ts';
import { masked, type Place, unpackData } from '../../../conformance/forms/forms.ts';
import { runForm } from '../../../conformance/forms/run-form.ts';
import { startBroker } from '../../../src/index.ts';
import { QUICK_MEMBERS } from '../../quick-members.ts';

export function describeForms(set: FormSet): void {
  describe(`Forms of kafka-* tools: ${set.name}`, function () {
    this.timeout(60_000);
    const recorded = recordingsOf(set);
    const directory = mkdtempSync(join(tmpdir(), 'ottla-forms-'));
    let broker: Awaited<ReturnType<typeof startBroker>>;
    let place: Place;

    before(async () => {
      const logDirectory = join(directory, 'logs');
      const config = { ...QUICK_MEMBERS, ...set.properties };
      broker = await startBroker({ port: 0, host: '127.0.0.1', dataDir: logDirectory, config });
      place = { bootstrap: broker.bootstrapServers, directory, logDirectory };
      unpackData(place);
    });

    after(async () => {
      await broker.close();
      rmSync(directory, { recursive: true, force: true });
    });

    for (const form of set.forms) {
      it(form.name, async () => {
        expect(masked(await runForm(form, place), form, place)).to.deep.equal(recorded[form.name]);
      });
    }

    it('have all been recorded', () => {
      expect(set.forms.filter(({ name }) => recorded[name] === undefined).map(({ name }) => name)).to.deep.equal([]);
    });
  });
}
