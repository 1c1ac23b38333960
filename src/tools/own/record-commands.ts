// `ottla produce` and `ottla consume`: the same as below `ottla topic`.
import { singleCommand } from './command-frame.ts';
import { consumeVerb, produceVerb } from './record-verbs.ts';

export const produce = singleCommand(produceVerb);
export const consume = singleCommand(consumeVerb);
