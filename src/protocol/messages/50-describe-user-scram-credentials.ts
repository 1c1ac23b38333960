// DescribeUserScramCredentials, version 0, flexible. Users with SCRAM credentials, and how these were made; never the
// credentials (KIP-554).
import { api, array, int32, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const DescribeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexible: 0,
  request: { users: array({ name: string }).nullable().doc('null or empty: all.') },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable(),
    results: array({
      user: string,
      errorCode,
      errorMessage: string.nullable(),
      credentialInfos: array({ mechanism: int8.doc('1 SCRAM-SHA-256, 2 SCRAM-SHA-512.'), iterations: int32 }),
    }),
  },
});
export interface DescribeUserScramCredentialsRequest extends RequestOf<typeof DescribeUserScramCredentials> {}
export interface DescribeUserScramCredentialsResponse extends ResponseOf<typeof DescribeUserScramCredentials> {}
