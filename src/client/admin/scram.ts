// Users of SCRAM (KIP-554). Passwords are salted here: none travels.
import { Errors } from '../../protocol/index.ts';
import { DescribeUserScramCredentials } from '../../protocol/messages/50-describe-user-scram-credentials.ts';
import { AlterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import {
  FEWEST_SCRAM_ITERATIONS,
  saltedPassword,
  SCRAM_MECHANISMS,
  type ScramMechanism,
  scramMechanismOf,
} from '../../protocol/sasl/index.ts';
import type { Asking } from './asking.ts';
import { failureOf, type Outcome, throwIfFailed } from './outcomes.ts';

export interface ScramCredential {
  readonly mechanism: ScramMechanism;
  readonly iterations: number;
}

export interface ScramUpsertion {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly password: string;
  /** 4096 when left out. */
  readonly iterations?: number;
  /** Random when left out. */
  readonly salt?: Uint8Array;
}

export interface ScramDeletion {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly isDeleted: true;
}

const SALT_BYTES = 18;

/** Of all users when none is named. Rejects with KafkaError. */
export async function describeUserScramCredentials(
  asking: Asking,
  users: readonly string[],
): Promise<Map<string, Outcome<readonly ScramCredential[]>>> {
  const { results } = await asking.retrying(async () => {
    const answer = await asking.any(DescribeUserScramCredentials, {
      users: users.length === 0 ? null : users.map((name) => ({ name })),
    });
    throwIfFailed(answer.errorCode, answer.errorMessage);
    return answer;
  });
  return new Map(
    results.map((one) => [one.user, failureOf(one.errorCode, one.errorMessage) ?? credentials(one.credentialInfos)]),
  );
}

function credentials(infos: readonly { readonly mechanism: number; readonly iterations: number }[]): ScramCredential[] {
  return infos.flatMap(({ mechanism: type, iterations }) => {
    const mechanism = scramMechanismOf(type);
    return mechanism === undefined ? [] : [{ mechanism, iterations }];
  });
}

/** By user: a user's changes are made together or not at all. Rejects with KafkaError. */
export async function alterUserScramCredentials(
  asking: Asking,
  alterations: readonly (ScramUpsertion | ScramDeletion)[],
): Promise<Map<string, Outcome<undefined>>> {
  const outcomes = new Map<string, Outcome<undefined>>();
  for (const one of alterations) outcomes.set(one.user, refusalOf(one) ?? outcomes.get(one.user));
  const allowed = alterations.filter(({ user }) => outcomes.get(user) === undefined);
  if (allowed.length === 0) return outcomes;
  const { random } = asking.nodes.client;
  const upsertions = allowed
    .filter((one): one is ScramUpsertion => !('isDeleted' in one))
    .map((one) => wireUpsertion(one, one.salt ?? random.bytes(SALT_BYTES)));
  const deletions = allowed
    .filter((one): one is ScramDeletion => 'isDeleted' in one)
    .map(({ user, mechanism }) => ({ name: user, mechanism: typeOf(mechanism) }));
  const request = { upsertions: await Promise.all(upsertions), deletions };
  const { results } = await asking.controller(AlterUserScramCredentials, request, (answer) =>
    answer.results.map(({ errorCode }) => errorCode),
  );
  for (const one of results) outcomes.set(one.user, failureOf(one.errorCode, one.errorMessage));
  return outcomes;
}

/** What Kafka's client refuses before it asks. */
function refusalOf(one: ScramUpsertion | ScramDeletion): Outcome<undefined> {
  if (one.user === '') return failureOf(Errors.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty');
  if (!SCRAM_MECHANISMS.includes(one.mechanism)) {
    return failureOf(Errors.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism');
  }
  if (!('isDeleted' in one) && one.password === '') {
    return failureOf(Errors.UNACCEPTABLE_CREDENTIAL, 'Password must not be empty');
  }
  return undefined;
}

/** 1 and 2. */
const typeOf = (mechanism: ScramMechanism): number => SCRAM_MECHANISMS.indexOf(mechanism) + 1;

async function wireUpsertion(
  { user, mechanism, password, iterations = FEWEST_SCRAM_ITERATIONS }: ScramUpsertion,
  salt: Uint8Array,
) {
  return {
    name: user,
    mechanism: typeOf(mechanism),
    iterations,
    salt,
    saltedPassword: await saltedPassword(mechanism, password, salt, iterations),
  };
}
