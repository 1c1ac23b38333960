// Configs of delegation tokens: how long they live.
import { CreateDelegationToken } from '../../../../src/protocol/messages/38-create-delegation-token.ts';
import { DescribeDelegationToken } from '../../../../src/protocol/messages/41-describe-delegation-token.ts';
import { nextTurn } from '../../../../src/runtime/node/index.ts';
import type { Probe, Probes } from './probe.ts';
import type { ProbedBroker } from './probed-broker.ts';
import { LOGIN, loggedIn } from './secured-listener.ts';

async function created(broker: ProbedBroker) {
  const client = await loggedIn(broker);
  const request = { ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs: -1 };
  const token = await client.ask(CreateDelegationToken, 3, request);
  client.destroy();
  return token;
}

const tokens = (look: Probe['look'], values: [string | undefined, string], sees: Probe['sees']): Probe => ({
  values,
  sees,
  look,
  beside: { ...LOGIN, 'delegation.token.secret.key': 's' },
});

/** Tokens that are left two seconds after the only one has expired. */
async function tokensLeft(broker: ProbedBroker): Promise<number> {
  await created(broker);
  await broker.wait(3000);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  await broker.settle();
  const client = await loggedIn(broker);
  const { tokens: left } = await client.ask(DescribeDelegationToken, 3, { owners: null });
  client.destroy();
  return left.length;
}

export const delegationTokenProbes: Probes = {
  'delegation.token.secret.key': {
    values: [undefined, 's'],
    sees: [61, 0],
    look: async (broker) => (await created(broker)).errorCode,
    beside: LOGIN,
  },
  'delegation.token.expiry.time.ms': tokens(
    async (broker) => {
      const { expiryTimestampMs, issueTimestampMs } = await created(broker);
      return Number(expiryTimestampMs) - Number(issueTimestampMs);
    },
    ['1000', '5000'],
    [1000, 5000],
  ),
  'delegation.token.max.lifetime.ms': tokens(
    async (broker) => {
      const { maxTimestampMs, issueTimestampMs } = await created(broker);
      return Number(maxTimestampMs) - Number(issueTimestampMs);
    },
    ['1000', '5000'],
    [1000, 5000],
  ),
  'delegation.token.expiry.check.interval.ms': {
    values: ['1500', '3600000'],
    sees: [0, 1],
    look: tokensLeft,
    beside: { ...LOGIN, 'delegation.token.secret.key': 's', 'delegation.token.expiry.time.ms': '1000' },
  },
};
