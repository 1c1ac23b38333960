// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface IncrementalAlterConfigsResourcesConfigs {
  readonly name: string;
  /** 0 set, 1 delete, 2 append, 3 subtract. */
  readonly configOperation: number;
  readonly value: string | null;
}

export interface IncrementalAlterConfigsResources {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly IncrementalAlterConfigsResourcesConfigs[];
}

export interface IncrementalAlterConfigsRequest {
  readonly resources: readonly IncrementalAlterConfigsResources[];
  /** true: only say whether it would work. */
  readonly validateOnly: boolean;
}
