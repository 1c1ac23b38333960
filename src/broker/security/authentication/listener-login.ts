// The SASL mechanisms of one listener, made of its configs. What is half configured is refused at the start, so that nobody gets in
// by what is missing.
import type { DelegationToken, ScramCredential } from '../../../kraft/metadata/index.ts';
import { isScramMechanism, SCRAM_MECHANISMS, type ScramMechanism } from '../../../protocol/sasl/index.ts';
import { ConfigError, type Logger, type Runtime } from '../../../runtime/index.ts';
import type { SaslConfig } from '../../configs/security-config.ts';
import { isFor, type JaasEntry, parseJaas, usersOf } from './jaas.ts';
import { Jwks } from './jwks.ts';
import { SignedJwtValidator, UnsecuredJwtValidator } from './jwt.ts';
import { OAuthBearerMechanism, type TokenValidator } from './oauthbearer.ts';
import { PlainMechanism } from './plain.ts';
import type { SaslExchange, SaslMechanism } from './sasl-mechanism.ts';
import { ScramServer } from './scram.ts';
import { TokenCredentials } from './token-credentials.ts';

/** What the metadata knows of users and tokens. */
export interface CredentialSource {
  scramOf(type: number, user: string): ScramCredential | undefined;
  tokenOf(tokenId: string): DelegationToken | undefined;
  /** delegation.token.secret.key; null: there are no tokens. */
  readonly tokenSecret: string | null;
}

export interface LoginParts {
  readonly name: string;
  readonly config: SaslConfig;
  /** As they count for the listener. */
  readonly entries: ReadonlyMap<string, string>;
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'random' | 'readUrl'>;
  readonly logger: Logger;
  readonly credentials: CredentialSource;
}

const NONCE_BYTES = 24;
const SERVED = ['PLAIN', ...SCRAM_MECHANISMS, 'OAUTHBEARER'];

export class ListenerLogin {
  /** Names of mechanisms, as clients are told. */
  readonly mechanisms: readonly string[];
  readonly maxReceiveBytes: number;
  readonly #byName: ReadonlyMap<string, SaslMechanism>;
  readonly #maxReauthMs: ReadonlyMap<string, number>;
  readonly #jwks: Jwks | undefined;

  private constructor(parts: LoginParts, mechanisms: readonly SaslMechanism[], jwks: Jwks | undefined) {
    const { config, entries } = parts;
    this.mechanisms = mechanisms.map(({ name }) => name);
    this.maxReceiveBytes = config.saslServerMaxReceiveSize;
    this.#byName = new Map(mechanisms.map((mechanism) => [mechanism.name, mechanism]));
    this.#jwks = jwks;
    this.#maxReauthMs = new Map(
      this.mechanisms.map((name) => {
        const own = entries.get(`${name.toLowerCase()}.connections.max.reauth.ms`);
        return [name, own === undefined ? config.connectionsMaxReauthMs : Number(own)];
      }),
    );
  }

  /** Rejects with ConfigError. */
  static async open(parts: LoginParts): Promise<ListenerLogin> {
    const names = parts.config.saslEnabledMechanisms;
    if (names.includes('GSSAPI')) {
      throw new ConfigError(
        `GSSAPI (Kerberos) is not served: set sasl.enabled.mechanisms to some of ${SERVED.join(', ')}`,
      );
    }
    if (names.length === 0) throw new ConfigError('sasl.enabled.mechanisms is empty: nobody could log in');
    let jwks: Jwks | undefined;
    const mechanisms: SaslMechanism[] = [];
    for (const name of names) {
      if (name === 'PLAIN') mechanisms.push(plainOf(parts));
      else if (isScramMechanism(name)) mechanisms.push(scramOf(name, parts));
      else if (name === 'OAUTHBEARER') {
        jwks = await jwksOf(parts);
        mechanisms.push(oauthOf(parts, jwks));
      } else throw new ConfigError(`There is no SASL mechanism ${name}: name some of ${SERVED.join(', ')}`);
    }
    return new ListenerLogin(parts, mechanisms, jwks);
  }

  /** undefined: the mechanism is not one of this listener. */
  begin(mechanism: string): SaslExchange | undefined {
    return this.#byName.get(mechanism)?.begin();
  }

  /** connections.max.reauth.ms of the mechanism; 0: a login holds for as long as what it was made with. */
  maxReauthMs(mechanism: string): number {
    return this.#maxReauthMs.get(mechanism) ?? 0;
  }

  close(): void {
    this.#jwks?.close();
  }
}

/** Throws ConfigError when the entries for the mechanisms of a listener cannot be read, or name classes that are not known. */
export function checkJaas(mechanisms: readonly string[], entries: ReadonlyMap<string, string>): void {
  for (const mechanism of mechanisms) jaasOf(mechanism, { entries });
}

/** The entry for a mechanism: `MECHANISM.sasl.jaas.config`, or the one without a mechanism where its module is of that. */
function jaasOf(mechanism: string, { entries }: Pick<LoginParts, 'entries'>): JaasEntry | undefined {
  const key = `${mechanism.toLowerCase()}.sasl.jaas.config`;
  const own = entries.get(key);
  if (own !== undefined) {
    const [entry, ...others] = parseJaas(key, own);
    if (entry === undefined || others.length > 0) throw new ConfigError(`${key} must hold one login module`);
    if (!isFor(mechanism, entry)) {
      throw new ConfigError(
        `${key} names ${entry.module}, which is no login module of ${mechanism} that is known here`,
      );
    }
    return entry;
  }
  const common = entries.get('sasl.jaas.config');
  return common === undefined ? undefined : parseJaas('sasl.jaas.config', common).find((one) => isFor(mechanism, one));
}

function plainOf(parts: LoginParts): SaslMechanism {
  const entry = jaasOf('PLAIN', parts);
  if (entry === undefined) {
    throw new ConfigError(
      'PLAIN needs its users: set plain.sasl.jaas.config to org.apache.kafka.common.security.plain.PlainLoginModule required user_NAME="PASSWORD";',
    );
  }
  return new PlainMechanism(usersOf(entry));
}

function scramOf(name: ScramMechanism, { credentials, runtime }: LoginParts): SaslMechanism {
  const type = SCRAM_MECHANISMS.indexOf(name) + 1;
  const { tokenSecret: secret } = credentials;
  const tokens =
    secret === null
      ? undefined
      : new TokenCredentials({
          secret,
          tokenOf: (tokenId) => credentials.tokenOf(tokenId),
          salt: (sizeBytes) => runtime.random.bytes(sizeBytes),
        });
  return new ScramServer(
    name,
    {
      ofUser: (_, user) => credentials.scramOf(type, user),
      ofToken: (mechanism, tokenId) => tokens?.of(mechanism, tokenId) ?? Promise.resolve(undefined),
    },
    () => Buffer.from(runtime.random.bytes(NONCE_BYTES)).toString('base64url'),
  );
}

const isSigned = ({ config }: LoginParts): boolean =>
  config.saslServerCallbackHandler?.endsWith('.OAuthBearerValidatorCallbackHandler') === true;

async function jwksOf(parts: LoginParts): Promise<Jwks | undefined> {
  const { config, runtime, logger } = withCallbackHandler(parts);
  const handler = config.saslServerCallbackHandler;
  if (!isSigned({ ...parts, config })) {
    if (handler !== null && !handler.endsWith('.OAuthBearerUnsecuredValidatorCallbackHandler')) {
      throw new ConfigError(`sasl.server.callback.handler.class=${handler} is a Java class that is not known here`);
    }
    return undefined;
  }
  const { oauthJwksUrl: url, oauthAllowedUrls, oauthJwksRefreshMs } = config;
  if (url === null) throw new ConfigError('OAUTHBEARER needs sasl.oauthbearer.jwks.endpoint.url to check tokens with');
  const { disk, clock, readUrl } = runtime;
  try {
    return await Jwks.open({
      url,
      allowedUrls: oauthAllowedUrls,
      refreshMs: oauthJwksRefreshMs,
      disk,
      readUrl,
      clock,
      logger,
    });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`sasl.oauthbearer.jwks.endpoint.url=${url} cannot be read: ${(error as Error).message}`);
  }
}

/** The class may stand behind the name of the mechanism, as most set it. */
function withCallbackHandler(parts: LoginParts): LoginParts {
  const own = parts.entries.get('oauthbearer.sasl.server.callback.handler.class');
  return own === undefined ? parts : { ...parts, config: { ...parts.config, saslServerCallbackHandler: own } };
}

function oauthOf(parts: LoginParts, jwks: Jwks | undefined): SaslMechanism {
  const { config, runtime, logger, name } = parts;
  const nowMs = (): number => runtime.clock.nowMs();
  const refused = (reason: string): void =>
    logger.log('debug', 'a bearer token was refused', { listener: name, reason });
  let validator: TokenValidator;
  if (jwks === undefined) {
    const entry = jaasOf('OAUTHBEARER', parts);
    if (entry === undefined) {
      throw new ConfigError(
        'OAUTHBEARER needs sasl.server.callback.handler.class and a JWKS, or, for tests, an entry oauthbearer.sasl.jaas.config',
      );
    }
    logger.log(
      'warn',
      'OAUTHBEARER takes unsecured tokens: anybody may claim to be anybody. It is for tests; set sasl.server.callback.handler.class and sasl.oauthbearer.jwks.endpoint.url for more',
      { listener: name },
    );
    validator = new UnsecuredJwtValidator(entry.options, nowMs);
  } else {
    const rules = {
      audiences: config.oauthExpectedAudience,
      issuer: config.oauthExpectedIssuer,
      clockSkewMs: config.oauthClockSkewSeconds * 1000,
      scopeClaim: config.oauthScopeClaim,
      subClaim: config.oauthSubClaim,
    };
    validator = new SignedJwtValidator(jwks, rules, nowMs);
  }
  return new OAuthBearerMechanism(validator, refused);
}
