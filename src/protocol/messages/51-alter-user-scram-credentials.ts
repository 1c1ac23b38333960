// AlterUserScramCredentials, version 0, flexible. Sets and deletes SCRAM credentials (KIP-554).
import { api, array, bytes, int32, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const AlterUserScramCredentials = api({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: [0, 0],
  flexible: 0,
  request: {
    deletions: array({ name: string, mechanism: int8.doc('1 SCRAM-SHA-256, 2 SCRAM-SHA-512.') }),
    upsertions: array({
      name: string,
      mechanism: int8.doc('1 SCRAM-SHA-256, 2 SCRAM-SHA-512.'),
      iterations: int32,
      salt: bytes,
      saltedPassword: bytes,
    }),
  },
  response: { throttleTimeMs, results: array({ user: string, errorCode, errorMessage: string.nullable() }) },
});
export interface AlterUserScramCredentialsRequest extends RequestOf<typeof AlterUserScramCredentials> {}
export interface AlterUserScramCredentialsResponse extends ResponseOf<typeof AlterUserScramCredentials> {}
