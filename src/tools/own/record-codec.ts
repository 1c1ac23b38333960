// Keys and values of `produce` and `consume` by the schemas of a registry, where flags ask for it. Loaded with its first use.
import type { SchemaCodec, WantedSchema } from '../schemas/schema-codec.ts';
import type { CommandContext } from './command-frame.ts';
import { registryOf } from './connection.ts';
import { Failure } from './failure.ts';

/** Rejects with Failure where nobody has said where the registry is. */
export async function codecOf(context: CommandContext): Promise<SchemaCodec> {
  const url = registryOf(context.settings);
  if (url === undefined) throw new Failure('say where the registry is: -X registry.hosts=127.0.0.1:8081');
  const { SchemaCodec: Codec } = await import('../schemas/schema-codec.ts');
  const { user, pass = '' } = context.settings;
  return new Codec(url, user === undefined ? undefined : { username: user, password: pass });
}

/** `17` or `topic`. Throws Failure. */
export function wantedSchema(
  flag: string,
  text: string | undefined,
  message: string | undefined,
): WantedSchema | undefined {
  if (text === undefined) return undefined;
  if (text.toLowerCase() === 'topic') return { id: 'topic', message };
  if (!/^\d+$/.test(text)) throw new Failure(`${flag} ${text} is neither the id of a schema nor topic`);
  return { id: Number(text), message };
}

/** Which of key and value `--use-schema-registry` means. Throws Failure. */
export function decodedParts(
  text: string | true | undefined,
): { readonly key: boolean; readonly value: boolean } | undefined {
  if (text === undefined) return undefined;
  const parts = text === true ? ['key', 'value'] : text.split(',');
  const stranger = parts.find((part) => part !== 'key' && part !== 'value');
  if (stranger !== undefined) throw new Failure(`--use-schema-registry ${stranger} is neither key nor value`);
  return { key: parts.includes('key'), value: parts.includes('value') };
}
