// The port on which the registry answers.
import { createAdaptorServer } from '@hono/node-server';
import type { RegistryApp } from './app.ts';

export interface RegistryServer {
  readonly port: number;
  /** Connections end with it. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;
const LARGEST_HEADER_BYTES = 16 * 1024;

/** Rejects with an Error whose `code` is EADDRINUSE, EACCES ... Port 0 asks for a free one. */
export async function listen(
  address: { readonly host: string; readonly port: number },
  app: RegistryApp,
): Promise<RegistryServer> {
  const server = createAdaptorServer({
    fetch: app,
    serverOptions: {
      maxHeaderSize: LARGEST_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as { readonly port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
