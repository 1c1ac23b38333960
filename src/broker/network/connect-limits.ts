// How long this node waits for a connection to another one, whatever it is for.
import type { ChannelLimits } from '../../protocol/index.ts';
import type { Settings } from '../configs/settings.ts';

export function connectLimits({
  broker,
}: Settings): Pick<ChannelLimits, 'connectTimeoutMs' | 'longestConnectTimeoutMs'> {
  const { connectionSetupTimeoutMs: connectTimeoutMs, connectionSetupTimeoutMaxMs: longestConnectTimeoutMs } = broker;
  return { connectTimeoutMs, longestConnectTimeoutMs };
}
