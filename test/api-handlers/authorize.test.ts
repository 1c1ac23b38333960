// What every served API needs permission for, held against what Apache Kafka 4.3.1 asks (test/golden/api-authorization.json,
// observed on it with one user per grant).
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { brokerHandlers, controllerHandlers, type Handler, type ServedApi } from '../../src/api-handlers/index.ts';
import { type GuardParts, guarded } from '../../src/api-handlers/guards/index.ts';
import { factsOf, partsOfNothing, permissionsOn, type PermissionsRow } from '../../conformance/golden-permissions.ts';
import { type Fields, SUPPORTED_OPERATIONS } from '../../src/protocol/index.ts';

const { apis } = JSON.parse(readFileSync(new URL('../golden/api-authorization.json', import.meta.url), 'utf8')) as {
  apis: PermissionsRow[];
};

/** Does a string stand at this place of the request, or an array of them? */
function isPlace(fields: Fields, place: string): boolean {
  const [first = '', ...rest] = place.split('.');
  const facts = fields[first]?.facts;
  if (facts === undefined) return false;
  const { kind, fields: inner } = facts.kind === 'array' ? (facts.element?.facts ?? facts) : facts;
  if (rest.length === 0) return kind === 'string' || kind === 'uuid';
  return inner !== undefined && isPlace(inner, rest.join('.'));
}

/** Who ask themselves: what is asked for stands in sessions, too, or other things come before it. */
const ASKING_KEYS: ReadonlySet<number> = new Set([1, 33, 38, 41, 44, 78, 79]);

const lists: readonly ['broker' | 'controller', readonly ServedApi[]][] = [
  ['broker', brokerHandlers(partsOfNothing)],
  ['controller', controllerHandlers(partsOfNothing)],
];

describe('What APIs need permission for', () => {
  for (const [listener, served] of lists) {
    it(`is what Apache Kafka asks for, for all ${served.length} APIs of a ${listener} listener`, async () => {
      for (const { key, load } of served) {
        const row = apis.find((each) => each.key === key);
        if (row === undefined) throw new Error(`the table has no row for API ${key}`);
        const handler: Handler = await load();
        expect(row.listeners, row.name).to.include(listener);
        expect(handler.authorize.map(factsOf), row.name).to.deep.equal(permissionsOn(listener, row));
      }
    });

    it(`stands in the requests where it is said to, on a ${listener} listener`, async () => {
      for (const { load } of served) {
        const { api, authorize } = await load();
        for (const { resource, at, asked } of authorize) {
          expect(
            at.filter((place) => !isPlace(api.request.fields, place)),
            api.name,
          ).to.deep.equal([]);
          // The stage looks for one name at the top.
          if (asked === 'before') expect(at.length, api.name).to.equal(resource === 'CLUSTER' ? 0 : 1);
        }
      }
    });
  }

  it('is asked by somebody: before the handler, by a guard around it, or by the handler itself', async () => {
    for (const [, served] of lists) {
      for (const one of served) {
        const handler = await one.load();
        const { api, authorize } = handler;
        const bare = { ...one, load: () => Promise.resolve(handler) };
        const [around] = guarded([bare], partsOfNothing as unknown as GuardParts);
        const hasGuard = (await around?.load()) !== handler;
        const isWithin = authorize.some(({ asked }) => asked === 'within');
        if (isWithin) expect(hasGuard || ASKING_KEYS.has(one.key), api.name).to.equal(true);
      }
    }
  });

  it('is an operation that resources of the type know', async () => {
    for (const [, served] of lists) {
      for (const { load } of served) {
        const { authorize } = await load();
        for (const { resource, operation } of authorize) expect(SUPPORTED_OPERATIONS[resource]).to.include(operation);
      }
    }
  });
});
