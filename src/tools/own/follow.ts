// Views that follow: shown again and again until Ctrl+C. On a terminal each takes the place of the one before; in a pipe they follow each
// other, with the time before each.
import { delay } from '../../runtime/index.ts';
import type { CommandContext } from './command-frame.ts';
import { flow } from './stdout-flow.ts';
import { shownTime } from './times.ts';

const HOME_AND_CLEAR = '\u001b[H\u001b[J';

export async function followed(
  context: CommandContext,
  intervalMs: number,
  view: () => Promise<string>,
): Promise<void> {
  const { io, output } = context;
  const { clock } = io.runtime;
  while (!io.signal.aborted) {
    const text = await view();
    const time = shownTime(clock.nowMs());
    if (!output.isText) await flow(io, text);
    else if (io.isTerminal) await flow(io, `${HOME_AND_CLEAR}${time}\n\n${text}`);
    else await flow(io, `${time}\n${text}\n`);
    await Promise.race([delay(clock, intervalMs), aborted(io.signal)]);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
