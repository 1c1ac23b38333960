// Which APIs a broker's listener serves, from the list that the broker itself uses.
import { brokerHandlers, type HandlerParts } from '../../src/api-handlers/index.ts';

/** Making the list calls none of the parts: they are for the handlers, which are loaded when they are asked for. */
const untouched = new Proxy({} as HandlerParts, { get: () => undefined });

export const servedKeys: ReadonlySet<number> = new Set(brokerHandlers(untouched).map(({ key }) => key));
