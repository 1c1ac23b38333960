// Users who log in by SCRAM: their credentials set and deleted (KIP-554, KIP-900; Kafka: ScramControlManager). What comes is a
// salted password; what is written is what proves it, and cannot be used to log in.
import { Errors } from '../../../protocol/index.ts';
import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../../protocol/messages/51-alter-user-scram-credentials.ts';
import {
  FEWEST_SCRAM_ITERATIONS,
  MOST_SCRAM_ITERATIONS,
  scramKeys,
  scramMechanismOf,
} from '../../../protocol/sasl/index.ts';
import { hasScram, type MetadataImage, type MetadataRecord } from '../../metadata/index.ts';
import type { ApiError, Outcome } from '../operation.ts';

type Deletion = AlterUserScramCredentialsRequest['deletions'][number];
type Upsertion = AlterUserScramCredentialsRequest['upsertions'][number];

const TWICE: ApiError = {
  errorCode: Errors.DUPLICATE_RESOURCE,
  errorMessage: 'A user credential cannot be altered twice in the same request',
};

/** Each user of the request is altered, or told why not; the others go through all the same. */
export function alterUserScramCredentials(
  image: MetadataImage,
  request: AlterUserScramCredentialsRequest,
): Outcome<AlterUserScramCredentialsResponse> {
  const isSupported = hasScram(image.features.metadataVersion);
  const records = new Map<string, () => MetadataRecord>();
  const errors = new Map<string, ApiError>();
  const take = (user: string, fault: ApiError | undefined, record: () => MetadataRecord): void => {
    if (errors.has(user)) return;
    if (records.delete(user)) errors.set(user, TWICE);
    else if (!isSupported) errors.set(user, UNSUPPORTED);
    else if (fault !== undefined) errors.set(user, fault);
    else records.set(user, record);
  };
  for (const deletion of request.deletions) {
    take(deletion.name, deletionFault(image, deletion), () => removalOf(deletion));
  }
  // Java's HMAC takes no empty key: to Kafka that is a fault of its own, found when all users have been looked at.
  const unusable = new Set<string>();
  for (const upsertion of request.upsertions) {
    if (upsertion.saltedPassword.length === 0) unusable.add(upsertion.name);
    take(upsertion.name, upsertionFault(upsertion), () => recordOf(upsertion));
  }
  for (const user of unusable) if (records.delete(user)) errors.set(user, UNUSABLE);
  const results = [
    ...[...records.keys()].map((user) => ({ user, errorCode: Errors.NONE, errorMessage: null })),
    ...[...errors].map(([user, error]) => ({ user, ...error })),
  ];
  return { records: Array.from(records.values(), (record) => record()), response: { results } };
}

const UNUSABLE: ApiError = { errorCode: Errors.UNKNOWN_SERVER_ERROR, errorMessage: null };

const UNSUPPORTED: ApiError = {
  errorCode: Errors.UNSUPPORTED_VERSION,
  errorMessage: 'The current metadata version does not support SCRAM',
};

function nameFault({ name, mechanism }: Deletion): ApiError | undefined {
  if (name === '') return { errorCode: Errors.UNACCEPTABLE_CREDENTIAL, errorMessage: 'Username must not be empty' };
  if (scramMechanismOf(mechanism) !== undefined) return undefined;
  return { errorCode: Errors.UNSUPPORTED_SASL_MECHANISM, errorMessage: 'Unknown SCRAM mechanism' };
}

function deletionFault(image: MetadataImage, deletion: Deletion): ApiError | undefined {
  const fault = nameFault(deletion);
  if (fault !== undefined || image.scram.has(`${deletion.mechanism}:${deletion.name}`)) return fault;
  const errorMessage = 'Attempt to delete a user credential that does not exist';
  return { errorCode: Errors.RESOURCE_NOT_FOUND, errorMessage };
}

function upsertionFault(upsertion: Upsertion): ApiError | undefined {
  const fault = nameFault(upsertion);
  if (fault !== undefined) return fault;
  const { iterations } = upsertion;
  const errorCode = Errors.UNACCEPTABLE_CREDENTIAL;
  if (iterations < FEWEST_SCRAM_ITERATIONS) return { errorCode, errorMessage: 'Too few iterations' };
  if (iterations > MOST_SCRAM_ITERATIONS) return { errorCode, errorMessage: 'Too many iterations' };
  return undefined;
}

const removalOf = ({ name, mechanism }: Deletion): MetadataRecord => ({
  type: 'RemoveUserScramCredentialRecord',
  version: 0,
  name,
  mechanism,
});

function recordOf({ name, mechanism, salt, saltedPassword, iterations }: Upsertion): MetadataRecord {
  const { storedKey, serverKey } = scramKeys(scramMechanismOf(mechanism) ?? 'SCRAM-SHA-256', saltedPassword);
  return {
    type: 'UserScramCredentialRecord',
    version: 0,
    name,
    mechanism,
    salt: Buffer.from(salt),
    storedKey,
    serverKey,
    iterations,
  };
}
