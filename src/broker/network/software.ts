// What this program calls itself to the nodes that it connects to (KIP-511).
import type { ChannelOptions } from '../../protocol/index.ts';

export const SOFTWARE: ChannelOptions['software'] = { name: 'ottla', version: '0.1.0' };
