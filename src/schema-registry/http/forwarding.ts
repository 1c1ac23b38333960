// Writes go to the registry that leads: this one carries them out, or passes the request on as it is. Confluent's RestService with
// X-Forward, so that registries of both kinds pass on to each other.
import type { Context } from 'hono';
import { delay, type Clock, type Logger } from '../../runtime/index.ts';
import { forwardingFailed, type RegistryError, unknownLeader } from '../schemas/registry-error.ts';
import { type Identity, isSame, urlOf } from '../store/identity.ts';
import type { Leadership } from './service.ts';

const FORWARD_HEADER = 'x-forward';
const READ_TIMEOUT_MS = 60_000;
const PASSED_ON = ['authorization', 'content-type', 'accept'];

/** Alone: nobody else writes. */
export const alone: Leadership = { forwarded: () => Promise.resolve(undefined) };

export class ElectedLeadership implements Leadership {
  readonly #own: Identity;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** While a group is being divided nobody leads: a write waits so long. */
  readonly #waitMs: number;
  #leader: Identity | undefined;
  #known: () => void = () => undefined;
  #waiting: Promise<void> | undefined;

  constructor(own: Identity, clock: Clock, logger: Logger, waitMs: number) {
    this.#waitMs = waitMs;
    this.#own = own;
    this.#clock = clock;
    this.#logger = logger;
  }

  get leads(): boolean {
    return isSame(this.#leader, this.#own);
  }

  /** undefined: nobody is known to lead. */
  setLeader(leader: Identity | undefined): void {
    if (leader !== undefined && !isSame(leader, this.#leader)) {
      this.#logger.log('info', 'The leader of the registries is known', {
        leader: urlOf(leader),
        isThis: isSame(leader, this.#own),
      });
    }
    this.#leader = leader;
    if (leader === undefined) return;
    this.#known();
    this.#waiting = undefined;
  }

  async forwarded(context: Context, body: unknown): Promise<Response | undefined> {
    const deadlineMs = this.#clock.monotonicMs() + this.#waitMs;
    for (;;) {
      if (this.#leader === undefined) await this.#untilKnown(deadlineMs);
      const leader = this.#leader;
      if (leader === undefined) throw unknownLeader();
      if (this.leads) return undefined;
      // It was passed on to us by somebody who takes us for the leader: not back again.
      if (context.req.header(FORWARD_HEADER) !== undefined) throw unknownLeader();
      try {
        return await passOn(context, body, urlOf(leader));
      } catch (error) {
        // Nobody is there any more: nothing was done, and the group will name another one.
        if (!isNobodyThere(error) || this.#clock.monotonicMs() >= deadlineMs) throw failed(error, urlOf(leader));
        if (isSame(leader, this.#leader)) this.#leader = undefined;
      }
    }
  }

  async #untilKnown(deadlineMs: number): Promise<void> {
    this.#waiting ??= new Promise((resolve) => (this.#known = resolve));
    const restMs = Math.max(0, deadlineMs - this.#clock.monotonicMs());
    await Promise.race([this.#waiting, delay(this.#clock, restMs)]);
  }
}

async function passOn(context: Context, body: unknown, leader: string): Promise<Response> {
  const url = new URL(context.req.url);
  const headers = new Headers({ [FORWARD_HEADER]: 'true' });
  for (const name of PASSED_ON) {
    const value = context.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const answered = await fetch(`${leader}${url.pathname}${url.search}`, {
    method: context.req.method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = answered.status === 204 ? null : await answered.text();
  const type = answered.headers.get('content-type');
  return new Response(text, { status: answered.status, ...(type !== null && { headers: { 'content-type': type } }) });
}

/** What `fetch` rejects with has the system's error below it. */
function isNobodyThere(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

function failed(error: unknown, leader: string): RegistryError {
  const { message, cause } = error as Error;
  const reason = cause instanceof Error ? cause.message : message;
  return forwardingFailed(`Unexpected error while forwarding the request to ${leader}: ${reason}`);
}
