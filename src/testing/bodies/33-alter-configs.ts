// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface AlterConfigsResourcesConfigs {
  readonly name: string;
  readonly value: string | null;
}

export interface AlterConfigsResources {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly AlterConfigsResourcesConfigs[];
}

export interface AlterConfigsRequest {
  readonly resources: readonly AlterConfigsResources[];
  /** true: only say whether it would work. */
  readonly validateOnly: boolean;
}
