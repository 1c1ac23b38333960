import type { Work } from '../command-frame.ts';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  readonly bootstrap?: string;
}

/** Until Ctrl+C. */
export const serveRegistry: Work<ServeOptions> = async (context, _, { host, port, topic, bootstrap }) => {
  const { startSchemaRegistry } = await import('../../../schema-registry/index.ts');
  const { io, output, clientConfig, settings } = context;
  const config = bootstrap === undefined ? clientConfig : { ...clientConfig, brokers: bootstrap };
  const registry = await startSchemaRegistry({ ...config, host, port, topic });
  try {
    if (output.isText)
      output.text(`Schema registry at ${registry.url}, beside ${bootstrap ?? settings['brokers']}. Ctrl+C stops it.\n`);
    else output.data({ event: 'listening', url: registry.url, port: registry.port });
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await registry.close();
  }
};
