// The record type of classic groups: one record has all of a group.
import { GroupRecordType } from '../group-record.ts';
import { groupMetadataKey, groupMetadataValue } from '../../protocol/messages/classic-group-records.ts';

export const groupMetadata = new GroupRecordType({
  number: 2,
  key: groupMetadataKey,
  value: groupMetadataValue,
  groupIdOf: ({ group }) => group,
  // The newest that is not flexible: brokers before it can read it.
  valueVersion: 3,
});
