// Kafka's own authorizer (org.apache.kafka.metadata.authorizer.StandardAuthorizer, StandardAuthorizerData): who may do what, by
// the access control entries of the metadata. Super users may do everything; a matching DENY wins, then a matching ALLOW; a
// resource without any entry is open only with allow.everyone.if.no.acl.found. READ, WRITE, DELETE and ALTER imply DESCRIBE,
// ALTER_CONFIGS implies DESCRIBE_CONFIGS, in what is allowed alone.
import type { Authorizer, Session } from '../../api-handlers/index.ts';
import { javaAddress } from '../../api-handlers/index.ts';
import type { MetadataDelta, MetadataImage, MetadataPublisher, Manifest } from '../../kraft/metadata/index.ts';
import {
  AclOperation,
  type AclOperationName,
  AclResourceType,
  type AclResourceTypeName,
  Errors,
  KafkaError,
} from '../../protocol/index.ts';
import { AclIndex } from './acl-index.ts';
import { isAllowedOnAny } from './any-resource.ts';

/** Verdicts about a whole type that are kept until an entry changes. */
const MOST_KEPT = 1000;

/** What makes an operation allowed besides itself. */
const IMPLIED_BY: Readonly<Record<number, number>> = {
  [AclOperation.DESCRIBE]:
    (1 << AclOperation.READ) | (1 << AclOperation.WRITE) | (1 << AclOperation.DELETE) | (1 << AclOperation.ALTER),
  [AclOperation.DESCRIBE_CONFIGS]: 1 << AclOperation.ALTER_CONFIGS,
};

export interface AuthorizerOptions {
  readonly superUsers: ReadonlySet<string>;
  readonly isOpenWithoutAcls: boolean;
}

export class StandardAuthorizer implements Authorizer, MetadataPublisher {
  readonly name = 'authorizer';
  readonly #options: AuthorizerOptions;
  readonly #verdicts = { denied: 0, allowed: 0 };
  readonly #ofTypes = new Map<string, boolean>();
  #index = new AclIndex();
  #isLoaded = false;
  #version = 0;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  get version(): number {
    return this.#version;
  }

  /** From the metadata: the first call brings what there is. */
  publish(delta: MetadataDelta, image: MetadataImage, { kind }: Manifest): void {
    if (kind === 'snapshot' || !this.#isLoaded) {
      this.#index = new AclIndex();
      for (const entry of image.acls.values()) this.#index.add(entry);
    } else {
      if (delta.acls.changed.size === 0) return;
      for (const [id, entry] of delta.acls.changed) {
        if (entry === null) this.#index.remove(id);
        else this.#index.add(entry);
      }
    }
    this.#isLoaded = true;
    this.#version += 1;
    this.#ofTypes.clear();
  }

  isAllowed(session: Session, operation: AclOperationName, resource: AclResourceTypeName, name: string): boolean {
    const { principal } = session;
    if (this.#options.superUsers.has(principal)) return true;
    this.#checkLoaded();
    const verdicts = this.#verdicts;
    verdicts.denied = verdicts.allowed = 0;
    const host = javaAddress(session.remoteAddress);
    const isKnown = this.#index.collect(AclResourceType[resource], name, principal, host, verdicts);
    if (!isKnown) return this.#options.isOpenWithoutAcls;
    const asked = AclOperation[operation];
    if ((verdicts.denied & (1 << asked)) !== 0) return false;
    return (verdicts.allowed & ((1 << asked) | (IMPLIED_BY[asked] ?? 0))) !== 0;
  }

  isAllowedOnAny(session: Session, operation: AclOperationName, resource: AclResourceTypeName): boolean {
    if (this.isAllowed(session, operation, resource, 'hardcode')) return true;
    const host = javaAddress(session.remoteAddress);
    const key = JSON.stringify([session.principal, host, operation, resource]);
    let isAllowed = this.#ofTypes.get(key);
    if (isAllowed === undefined) {
      const question = { principal: session.principal, host, operation: AclOperation[operation] };
      isAllowed = isAllowedOnAny(this.#index.entries(), AclResourceType[resource], question);
      if (this.#ofTypes.size >= MOST_KEPT) this.#ofTypes.clear();
      this.#ofTypes.set(key, isAllowed);
    }
    return isAllowed;
  }

  /** Until the entries are there nobody but super users gets an answer (AuthorizerNotReadyException). */
  #checkLoaded(): void {
    if (!this.#isLoaded) {
      throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'The authorizer is not ready: its entries are not loaded.');
    }
  }
}
