// The access control entries of one pattern, by principal, as sets of bits: what is denied and what is allowed on which host.
import { ACL_WILDCARD, AclPermissionType, ALL_OPERATIONS } from '../../protocol/index.ts';
import type { AclEntry } from '../../kraft/metadata/index.ts';

/** Bit n is AclOperation n. */
export interface Verdicts {
  denied: number;
  allowed: number;
}

/** Entries of one principal on one host. */
interface HostRules {
  readonly host: string;
  denied: number;
  allowed: number;
  readonly entries: AclEntry[];
}

const everything = 0xffff;
const bitsOf = (operation: number): number => (operation === ALL_OPERATIONS ? everything : 1 << operation);

export class AclRules {
  readonly #byPrincipal = new Map<string, HostRules[]>();

  get isEmpty(): boolean {
    return this.#byPrincipal.size === 0;
  }

  add(entry: AclEntry): void {
    let hosts = this.#byPrincipal.get(entry.principal);
    if (hosts === undefined) this.#byPrincipal.set(entry.principal, (hosts = []));
    let rules = hosts.find(({ host }) => host === entry.host);
    if (rules === undefined) hosts.push((rules = { host: entry.host, denied: 0, allowed: 0, entries: [] }));
    rules.entries.push(entry);
    count(rules, entry);
  }

  remove(entry: AclEntry): void {
    const hosts = this.#byPrincipal.get(entry.principal);
    const rules = hosts?.find(({ host }) => host === entry.host);
    if (hosts === undefined || rules === undefined) return;
    const place = rules.entries.findIndex(({ id }) => id === entry.id);
    if (place < 0) return;
    rules.entries.splice(place, 1);
    rules.denied = rules.allowed = 0;
    for (const each of rules.entries) count(rules, each);
    if (rules.entries.length > 0) return;
    hosts.splice(hosts.indexOf(rules), 1);
    if (hosts.length === 0) this.#byPrincipal.delete(entry.principal);
  }

  /** Adds to `verdicts` what the entries say of this principal on this host. */
  collect(principal: string, host: string, verdicts: Verdicts): void {
    const hosts = this.#byPrincipal.get(principal);
    if (hosts === undefined) return;
    for (const rules of hosts) {
      if (rules.host !== host && rules.host !== ACL_WILDCARD) continue;
      verdicts.denied |= rules.denied;
      verdicts.allowed |= rules.allowed;
    }
  }
}

function count(rules: HostRules, { operation, permissionType }: AclEntry): void {
  if (permissionType === AclPermissionType.DENY) rules.denied |= bitsOf(operation);
  else rules.allowed |= bitsOf(operation);
}
