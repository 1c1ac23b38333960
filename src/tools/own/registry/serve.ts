import { textLogger } from '../../../runtime/node/index.ts';
import type { CompatibilityLevel } from '../../../schema-registry/index.ts';
import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  readonly bootstrap?: string;
  readonly compatibility?: CompatibilityLevel;
  readonly advertisedHost?: string;
  readonly group: string;
  /** --no-lead makes it false. */
  readonly lead: boolean;
  readonly brokerUsers?: boolean;
}

/** Until Ctrl+C. */
export const serveRegistry: Work<ServeOptions> = async (context, _, { bootstrap, lead, brokerUsers, ...told }) => {
  const { SchemasTopicError, startSchemaRegistry } = await import('../../../schema-registry/index.ts');
  const { io, output, clientConfig, settings } = context;
  const config = bootstrap === undefined ? clientConfig : { ...clientConfig, brokers: bootstrap };
  const logger = textLogger({ write: (line) => void io.stderr.write(line) });
  const registry = await startSchemaRegistry({
    ...config,
    ...told,
    mayLead: lead,
    logger,
    ...(brokerUsers === true && { authentication: 'broker' }),
  }).catch((error: unknown) => {
    if (error instanceof SchemasTopicError) throw new Failure(error.message);
    throw error;
  });
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
