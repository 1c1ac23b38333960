// Who may call: everybody; those of a list, with HTTP's basic authentication; or the broker's own users, whose name and password are
// tried by logging in to it. What was right once is believed for a while, so that not every call costs a login.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import type { Clock } from '../../runtime/index.ts';
import { answer } from './answers.ts';

/** Resolves to whether these are name and password of somebody. */
export type CheckLogin = (user: string, password: string) => Promise<boolean>;

export interface Authentication {
  /** The answer to somebody who may not call; undefined: they may. */
  refusal(context: Context): Promise<Response | undefined>;
}

const REALM = 'SchemaRegistry';
const BELIEVED_MS = 60_000;
const MOST_BELIEVED = 1000;
/** Health checks come without a name. */
const OPEN_PATHS = new Set(['/status/ready']);

export const everybody: Authentication = { refusal: () => Promise.resolve(undefined) };

export function listedUsers(users: Readonly<Record<string, string>>): CheckLogin {
  return (user, password) => {
    const known = Object.hasOwn(users, user) ? users[user] : undefined;
    // As long whether the name is known or not.
    const isRight = timingSafeEqual(digest(known ?? ''), digest(password));
    return Promise.resolve(known !== undefined && isRight);
  };
}

export class BasicAuthentication implements Authentication {
  readonly #check: CheckLogin;
  readonly #clock: Clock;
  /** Digests of names and passwords, and until when they are believed. */
  readonly #believed = new Map<string, number>();
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(check: CheckLogin, clock: Clock) {
    this.#check = check;
    this.#clock = clock;
  }

  async refusal(context: Context): Promise<Response | undefined> {
    if (OPEN_PATHS.has(context.req.path)) return undefined;
    const login = loginIn(context.req.header('authorization'));
    if (login !== undefined && (await this.#isRight(...login))) return undefined;
    const refused = answer(context, { error_code: 401, message: 'Unauthorized' }, 401);
    refused.headers.set('www-authenticate', `Basic realm="${REALM}"`);
    return refused;
  }

  async #isRight(user: string, password: string): Promise<boolean> {
    const key = digest(`${user}\0${password}`).toString('base64');
    if ((this.#believed.get(key) ?? 0) > this.#clock.monotonicMs()) return true;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#check(user, password).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    if (!(await asking)) return false;
    if (this.#believed.size >= MOST_BELIEVED) this.#believed.clear();
    this.#believed.set(key, this.#clock.monotonicMs() + BELIEVED_MS);
    return true;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function loginIn(header: string | undefined): [string, string] | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec((header ?? '').trim())?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}
