// `ottla registry export`, `import` and `used`: what they do to the topic of a registry, whichever kind it is of, and to the topics
// whose records it serves. No registry need run; one whose store cannot be read is asked.
import type { UsedId } from '../../../schema-registry/index.ts';
import { linesOf, print } from '../../tool-io.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { readGiven } from '../connection.ts';
import { Failure } from '../failure.ts';
import { contextNamed } from './context-name.ts';
import { call, RegistryRefusal } from './registry-call.ts';

interface TopicOption {
  readonly topic: string;
}

/** To standard output, a line a record. */
export const exportRegistry: Work<TopicOption & { readonly registry?: string }> = async (context, _, options) => {
  const { exportFromRegistry, exportSchemas, ForeignAnswerError } = await import('../../../schema-registry/index.ts');
  const { registry, topic } = options;
  const lines =
    registry === undefined
      ? exportSchemas({ client: await context.client() }, topic)
      : exportFromRegistry((path) => answerTo(context, registry, path));
  try {
    for await (const line of lines) {
      print(context.io, line);
      await context.io.stdout.drained();
    }
  } catch (error) {
    if (error instanceof ForeignAnswerError) throw new Failure(`the registry at ${registry}: ${error.message}`);
    throw error;
  }
};

async function answerTo(context: CommandContext, registry: string, path: string): Promise<unknown> {
  try {
    return await call(context, { registry }, path);
  } catch (error) {
    if (error instanceof RegistryRefusal && error.status === 404) return undefined;
    throw error;
  }
}

/** From a file, or from standard input. */
export const importRegistry: Work<TopicOption & { readonly force?: boolean }> = async (
  context,
  [path],
  { topic, force = false },
) => {
  const { importSchemas, ImportError } = await import('../../../schema-registry/index.ts');
  const { io, output } = context;
  const input = path === undefined || path === '-' ? io.stdin : wholeFile(readGiven(io, path, 'the file'));
  try {
    const records = await importSchemas({ client: await context.client() }, linesOf(input), { topic, force });
    if (output.isText) output.text(`Wrote ${records} records to ${topic}.\n`);
    else output.data({ topic, records });
  } catch (error) {
    if (error instanceof ImportError) throw new Failure(error.message);
    throw error;
  }
};

async function* wholeFile(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

interface UsedOptions {
  readonly schemasTopic: string;
  readonly topics?: readonly string[];
  readonly last?: number;
  readonly context?: string;
}

export const usedIds: Work<UsedOptions> = async (context, [id], { schemasTopic, topics, last, context: name }) => {
  const registry = await import('../../../schema-registry/index.ts');
  if (id !== undefined && !/^\d{1,10}$/.test(id)) throw new Failure(`${id} is no id of a schema`);
  const rows: UsedId[] = [];
  const found = registry.usedIds(
    { client: await context.client() },
    {
      schemasTopic,
      ...(id !== undefined && { id: Number(id) }),
      ...(topics !== undefined && { topics }),
      ...(last !== undefined && { last }),
      ...(name !== undefined && { context: contextNamed(name) }),
    },
  );
  for await (const row of found) rows.push(row);
  context.output.list(rows, [
    { heading: 'ID', cell: (row) => row.id },
    { heading: 'CONTEXTS', cell: (row) => row.contexts.join(',') },
    { heading: 'TOPIC', cell: (row) => row.topic },
    { heading: 'PARTITION', cell: (row) => row.partition },
    { heading: 'PART', cell: (row) => row.part },
    { heading: 'RECORDS', cell: (row) => row.records },
    { heading: 'FIRST-OFFSET', cell: (row) => row.firstOffset },
    { heading: 'LAST-OFFSET', cell: (row) => row.lastOffset },
  ]);
};
