// Cases that are red on Apache Kafka 4.3.1 itself, each with the reason. Nothing else may stand here: a case that only
// we fail is a defect.

interface Struck {
  readonly suite: string;
  readonly name: string;
  readonly reason: string;
}

const STRUCK: readonly Struck[] = [];

export function struckReason(suite: string, name: string): string | undefined {
  return STRUCK.find((entry) => entry.suite === suite && entry.name === name)?.reason;
}
