// APIs that ask for a list, each item a resource of its own: what is denied gets the answer in which it failed, the rest is the
// handler's.
import type { AclOperationName, AclResourceTypeName } from '../../protocol/index.ts';
import { answerOf, type Body, type Guard, type Guarded, may, refusalOf, withAnswer } from './guard.ts';

export type Item = Body | string;

/** Who must be allowed what, for an item. undefined: the handler knows better. */
export interface ItemPermission {
  readonly operation: AclOperationName;
  readonly resource: AclResourceTypeName;
  readonly name: string;
  readonly code: number;
  readonly message?: string | null;
}

export interface ItemRule {
  /** The list in the request, and the one in the answer. */
  readonly asked: string;
  readonly answered: string;
  readonly permission: (item: never, guarded: Guarded) => ItemPermission | undefined;
}

/** What is allowed of a list, and answers for what is not. */
interface Split {
  readonly allowed: readonly Item[];
  readonly refused: readonly unknown[];
}

export function split(guarded: Guarded, rule: ItemRule): Split | undefined {
  const items = guarded.request[rule.asked] as readonly Item[] | null;
  const allowed: Item[] = [];
  const refused: unknown[] = [];
  for (const item of items ?? []) {
    const needed = rule.permission(item as never, guarded);
    if (needed === undefined || may(guarded, needed.operation, needed.resource, needed.name)) {
      allowed.push(item);
      continue;
    }
    const asked = { ...guarded.request, [rule.asked]: [item] };
    const refusal = refusalOf(guarded, asked, needed.code, needed.message ?? null);
    refused.push(...(refusal[rule.answered] as unknown[]));
  }
  return refused.length === 0 ? undefined : { allowed, refused };
}

/** Each item by itself. `change`: what else becomes of the answers to what is allowed. */
export function eachItem(rule: ItemRule, change: (body: Body, guarded: Guarded) => Body = (body) => body): Guard {
  return (guarded) => {
    const parts = split(guarded, rule);
    if (parts === undefined) return withAnswer(answerOf(guarded), (body) => change(body, guarded));
    const { allowed, refused } = parts;
    const request = { ...guarded.request, [rule.asked]: allowed };
    if (allowed.length === 0) return withAnswer(emptyAnswer(guarded, rule), (body) => joined(body, rule, refused));
    return withAnswer(answerOf(guarded, request), (body) => joined(change(body, guarded), rule, refused));
  };
}

function emptyAnswer(guarded: Guarded, { asked, answered }: ItemRule): Body {
  const { errorCode: _, errorMessage: __, ...rest } = refusalOf(guarded, { ...guarded.request, [asked]: [] }, 0);
  return { ...rest, [answered]: [] };
}

function joined(body: Body, { answered }: ItemRule, refused: readonly unknown[]): Body {
  return { ...body, [answered]: [...(body[answered] as readonly unknown[]), ...refused] };
}
