// DescribeUserScramCredentials, version 0: which users have SCRAM credentials, and with how many iterations they were made; never the
// credentials (KIP-554; Kafka: ScramImage.describe).
import type { MetadataImage } from '../kraft/metadata/index.ts';
import { Errors } from '../protocol/index.ts';
import {
  DescribeUserScramCredentials,
  type DescribeUserScramCredentialsResponse,
} from '../protocol/messages/50-describe-user-scram-credentials.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';

type Result = DescribeUserScramCredentialsResponse['results'][number];

export const describeUserScramCredentials = (identity: Pick<BrokerIdentity, 'image'>) =>
  defineHandler(DescribeUserScramCredentials, {
    authorize: [
      {
        operation: 'DESCRIBE',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
        hasText: false,
      },
    ],
    handle({ users }) {
      const image = identity.image();
      const counts = new Map<string, number>();
      if (users === null || users.length === 0) {
        for (const { name } of image.scram.values()) counts.set(name, 1);
      } else {
        for (const { name } of users) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      const infos = infosByUser(image);
      const results = [...counts].map(([user, count]) => resultOf(user, count, infos.get(user)));
      return { errorCode: Errors.NONE, errorMessage: '', results };
    },
    // Rows without a name, one for each user. Where all are asked for, Kafka fails over it and never answers.
    failed: ({ users }, errorCode, errorMessage) => ({
      errorCode,
      errorMessage,
      results: (users ?? [undefined]).map(() => ({ user: '', errorCode, errorMessage, credentialInfos: [] })),
    }),
  });

function infosByUser({ scram }: MetadataImage): Map<string, Result['credentialInfos'][number][]> {
  const infos = new Map<string, Result['credentialInfos'][number][]>();
  for (const { name, mechanism, iterations } of scram.values()) {
    const known = infos.get(name);
    if (known === undefined) infos.set(name, [{ mechanism, iterations }]);
    else known.push({ mechanism, iterations });
  }
  for (const list of infos.values()) list.sort((one, other) => one.mechanism - other.mechanism);
  return infos;
}

function resultOf(user: string, count: number, credentialInfos: Result['credentialInfos'] | undefined): Result {
  if (count > 1) {
    const errorMessage = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`;
    return { user, errorCode: Errors.DUPLICATE_RESOURCE, errorMessage, credentialInfos: [] };
  }
  if (credentialInfos === undefined) {
    const errorMessage = `Attempt to describe a user credential that does not exist: ${user}`;
    return { user, errorCode: Errors.RESOURCE_NOT_FOUND, errorMessage, credentialInfos: [] };
  }
  return { user, errorCode: Errors.NONE, errorMessage: '', credentialInfos };
}
