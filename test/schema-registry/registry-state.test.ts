// The state that the topic makes: the same whether the topic has been compacted or not, whoever wrote it.
import { expect } from 'chai';
import fc from 'fast-check';
import { keyText, type RegistryKey } from '../../src/schema-registry/records/keys.ts';
import { deleteSubjectText, schemaText } from '../../src/schema-registry/records/values.ts';
import { idsOfGuid, latestOf, listSubjects, schemaOfId } from '../../src/schema-registry/registry/queries.ts';
import { propertyRuns } from '../property-runs.ts';
import { inScope, type LogRecord, RegistryState } from '../../src/schema-registry/store/registry-state.ts';

type Write = readonly [RegistryKey, string | null];

function stateOf(writes: readonly Write[]): RegistryState {
  const state = new RegistryState();
  writes.forEach(([key, value], offset) => state.apply({ offset, timestampMs: 1, key: keyText(key), value }));
  return state;
}

const schemaKey = (subject: string, version: number) => ({ keytype: 'SCHEMA', subject, version }) as const;

function schema(subject: string, version: number, id: number, more: { text?: string; deleted?: boolean } = {}): Write {
  const fields = { schemaType: 'AVRO', references: [], metadata: undefined, ruleSet: undefined, unknown: {} } as const;
  const { text = `text ${id}`, deleted = false } = more;
  return [schemaKey(subject, version), schemaText({ subject, version, id, schema: text, deleted, ...fields })];
}

/** What a caller can see of it. */
function shown(state: RegistryState) {
  const subjects = listSubjects(state, ':*:', 'with');
  return subjects.map((subject) => [
    subject,
    state.versionsOf(subject).map(({ version, id, deleted, schema: text }) => [version, id, deleted, text]),
    state.versionsOf(subject).map(({ id, guid }) => [schemaOfId(state, id, subject)?.schema, idsOfGuid(state, guid)]),
  ]);
}

describe('The state of the registry', () => {
  it('is the same after compaction', () => {
    const subject = fc.constantFrom('a', 'b', ':.c:a');
    const version = fc.integer({ min: 1, max: 3 });
    const write: fc.Arbitrary<Write> = fc.oneof(
      fc
        .tuple(subject, version, fc.integer({ min: 1, max: 4 }), fc.boolean())
        .map(([name, number, id, deleted]) => schema(name, number, id, { deleted })),
      fc.tuple(subject, version).map(([name, number]): Write => [schemaKey(name, number), null]),
      fc.constant<Write>([{ keytype: 'NOOP' }, null]),
      fc.constant<Write>([{ keytype: 'CONTEXT', tenant: 'default', context: '.c' }, '{}']),
    );
    fc.assert(
      fc.property(fc.array(write, { maxLength: 30 }), (writes) => {
        const last = new Map(writes.map(([key], index) => [keyText(key), index]));
        const compacted = writes.filter(([key, value], index) => last.get(keyText(key)) === index && value !== null);
        expect(shown(stateOf(compacted))).to.deep.equal(shown(stateOf(writes)));
      }),
      propertyRuns(200),
    );
  });

  it('has a subject deleted up to a version, and what is written behind that', () => {
    const deletion: Write = [{ keytype: 'DELETE_SUBJECT', subject: 's' }, deleteSubjectText('s', 2)];
    const state = stateOf([schema('s', 1, 1), schema('s', 2, 2), deletion, schema('s', 3, 1)]);
    expect(state.versionsOf('s').map(({ version, deleted }) => [version, deleted])).to.deep.equal([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(latestOf(state, 's')?.version).to.equal(3);
  });

  it('leaves out what gives an id a second content, and what cannot be read', () => {
    const state = stateOf([schema('s', 1, 1, { text: 'first' })]);
    const apply = (key: string, value: string | null): string | undefined =>
      state.apply({ offset: 9, timestampMs: 1, key, value } satisfies LogRecord);
    const [key, value] = schema('t', 1, 1, { text: 'second' });
    expect(apply(keyText(key), value)).to.contain('id 1 stands for another schema already');
    expect(apply(keyText(schemaKey('u', 1)), '{"schema":1}')).to.contain('cannot be read');
    expect(apply(keyText(schemaKey('u', 1)), 'no JSON')).to.contain('cannot be read');
    expect(apply('{"keytype":"ASSOC"}', '{}')).to.contain('not known here');
    expect(
      apply('{"keytype":"CONFIG","subject":"s","magic":0}', '{"compatibilityLevel":"FULL","defaultMetadata":3}'),
    ).to.contain('cannot be read');
    expect(listSubjects(state, ':*:', 'with')).to.deep.equal(['s']);
    // In another context the id is free.
    const [there, foreign] = schema(':.c:t', 1, 1, { text: 'second' });
    expect(apply(keyText(there), foreign)).to.equal(undefined);
  });

  it('remembers keys in the bytes of others, so that they can be taken back', () => {
    const state = new RegistryState();
    const foreign = '{"subject":null,"magic":0,"keytype":"CONFIG"}';
    const config = { keytype: 'CONFIG', subject: null } as const;
    state.apply({ offset: 0, timestampMs: 1, key: foreign, value: '{"compatibilityLevel":"FULL"}' });
    expect(state.otherFormsOf(config)).to.deep.equal([foreign]);
    expect(state.config(null)?.entry).to.deep.equal({ compatibilityLevel: 'FULL' });
    state.apply({ offset: 1, timestampMs: 1, key: foreign, value: null });
    expect(state.otherFormsOf(config)).to.deep.equal([]);
  });

  it('finds what counts for a subject: its own, its context, all of them', () => {
    const set = new Map<string | null, string>([
      [':.c:s', 'own'],
      [':.c:', 'context'],
      [null, 'default context'],
      [':.__GLOBAL:', 'global'],
    ]);
    const found = (subject: string | null) => inScope(subject, (place) => set.get(place));
    expect(found(':.c:s')).to.equal('own');
    expect(found(':.c:t')).to.equal('context');
    expect(found(':.d:t')).to.equal('global');
    expect(found('s')).to.equal('default context');
    expect(found(null)).to.equal('default context');
  });
});
