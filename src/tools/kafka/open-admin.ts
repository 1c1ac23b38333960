// The client of administration for one run of a tool.
import { Admin } from '../../client/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { clientConfig, type Properties } from './client-config.ts';

export interface AdminTarget {
  readonly bootstrapServers?: string | undefined;
  /** In their place, the quorum's controllers (KIP-919). */
  readonly bootstrapControllers?: string | undefined;
  readonly properties?: Properties;
}

/** Closes the client when `work` has ended. Rejects with what it rejects with. */
export async function withAdmin<T>(io: ToolIo, target: AdminTarget, work: (admin: Admin) => Promise<T>): Promise<T> {
  const { bootstrapServers, bootstrapControllers, properties } = target;
  const isOfControllers = bootstrapControllers !== undefined;
  const config = clientConfig(io, bootstrapControllers ?? bootstrapServers ?? '', properties);
  const admin = new Admin({ ...config, isOfControllers });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
