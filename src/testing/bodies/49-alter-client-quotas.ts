// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterClientQuotasEntriesEntity {
  readonly entityType: string;
  /** null: the default of the type. */
  readonly entityName: string | null;
}

export interface AlterClientQuotasEntriesOps {
  readonly key: string;
  readonly value: number;
  /** true: remove the quota, value is not looked at. */
  readonly remove: boolean;
}

export interface AlterClientQuotasEntries {
  readonly entity: readonly AlterClientQuotasEntriesEntity[];
  readonly ops: readonly AlterClientQuotasEntriesOps[];
}

export interface AlterClientQuotasRequest {
  readonly entries: readonly AlterClientQuotasEntries[];
  /** true: only say whether it would work. */
  readonly validateOnly: boolean;
}
