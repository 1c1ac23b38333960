// Who a replica of the metadata log is (KIP-853): its node id, and the directory that its log is in.
import { ZERO_UUID } from '../../protocol/index.ts';

export interface ReplicaKey {
  readonly id: number;
  /** The zero uuid: not known, as with static voters. */
  readonly directoryId: string;
}

/** Whether `named` means `actual`: by id alone where it does not say in which directory. */
export function isMeant(named: ReplicaKey, actual: ReplicaKey): boolean {
  return named.id === actual.id && (named.directoryId === ZERO_UUID || named.directoryId === actual.directoryId);
}

export const keyText = ({ id, directoryId }: ReplicaKey): string => `${id}:${directoryId}`;
