// Offsets by time or kind, for the modes that read: as isolation.level has them, in kcat's words when they cannot be had.
import type { Admin, AskedOffset } from '../../client/index.ts';
import { type CatContext, catErrorText } from './cat-context.ts';
import { CatFailure } from './cat-failure.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** In the order of the places. Rejects with CatFailure. */
export async function listedOffsets(
  context: CatContext,
  admin: Admin,
  places: readonly Place[],
  spec: AskedOffset['spec'],
): Promise<number[]> {
  const isCommitted = context.property('isolation.level') !== 'read_uncommitted';
  const how = {
    timeoutMs: context.options.metadataTimeoutMs,
    isolation: isCommitted ? 'read_committed' : 'read_uncommitted',
  } as const;
  const asked = places.map(({ topic, partition }) => ({ topic, partition, spec }));
  const found = await admin.listOffsets(asked, how).catch((error: unknown) => {
    throw new CatFailure(`offsets_for_times failed: ${catErrorText(error)}`);
  });
  return found.map(({ topic, partition, result }) => {
    if (result instanceof Error) throw new CatFailure(`Topic ${topic} [${partition}] error: ${catErrorText(result)}`);
    return result.offset;
  });
}
