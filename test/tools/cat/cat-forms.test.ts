// `ottla cat` says what kcat 1.7.1 has said, form by form (recorded: kcat-forms.json).
import { QUICK_MEMBERS } from '../../quick-members.ts';
import { expect } from 'chai';
import { ClusterClient } from '../../../src/client/index.ts';
import { type Broker, startBroker } from '../../../src/index.ts';
import { cat } from '../../../src/tools/cat/cat.ts';
import { memoryIo } from '../memory-io.ts';
import { comparable, DIFFERENT, kcatForms, makeTopics } from './kcat-forms.ts';

describe('ottla cat', () => {
  const forms = kcatForms();
  let broker: Broker;

  before(async () => {
    const config = { ...QUICK_MEMBERS, 'auto.create.topics.enable': true, 'num.partitions': 4 };
    broker = await startBroker({ memory: true, config });
    const client = new ClusterClient({ brokers: broker.bootstrapServers });
    await makeTopics(client, forms);
    await client.close();
  });

  after(() => broker.close());

  // One after the other: some read what those before them have written.
  for (const { name, args, input = '', kcat } of forms.forms) {
    it(`answers ${name} as kcat does`, async () => {
      const io = memoryIo({ input });
      const code = await cat(['-b', broker.bootstrapServers, '-F', 'none', ...args], io);
      const said = comparable({ code, out: io.out(), err: io.err() }, broker.bootstrapServers);
      if (DIFFERENT.has(name)) expect(said).to.not.deep.equal(kcat);
      else expect(said).to.deep.equal(kcat);
    });
  }
});
