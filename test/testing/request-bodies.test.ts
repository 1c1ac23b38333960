// The types that users of onRequest see are written from the message definitions: they must not fall behind them.
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { BODIES, requestTypes } from '../../scripts/request-types.ts';
import type { RequestBodies } from '../../src/testing/bodies/index.ts';
import type { ProduceRequest } from '../../src/protocol/messages/00-produce.ts';
import type { FetchRequest } from '../../src/protocol/messages/01-fetch.ts';
import type { OffsetFetchRequest } from '../../src/protocol/messages/09-offset-fetch.ts';
import type { ElectLeadersRequest } from '../../src/protocol/messages/43-elect-leaders.ts';

describe('The types of request bodies', () => {
  it('are those of the definitions of all APIs that are served', async () => {
    const wanted = await requestTypes();
    const said = 'run: node --import=tsx scripts/request-types.ts';
    expect(readdirSync(BODIES).sort(), said).to.deep.equal([...wanted.keys()].sort());
    for (const [file, text] of wanted) expect(readFileSync(new URL(file, BODIES), 'utf8'), said).to.equal(text);
  });

  it('take what decoding gives', () => {
    const decoded = {} as [ProduceRequest, FetchRequest, OffsetFetchRequest, ElectLeadersRequest];
    const seen: readonly [
      RequestBodies['Produce'],
      RequestBodies['Fetch'],
      RequestBodies['OffsetFetch'],
      RequestBodies['ElectLeaders'],
    ] = decoded;
    expect(seen).to.equal(decoded);
  });
});
