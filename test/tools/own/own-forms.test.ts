// Each noun and verb of our own commands is among the forms that run on Ottla and on Apache Kafka side by side.
import { expect } from 'chai';
import { OWN_FORMS } from '../../../conformance/forms/own-cases.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';

describe('Forms of own commands', () => {
  for (const [name, load] of Object.entries(nouns)) {
    it(`${name}: have their forms`, async () => {
      const given = OWN_FORMS.filter(({ words }) => words[0] === name).map(({ words }) => words[1]);
      expect(given).to.not.have.length(0);
      const { verbs = [] } = await load();
      expect(verbs.filter((verb) => !given.includes(verb))).to.deep.equal([]);
    });
  }
});
