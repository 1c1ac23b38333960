// All access control entries, found by the name of a resource: literal ones in a map, prefixes in sorted order. Of the prefixes
// that apply to a name the longest is, or is a prefix of, the last one that sorts before the name; each knows the next shorter
// one that it begins with. So a question costs a few comparisons, however many entries there are.
import { ACL_WILDCARD, AclPattern } from '../../protocol/index.ts';
import type { AclEntry } from '../../kraft/metadata/index.ts';
import { AclRules, type Verdicts } from './acl-rules.ts';

const EVERYBODY = 'User:*';

interface Prefix {
  readonly text: string;
  readonly rules: AclRules;
  /** The longest other prefix that this one begins with. */
  shorter: Prefix | undefined;
}

/** The entries of one type of resource. */
class TypeIndex {
  readonly literals = new Map<string, AclRules>();
  readonly prefixes = new Map<string, Prefix>();
  /** Made anew when prefixes have come or gone. */
  #sorted: Prefix[] | undefined;

  rulesFor({ patternType, resourceName }: AclEntry): AclRules {
    if (patternType !== AclPattern.PREFIXED) {
      let rules = this.literals.get(resourceName);
      if (rules === undefined) this.literals.set(resourceName, (rules = new AclRules()));
      return rules;
    }
    let prefix = this.prefixes.get(resourceName);
    if (prefix === undefined) {
      prefix = { text: resourceName, rules: new AclRules(), shorter: undefined };
      this.prefixes.set(resourceName, prefix);
      this.#sorted = undefined;
    }
    return prefix.rules;
  }

  forget({ patternType, resourceName }: AclEntry): void {
    if (patternType !== AclPattern.PREFIXED) this.literals.delete(resourceName);
    else if (this.prefixes.delete(resourceName)) this.#sorted = undefined;
  }

  /** The longest prefix that `name` begins with. */
  longestPrefixOf(name: string): Prefix | undefined {
    if (this.prefixes.size === 0) return undefined;
    const sorted = (this.#sorted ??= sortedPrefixes(this.prefixes.values()));
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as Prefix).text <= name) low = middle + 1;
      else high = middle;
    }
    let prefix = sorted[low - 1];
    while (prefix !== undefined && !name.startsWith(prefix.text)) prefix = prefix.shorter;
    return prefix;
  }
}

function sortedPrefixes(prefixes: Iterable<Prefix>): Prefix[] {
  const sorted = [...prefixes].sort((one, other) => (one.text < other.text ? -1 : 1));
  let previous: Prefix | undefined;
  for (const prefix of sorted) {
    let shorter = previous;
    while (shorter !== undefined && !prefix.text.startsWith(shorter.text)) shorter = shorter.shorter;
    prefix.shorter = shorter;
    previous = prefix;
  }
  return sorted;
}

export class AclIndex {
  /** By ResourceType. */
  readonly #types: TypeIndex[] = [];
  readonly #entries = new Map<string, AclEntry>();

  get size(): number {
    return this.#entries.size;
  }

  entries(): IterableIterator<AclEntry> {
    return this.#entries.values();
  }

  add(entry: AclEntry): void {
    this.remove(entry.id);
    this.#entries.set(entry.id, entry);
    (this.#types[entry.resourceType] ??= new TypeIndex()).rulesFor(entry).add(entry);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    const type = entry === undefined ? undefined : this.#types[entry.resourceType];
    if (entry === undefined || type === undefined) return;
    this.#entries.delete(id);
    const rules = type.rulesFor(entry);
    rules.remove(entry);
    if (rules.isEmpty) type.forget(entry);
  }

  /** What is said of the principal on this host about a resource; false when there is no entry for the resource at all. */
  collect(resourceType: number, name: string, principal: string, host: string, verdicts: Verdicts): boolean {
    const type = this.#types[resourceType];
    if (type === undefined) return false;
    const ofName = type.literals.get(name);
    if (ofName !== undefined) ask(ofName, principal, host, verdicts);
    const ofAll = name === ACL_WILDCARD ? undefined : type.literals.get(ACL_WILDCARD);
    if (ofAll !== undefined) ask(ofAll, principal, host, verdicts);
    const longest = type.longestPrefixOf(name);
    for (let prefix = longest; prefix !== undefined; prefix = prefix.shorter)
      ask(prefix.rules, principal, host, verdicts);
    return ofName !== undefined || ofAll !== undefined || longest !== undefined;
  }
}

function ask(rules: AclRules, principal: string, host: string, verdicts: Verdicts): void {
  rules.collect(principal, host, verdicts);
  if (principal !== EVERYBODY) rules.collect(EVERYBODY, host, verdicts);
}
