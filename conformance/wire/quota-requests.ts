// AlterClientQuotas as the bench sends it.

import type { WireConnection } from './connection.ts';

/** AlterClientQuotas v0 for one entity (client-id, user, ip). Throws for any error code. */
export async function setClientQuota(
  connection: WireConnection,
  entity: { readonly type: string; readonly name: string },
  key: string,
  value: number,
): Promise<void> {
  const reader = await connection.request({ key: 49, version: 0, flexible: false }, (body) => {
    body.array([entity], ({ type, name }) => {
      body.array([type], () => body.string(type).string(name));
      body.array([key], () => body.string(key).float64(value).bool(false));
    });
    body.bool(false);
  });
  reader.int32();
  for (const { errorCode, message } of reader.array((r) => ({ errorCode: r.int16(), message: r.string() }))) {
    if (errorCode !== 0) throw new Error(`AlterClientQuotas: error ${errorCode} ${message ?? ''}`);
  }
}
