// Checks golden lines about logins: SASL servers fed message by message, tokens, names in certificates.
import { fileURLToPath } from 'node:url';
import { Jwks } from '../src/broker/security/authentication/jwks.ts';
import { SignedJwtValidator, UnsecuredJwtValidator } from '../src/broker/security/authentication/jwt.ts';
import { OAuthBearerMechanism } from '../src/broker/security/authentication/oauthbearer.ts';
import { PlainMechanism } from '../src/broker/security/authentication/plain.ts';
import {
  BrokenExchangeError,
  SaslAuthenticationError,
  SaslError,
  type SaslMechanism,
} from '../src/broker/security/authentication/sasl-mechanism.ts';
import { ScramServer, type StoredCredential } from '../src/broker/security/authentication/scram.ts';
import { NoMatchingRuleError, PrincipalMapper } from '../src/broker/security/tls/principal-mapper.ts';
import type { ScramMechanism } from '../src/protocol/sasl/index.ts';
import { ConfigError, silentLogger } from '../src/runtime/index.ts';
import { NodeClock, nodeDisk } from '../src/runtime/node/index.ts';

interface Step {
  readonly clientHex: string;
  readonly serverHex?: string;
  readonly complete?: boolean;
  readonly authorizationId?: string;
  readonly error?: string;
  readonly message?: string;
}

export interface ScramRow {
  readonly mechanism: ScramMechanism;
  readonly username: string;
  readonly saltHex: string;
  readonly storedKeyHex: string;
  readonly serverKeyHex: string;
  readonly iterations: number;
  readonly serverNonce: string;
  readonly delegationToken?: boolean;
  readonly steps: readonly Step[];
}

export function checkScram(row: ScramRow): Promise<string | undefined> {
  const credential: StoredCredential = {
    salt: Buffer.from(row.saltHex, 'hex'),
    storedKey: Buffer.from(row.storedKeyHex, 'hex'),
    serverKey: Buffer.from(row.serverKeyHex, 'hex'),
    iterations: row.iterations,
  };
  const isToken = row.delegationToken === true;
  const server = new ScramServer(
    row.mechanism,
    {
      ofUser: (_, user) => (user === row.username && !isToken ? credential : undefined),
      ofToken: (_, id) =>
        Promise.resolve(
          isToken && id === row.username
            ? { ...credential, owner: `owner-of-${row.username}`, expiresAtMs: Infinity }
            : undefined,
        ),
    },
    () => row.serverNonce,
  );
  return checkSteps(server, row.steps);
}

export interface PlainRow {
  readonly username: string;
  readonly password: string;
  readonly steps: readonly Step[];
}

export function checkPlain({ username, password, steps }: PlainRow): Promise<string | undefined> {
  return checkSteps(new PlainMechanism(new Map([[username, password]])), steps);
}

export interface BearerFormRow {
  readonly goodToken: string;
  readonly steps: readonly Step[];
}

export function checkBearerForm({ goodToken, steps }: BearerFormRow): Promise<string | undefined> {
  const validator = {
    validate: (token: string) =>
      Promise.resolve(
        token === goodToken
          ? { subject: 'u', expiresAtMs: Infinity }
          : { status: 'invalid_token' as const, scope: 's', reason: '' },
      ),
  };
  const checkExtension = (name: string) => (name === 'reject' ? 'not wanted' : undefined);
  return checkSteps(new OAuthBearerMechanism(validator, () => undefined, checkExtension), steps);
}

/** The exceptions of Kafka that end a login without an answer, beside those that have a class of their own here. */
const CLASSES = new Map<string, new (message: string) => Error>([
  ['SaslAuthenticationException', SaslAuthenticationError],
  ['SaslException', SaslError],
]);

async function checkSteps(mechanism: SaslMechanism, steps: readonly Step[]): Promise<string | undefined> {
  const exchange = mechanism.begin();
  for (const [index, step] of steps.entries()) {
    const fault = await checkStep(() => exchange.evaluate(Buffer.from(step.clientHex, 'hex')), step);
    if (fault !== undefined) return `step ${index + 1}: ${fault}`;
  }
  return undefined;
}

async function checkStep(
  evaluate: () => ReturnType<ReturnType<SaslMechanism['begin']>['evaluate']>,
  step: Step,
): Promise<string | undefined> {
  try {
    const { token, login } = await evaluate();
    const got = { serverHex: Buffer.from(token).toString('hex'), complete: login !== undefined, user: login?.user };
    const expected = { serverHex: step.serverHex, complete: step.complete, user: step.authorizationId };
    return JSON.stringify(got) === JSON.stringify(expected)
      ? undefined
      : `expected ${JSON.stringify(step)}, got ${JSON.stringify(got)}`;
  } catch (error) {
    if (step.error === undefined) return `refused: ${String(error)}`;
    const expected = CLASSES.get(step.error) ?? BrokenExchangeError;
    const isSame = error instanceof expected && error.message === step.message;
    return isSame ? undefined : `expected ${step.error}: ${step.message}, got ${String(error)}`;
  }
}

export interface TokenRow {
  readonly mode: 'signed' | 'unsecured';
  readonly token: string;
  readonly accepted: boolean;
  readonly answer: string | null;
  readonly end: string | null;
}

const JWKS = fileURLToPath(new URL('../test/fixtures/security/keys/jwks.json', import.meta.url));

export async function checkToken(row: TokenRow): Promise<string | undefined> {
  const clock = new NodeClock();
  const nowMs = (): number => clock.nowMs();
  const jwks = await Jwks.open({
    url: `file://${JWKS}`,
    allowedUrls: [],
    refreshMs: 3_600_000,
    disk: nodeDisk,
    readUrl: undefined,
    clock,
    logger: silentLogger,
  });
  const rules = {
    audiences: ['ottla'],
    issuer: 'https://issuer.test',
    clockSkewMs: 30_000,
    scopeClaim: 'scope',
    subClaim: 'sub',
  };
  const validator =
    row.mode === 'signed' ? new SignedJwtValidator(jwks, rules, nowMs) : new UnsecuredJwtValidator(new Map(), nowMs);
  try {
    const exchange = new OAuthBearerMechanism(validator).begin();
    const step = await exchange.evaluate(Buffer.from(`n,,\x01auth=Bearer ${row.token}\x01\x01`, 'utf8'));
    const got = { accepted: step.login !== undefined, answer: Buffer.from(step.token).toString('utf8') };
    const isSame = got.accepted === row.accepted && got.answer === row.answer;
    return isSame ? undefined : `expected ${row.accepted} ${row.answer}, got ${JSON.stringify(got)}`;
  } catch (error) {
    if (row.accepted) return `refused: ${String(error)}`;
    if (row.answer === 'error 58') return error instanceof SaslError ? undefined : String(error);
    return row.end === 'closed' ? undefined : `expected ${row.answer}, got ${String(error)}`;
  } finally {
    jwks.close();
  }
}

export interface MappingRow {
  readonly rules: string;
  readonly name?: string;
  readonly principal?: string;
  readonly error?: string;
  readonly message?: string;
  readonly stage?: 'rules' | 'name';
}

export async function checkMapping(row: MappingRow): Promise<string | undefined> {
  try {
    const principal = (await PrincipalMapper.of(row.rules)).nameOf(row.name ?? '');
    return principal === row.principal ? undefined : `expected ${row.principal ?? row.error}, got ${principal}`;
  } catch (error) {
    if (error instanceof NoMatchingRuleError) {
      return error.message === row.message ? undefined : `expected ${row.message}, got ${error.message}`;
    }
    if (!(error instanceof ConfigError)) throw error;
    // Java's words for what is no expression are its engine's own.
    if (row.error === 'PatternSyntaxException') return undefined;
    return error.message === row.message ? undefined : `expected ${row.message}, got ${error.message}`;
  }
}

/** The check for a line of these files; undefined: it is of another. */
export function securityCheckFor(row: Readonly<Record<string, unknown>>) {
  if ('goodToken' in row) return checkBearerForm;
  if ('storedKeyHex' in row) return checkScram;
  if ('steps' in row && 'password' in row) return checkPlain;
  if ('token' in row && 'mode' in row) return checkToken;
  return typeof row['rules'] === 'string' ? checkMapping : undefined;
}
