// Random sets of access control entries, and random questions about them, on a seed: names, principals and hosts are few and alike,
// so that patterns meet.
import { AclOperation, AclResourceType, SUPPORTED_OPERATIONS } from '../../src/protocol/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';

export interface AclRow {
  readonly resourceType: string;
  readonly resourceName: string;
  readonly patternType: string;
  readonly principal: string;
  readonly host: string;
  readonly operation: string;
  readonly permission: string;
}

export interface Question {
  readonly principal: string;
  readonly host: string;
  readonly operation: string;
  readonly resourceType: string;
  /** undefined: on any resource of the type whatever. */
  readonly resourceName: string | undefined;
}

export interface QuestionSet {
  readonly superUsers: string;
  readonly allowEveryoneIfNoAclFound: string;
  readonly acls: readonly AclRow[];
  readonly questions: readonly Question[];
}

const LETTERS = ['a', 'b', '-', 'Z'];
const PRINCIPALS = ['User:a', 'User:b', 'User:ab', 'Group:a', 'User:CN=a,O=b', 'User:*', 'Group:*', 'user:a'];
/** Kafka fails on an asker that is called everybody. */
const ASKERS = PRINCIPALS.filter((principal) => principal !== 'User:*');
const HOSTS = ['10.0.0.1', '10.0.0.2', '192.168.0.7', '::1', 'fe80::1'];
const TYPES = Object.keys(AclResourceType) as (keyof typeof AclResourceType)[];
const ANY_TYPE_SHARE = 20;

export class Questions {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  set(acls: number, questions: number): QuestionSet {
    return {
      superUsers: this.#below(4) === 0 ? this.#one(PRINCIPALS) : '',
      allowEveryoneIfNoAclFound: String(this.#below(3) === 0),
      acls: Array.from({ length: acls }, () => this.#acl()),
      questions: Array.from({ length: questions }, () => this.#question()),
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
  #one<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }
  #name(most: number): string {
    return Array.from({ length: 1 + this.#below(most) }, () => this.#one(LETTERS)).join('');
  }

  #acl(): AclRow {
    const isPrefixed = this.#below(2) === 0;
    return {
      resourceType: this.#one(TYPES),
      resourceName: !isPrefixed && this.#below(5) === 0 ? '*' : this.#name(isPrefixed ? 3 : 5),
      patternType: isPrefixed ? 'PREFIXED' : 'LITERAL',
      principal: this.#one(PRINCIPALS),
      host: this.#below(2) === 0 ? '*' : this.#one(HOSTS),
      operation: this.#below(6) === 0 ? 'ALL' : this.#one(Object.keys(AclOperation)),
      permission: this.#below(4) === 0 ? 'DENY' : 'ALLOW',
    };
  }

  #question(): Question {
    const resourceType = this.#one(TYPES);
    return {
      principal: this.#one(ASKERS),
      host: this.#one(HOSTS),
      operation: this.#one(SUPPORTED_OPERATIONS[resourceType]),
      resourceType,
      resourceName: this.#below(ANY_TYPE_SHARE) === 0 ? undefined : this.#name(5),
    };
  }
}

/** As the Java program reads them. */
export function linesOf({ superUsers, allowEveryoneIfNoAclFound, acls, questions }: QuestionSet): string[] {
  return [
    ['S', superUsers, allowEveryoneIfNoAclFound],
    ...acls.map((acl) => [
      'A',
      acl.resourceType,
      acl.resourceName,
      acl.patternType,
      acl.principal,
      acl.host,
      acl.operation,
      acl.permission,
    ]),
    ...questions.map(({ principal, host, operation, resourceType, resourceName }) =>
      resourceName === undefined
        ? ['T', principal, host, operation, resourceType]
        : ['Q', principal, host, operation, resourceType, resourceName],
    ),
  ].map((fields) => fields.join('\t'));
}
