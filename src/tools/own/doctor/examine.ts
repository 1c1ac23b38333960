// What `ottla doctor` does.
import { type CommandContext, failureText, type Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { error, exitCodeOf, type Finding, findingsText, plural, sortedFindings } from './findings.ts';

interface Examined {
  readonly findings: readonly Finding[];
  /** What was looked at, a sentence. */
  readonly looked: string;
}

export const examine: Work<{ readonly deep?: boolean }> = async (context, [directory], { deep = false }) => {
  const { findings, looked } =
    directory === undefined ? await cluster(context) : await dataDirectory(context, directory, deep);
  if (context.output.isText) context.output.text(findingsText(findings, looked, context.io.isColored));
  else context.output.data(sortedFindings(findings));
  return exitCodeOf(findings);
};

async function cluster(context: CommandContext): Promise<Examined> {
  const { clusterFacts } = await import('./cluster-facts.ts');
  const { clusterFindings } = await import('./cluster-findings.ts');
  const { brokers } = context.settings;
  try {
    const facts = await clusterFacts(context);
    const partitions = facts.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    const parts = [
      plural(facts.brokers.length, 'broker'),
      plural(facts.topics.length, 'topic'),
      plural(partitions, 'partition'),
    ];
    return {
      findings: clusterFindings(facts),
      looked: `Looked at ${parts.join(', ')}, ${plural(facts.groups.length, 'group')}.`,
    };
  } catch (failure) {
    if (context.io.signal.aborted) throw failure;
    const what = `The cluster does not answer at ${brokers}: ${failureText(failure)}`;
    return {
      findings: [
        error(
          what,
          'Check the address, that a broker listens there (`ss -ltn`), and whether it wants TLS or a login (-X tls.enabled=true, -X user=...).',
        ),
      ],
      looked: 'Nothing could be looked at.',
    };
  }
}

async function dataDirectory(context: CommandContext, directory: string, isDeep: boolean): Promise<Examined> {
  const { disk } = context.io.runtime;
  const info = disk.infoSync(directory);
  if (info === undefined) throw new Failure(`${directory}: there is no such directory`);
  if (!info.isDirectory) throw new Failure(`${directory} is a file: \`ottla log dump\` shows what is in a segment`);
  const { directoryFindings } = await import('./directory-findings.ts');
  return directoryFindings(disk, directory, isDeep);
}
