// Fields that many messages share, named once. The entity tells what a value names: authorisation, audit and tenancy can
// be derived from it.
import { exactInt64, int16, int32, string } from '../schema.ts';

/** Handlers need not say it: whoever throttles the client does. */
export const throttleTimeMs = int32.default(0).doc('How long the client was held back by its quota.');
export const errorCode = int16.doc('One of Errors, 0 for none.');
export const topicName = string.entity('topicName');
export const groupId = string.entity('groupId');
export const transactionalId = string.entity('transactionalId');
export const producerId = exactInt64.entity('producerId');
export const brokerId = int32.entity('brokerId');
