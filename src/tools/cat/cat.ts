// `ottla cat`: kcat, for any cluster: its flags, its texts, its exit codes. One mode a file, loaded when it is asked for.
import type { Tool, ToolIo } from '../tool-io.ts';
import { CatContext } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';
import { completed, parseCatArguments } from './cat-options.ts';
import { catClientConfig, catProperties, dumpedProperties, knownProperties } from './cat-properties.ts';

/** The exit code. */
export const cat: Tool = async (args, io) => {
  try {
    return await run(args, io);
  } catch (error) {
    if (!(error instanceof CatFailure)) throw error;
    const { kind, message } = error;
    if (kind === 'usage') io.stderr.write(`Error: ${message}\n\n${(await import('./cat-help.ts')).catHelp}`);
    else io.stderr.write(`% ${kind === 'error' ? 'ERROR: ' : ''}${message}\n`);
    return 1;
  }
};

async function run(args: readonly string[], io: ToolIo): Promise<number> {
  const options = parseCatArguments(args);
  if (options.isHelp || options.isVersion) {
    const { catHelp, catVersion } = await import('./cat-help.ts');
    io.stdout.write(options.isHelp ? catHelp : catVersion);
    return 0;
  }
  if (options.properties.some(([name, value]) => name === 'list' && value === '')) {
    io.stdout.write(knownProperties());
    return 0;
  }
  const properties = catProperties(options, io);
  if (options.isDumpingConfig) {
    io.stdout.write(dumpedProperties(properties));
    return 0;
  }
  const config = catClientConfig(properties, options, io);
  if (options.mode === undefined) tellMode(options.verbosity, io);
  options.registry ??= properties.get('schema.registry.url');
  const complete = completed(options, io.isInputTerminal);
  const { ClusterClient, ConfigurationError } = await import('../../client/index.ts');
  try {
    const client = new ClusterClient(config);
    try {
      return await inMode(new CatContext(io, complete, properties, client));
    } finally {
      await client.close();
    }
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CatFailure(error.message);
    throw error;
  }
}

function tellMode(verbosity: number, { stderr, isInputTerminal }: ToolIo): void {
  if (verbosity === 0) return;
  stderr.write(`% Auto-selecting ${isInputTerminal ? 'Consumer' : 'Producer'} mode (use -P or -C to override)\n`);
}

async function inMode(context: CatContext): Promise<number> {
  const { Admin } = await import('../../client/index.ts');
  const admin = new Admin({ client: context.client });
  switch (context.options.mode) {
    case 'P':
      return (await import('./produce-messages.ts')).produceMessages(context);
    case 'L':
      await (await import('./list-metadata.ts')).listMetadata(context);
      return 0;
    case 'Q':
      await (await import('./query-offsets.ts')).queryOffsets(context, admin);
      return 0;
    case 'C':
      await (await import('./consume-messages.ts')).consumeMessages(context, admin);
      return 0;
    case 'G':
      await (await import('./consume-group.ts')).consumeInGroup(context, admin);
      return 0;
  }
}
