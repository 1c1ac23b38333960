// What one question costs the authorizer that has ten thousand entries: literal names and prefixes, users by name and everybody,
// denials among them.

import type { AclOperationName } from '../../src/protocol/index.ts';
import { authorizerOf, sessionOf } from '../../conformance/golden-access.ts';

export interface AclChecks {
  readonly entries: number;
  /** Of the dearest kind of question. */
  readonly micros: number;
  readonly dearest: string;
}

const ENTRIES = 10_000;
const QUESTIONS = 500_000;
const ROUNDS = 3;
const USERS = 500;
const SHARE = ENTRIES / 4;
const SECRETS = SHARE / 2;
const DEPTH = 10;

interface Kind {
  readonly what: string;
  readonly operation: AclOperationName;
  readonly name: (index: number) => string;
  /** What the authorizer has to say, so that what is measured is what is meant. */
  readonly isAllowed: boolean;
}

const user = (index: number): string => `User:user-${index % USERS}`;

const KINDS: readonly Kind[] = [
  { what: 'a literal name', operation: 'READ', name: (index) => `topic-${index % SHARE}`, isAllowed: true },
  { what: 'a prefix', operation: 'WRITE', name: (index) => `team-${index % SHARE}-orders`, isAllowed: true },
  { what: 'a denial', operation: 'READ', name: (index) => `secret-${index % SECRETS}`, isAllowed: false },
  { what: 'nothing that fits', operation: 'READ', name: (index) => `unknown-${index}`, isAllowed: false },
  { what: 'a name under ten prefixes', operation: 'WRITE', name: () => `${deep(DEPTH)}x`, isAllowed: false },
];

const deep = (depth: number): string => `deep.${'a.'.repeat(depth)}`;

/** A quarter each: literal names, prefixes, denials beside what they deny, prefixes of prefixes. */
function entries(): Parameters<typeof authorizerOf>[0]['acls'] {
  const common = { resourceType: 'TOPIC', patternType: 'LITERAL', host: '*', permission: 'ALLOW', operation: 'READ' };
  const everybody = { ...common, principal: 'User:*' };
  const times = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => make(at));
  return [
    ...times(SHARE, (at) => ({ ...common, principal: user(at), resourceName: `topic-${at}` })),
    ...times(SHARE, (at) => ({
      ...everybody,
      patternType: 'PREFIXED',
      operation: 'WRITE',
      resourceName: `team-${at}-`,
    })),
    ...times(SECRETS, (at) => ({ ...everybody, resourceName: `secret-${at}` })),
    ...times(SECRETS, (at) => ({ ...everybody, permission: 'DENY', resourceName: `secret-${at}` })),
    ...times(SHARE, (at) => ({
      ...common,
      patternType: 'PREFIXED',
      principal: user(at),
      resourceName: deep(1 + (at % DEPTH)),
    })),
  ];
}

export function aclChecks(): AclChecks {
  const authorizer = authorizerOf({ acls: entries(), superUsers: null, allowEveryoneIfNoAclFound: null });
  let dearest = { micros: 0, what: '' };
  for (const { what, operation, name, isAllowed } of KINDS) {
    let least = Number.POSITIVE_INFINITY;
    const names = Array.from({ length: QUESTIONS }, (_, index) => name(index));
    const sessions = Array.from({ length: USERS }, (_, index) =>
      sessionOf({ principal: user(index), host: '10.0.0.1' }),
    );
    for (let round = 0; round <= ROUNDS; round++) {
      let allowed = 0;
      const startedAt = performance.now();
      for (let index = 0; index < QUESTIONS; index++) {
        const session = sessions[index % USERS] as (typeof sessions)[number];
        if (authorizer.isAllowed(session, operation, 'TOPIC', names[index] as string)) allowed += 1;
      }
      const micros = ((performance.now() - startedAt) * 1_000) / QUESTIONS;
      if (allowed !== (isAllowed ? QUESTIONS : 0)) throw new Error(`${what}: ${allowed} of ${QUESTIONS} allowed`);
      if (round > 0) least = Math.min(least, micros);
    }
    if (least > dearest.micros) dearest = { micros: least, what };
  }
  return { entries: ENTRIES, micros: dearest.micros, dearest: dearest.what };
}
