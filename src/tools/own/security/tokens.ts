// What `ottla token` does.
import type { DelegationToken, Principal } from '../../../client/index.ts';
import { linesOf } from '../../tool-io.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { shownTime } from '../times.ts';

function principalOf(text: string): Principal {
  const at = text.indexOf(':');
  return at === -1 ? { type: 'User', name: text } : { type: text.slice(0, at), name: text.slice(at + 1) };
}

const shown = ({ type, name }: Principal): string => `${type}:${name}`;

const rowOf = (one: DelegationToken) => ({
  token_id: one.tokenId,
  owner: shown(one.owner),
  renewers: one.renewers.map(shown),
  issued: shownTime(one.issuedAt),
  expires: shownTime(one.expiresAt),
  max_life: shownTime(one.maxTimestamp),
});

interface CreateOptions {
  readonly renewer?: readonly string[];
  readonly owner?: string;
  readonly maxLifeTime?: number;
}

export const createToken: Work<CreateOptions> = async (context, _, { renewer = [], owner, maxLifeTime }) => {
  const admin = await context.admin();
  const made = await admin.createDelegationToken({
    ...context.call,
    renewers: renewer.map(principalOf),
    ...(owner !== undefined && { owner: principalOf(owner) }),
    ...(maxLifeTime !== undefined && { maxLifetimeMs: maxLifeTime }),
  });
  const hmac = Buffer.from(made.hmac).toString('base64');
  if (!context.output.isText) {
    context.output.data({ ...rowOf(made), hmac });
    return;
  }
  const { token_id: id, owner: whose, renewers, expires, max_life: end } = rowOf(made);
  context.output.facts([
    ['token-id', id],
    ['hmac', hmac],
    ['owner', whose],
    ['renewers', renewers.join(', ')],
    ['expires', expires],
    ['max-life', end],
  ]);
};

export const listTokens: Work<{ readonly owner?: readonly string[] }> = async (context, _, { owner }) => {
  const admin = await context.admin();
  const asked = owner === undefined ? {} : { owners: owner.map(principalOf) };
  const tokens = await admin.describeDelegationToken({ ...context.call, ...asked });
  context.output.list(tokens.map(rowOf), [
    { heading: 'token-id', cell: (row) => row.token_id },
    { heading: 'owner', cell: (row) => row.owner },
    { heading: 'renewers', cell: (row) => row.renewers.join(', ') },
    { heading: 'issued', cell: (row) => row.issued },
    { heading: 'expires', cell: (row) => row.expires },
    { heading: 'max-life', cell: (row) => row.max_life },
  ]);
};

export const renewToken: Work<{ readonly for?: number }> = async (context, [text = ''], options) => {
  const admin = await context.admin();
  const hmac = await hmacOf(context, text);
  const period = options.for === undefined ? {} : { renewPeriodMs: options.for };
  tellEnd(context, await admin.renewDelegationToken(hmac, { ...context.call, ...period }));
};

export const expireToken: Work<{ readonly in?: number }> = async (context, [text = ''], options) => {
  const admin = await context.admin();
  const hmac = await hmacOf(context, text);
  const period = options.in === undefined ? {} : { expiryPeriodMs: options.in };
  tellEnd(context, await admin.expireDelegationToken(hmac, { ...context.call, ...period }));
};

function tellEnd({ output }: CommandContext, expiresAt: number): void {
  if (output.isText) output.facts([['expires', shownTime(expiresAt)]]);
  else output.data({ expires: shownTime(expiresAt) });
}

async function hmacOf({ io }: CommandContext, text: string): Promise<Uint8Array> {
  let base64 = text;
  if (text === '-') for await (const line of linesOf(io.stdin)) base64 = line.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw new Failure('the HMAC of a token is given in base64, as `token create` shows it');
  return Buffer.from(base64, 'base64');
}
