// Logins, tokens and names in certificates: what Apache Kafka's own classes made of them (test/golden/security).
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { securityCheckFor } from '../../../conformance/golden-security.ts';

const FILES = ['scram', 'plain', 'oauthbearer-form', 'oauth-tokens', 'principal-mapping'];

describe('Logins as Apache Kafka judges them', () => {
  for (const name of FILES) {
    it(name, async () => {
      const file = new URL(`../../golden/security/${name}.jsonl.gz`, import.meta.url);
      const rows = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
      const faults: string[] = [];
      for (const text of rows) {
        const row = JSON.parse(text) as { readonly case: string };
        const check = securityCheckFor(row as never) as (row: never) => Promise<string | undefined>;
        const fault = await check(row as never);
        if (fault !== undefined) faults.push(`${row.case}: ${fault}`);
      }
      expect(faults).to.deep.equal([]);
    }).timeout(60_000);
  }
});
