// How a registry names itself in the group of registries, and how the group is told who writes: JSON, in Confluent's words.
import { parsed } from '../records/keys.ts';

export interface Identity {
  readonly host: string;
  readonly port: number;
  readonly scheme: string;
  /** Whether it may write; others only read. */
  readonly mayLead: boolean;
}

export interface Candidate {
  readonly memberId: string;
  /** undefined: it says nothing that could be read. */
  readonly identity: Identity | undefined;
}

const VERSION = 1;
export const DUPLICATE_URLS = 1;

export function urlOf({ scheme, host, port }: Identity): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function isSame(one: Identity | undefined, other: Identity | undefined): boolean {
  return one !== undefined && other !== undefined && urlOf(one) === urlOf(other);
}

function fieldsOf({ host, port, mayLead, scheme }: Identity) {
  return { host, port, master_eligibility: mayLead, scheme, version: VERSION };
}

export function identityText(identity: Identity): string {
  return JSON.stringify(fieldsOf(identity));
}

export function identityFrom(text: string): Identity | undefined {
  return identityOf(parsed(text));
}

function identityOf(fields: Readonly<Record<string, unknown>> | undefined): Identity | undefined {
  const { host, port, scheme = 'http', master_eligibility: mayLead } = fields ?? {};
  if (typeof host !== 'string' || typeof port !== 'number' || typeof scheme !== 'string') return undefined;
  return { host, port, scheme, mayLead: mayLead === true };
}

/** The assignment that all members get: the smallest URL of those that may write leads. */
export function leaderAmong(candidates: readonly Candidate[]): string {
  const known = candidates.flatMap(({ memberId, identity }) =>
    identity === undefined ? [] : [{ memberId, identity }],
  );
  const urls = new Set(known.map(({ identity }) => urlOf(identity)));
  const [leader] = known
    .filter(({ identity }) => identity.mayLead)
    .sort((one, other) => (urlOf(one.identity) < urlOf(other.identity) ? -1 : 1));
  return JSON.stringify({
    error: urls.size === known.length ? 0 : DUPLICATE_URLS,
    ...(leader !== undefined && { master: leader.memberId, master_identity: fieldsOf(leader.identity) }),
    version: VERSION,
  });
}

/** What a member was told. */
export function leaderIn(text: string): { readonly error: number; readonly leader: Identity | undefined } {
  const { error, master_identity: identity } = parsed(text) ?? {};
  return {
    error: typeof error === 'number' ? error : 0,
    leader: typeof identity === 'object' ? identityOf(identity as Record<string, unknown>) : undefined,
  };
}
