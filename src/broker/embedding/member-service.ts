// What is said between a cluster and a node of its that runs in a thread of its own. Types alone.
import type { Durability, LogFields, LogLevel } from '../../runtime/index.ts';
import type { StartOptions } from './embedding.ts';
import type { MemberPlan } from './member.ts';

/** Options that can be copied to another thread. */
export type CopiedOptions = Omit<
  StartOptions,
  'clock' | 'logger' | 'onWarning' | 'onFailure' | 'onRequest' | 'history'
>;

export interface MemberThreadData {
  readonly plan: MemberPlan;
  readonly options: CopiedOptions;
  /** Nobody reads the lines of the log. */
  readonly isSilent: boolean;
}

/** Of a node that listens. */
export interface MemberPlace {
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly ports: readonly number[];
  readonly dataDir: string;
  readonly durability: Durability;
  readonly warnings: readonly string[];
}

/** Answered when it is done. */
export type MemberQuestion =
  | { readonly do: 'listen' | 'start' | 'stop' | 'close' | 'kill' | 'prepare' }
  | {
      readonly do: 'configure';
      readonly config: Readonly<Record<string, string>>;
      readonly ports: ReadonlyMap<number, number>;
    }
  | {
      readonly do: 'reassign';
      readonly topic: string;
      readonly partition: number;
      readonly replicas: readonly number[];
    }
  | { readonly do: 'elect'; readonly topic: string; readonly partition: number };

/** A StartError cannot be copied as such. */
export type MemberAnswer =
  | { readonly done: unknown }
  | { readonly refused: { readonly message: string; readonly code: string | undefined } };

/** Answered at once. */
export type MemberGlance =
  | { readonly see: 'knows' | 'heal' }
  | { readonly see: 'partition'; readonly topic: string; readonly partition: number }
  | { readonly see: 'cut'; readonly groups: readonly (readonly number[])[]; readonly nodes: readonly number[] };

/** Said without having been asked. */
export type MemberNews =
  | { readonly failure: string }
  | {
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: LogFields | undefined;
      /** Of the logger and those above it. */
      readonly components: readonly string[];
    };
