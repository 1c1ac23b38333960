// What a data directory looks like from outside: whose it is, whether its logs are whole, what lies about. Reads only, so it may be
// looked at while a broker runs; what is being written at that moment may then seem unfinished.
import { holdsLogs } from '../../../log/index.ts';
import { FormatError, readMetaProperties } from '../../../kraft/format/index.ts';
import { METADATA_DIRECTORY_NAME } from '../../../protocol/index.ts';
import type { Disk } from '../../../runtime/index.ts';
import { shownBytes } from '../../terminal/duration.ts';
import { segmentBatches } from '../log/segment-batches.ts';
import { error, type Finding, note, plural, some, warning } from './findings.ts';

interface Examined {
  readonly findings: readonly Finding[];
  readonly looked: string;
}

const LITTLE_ROOM = 0.1;
/** Of an index entry: relative offset and position; timestamp and relative offset. */
const ENTRY_BYTES: Readonly<Record<string, number>> = { index: 8, timeindex: 12 };

/** Throws DiskError when the directory cannot be read. */
export function directoryFindings(disk: Disk, directory: string, isDeep: boolean): Examined {
  const names = disk
    .listSync(directory)
    .filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name)
    .sort();
  const partitions = names.filter((name) => /-\d+$/.test(name) && name !== METADATA_DIRECTORY_NAME);
  const logs = names.includes(METADATA_DIRECTORY_NAME) ? [METADATA_DIRECTORY_NAME, ...partitions] : partitions;
  const seen = { segments: 0, bytes: 0, batches: 0 };
  const findings = [
    ...identityFindings(disk, directory),
    ...leftoverFindings(names),
    ...roomFindings(disk, directory),
    ...shutdownFindings(disk, directory, partitions.length),
    ...logs.flatMap((name) => logFindings(disk, `${directory}/${name}`, { isDeep, seen })),
  ];
  const how = isDeep ? 'all batches read' : 'the last segment of each read';
  const parts = [plural(logs.length, 'log'), plural(seen.segments, 'segment'), shownBytes(seen.bytes)];
  return {
    findings,
    looked: `Looked at ${directory}: ${parts.join(', ')}; ${how} (${plural(seen.batches, 'batch', 'batches')}).`,
  };
}

function identityFindings(disk: Disk, directory: string): Finding[] {
  try {
    if (readMetaProperties(disk, directory) !== undefined) return [];
    const advice =
      'If this is the directory of a broker, put meta.properties back from a copy; if it is new, `ottla format` makes it.';
    return [
      holdsLogs(disk, directory)
        ? error('There are logs, and no meta.properties that says whose they are.', advice)
        : warning('There is no meta.properties: the directory is not formatted.', advice),
    ];
  } catch (failure) {
    if (!(failure instanceof FormatError)) throw failure;
    return [error(`${failure.message}.`, 'The broker refuses to start with it.')];
  }
}

/** What a broker leaves when it is stopped in the middle of something. */
function leftoverFindings(names: readonly string[]): Finding[] {
  const ended = (suffix: string): string[] => names.filter((name) => name.endsWith(suffix));
  const [deleted, stray, future] = [ended('-delete'), ended('-stray'), ended('-future')];
  return [
    ...(deleted.length === 0
      ? []
      : [note(`Waiting to be deleted: ${some(deleted)}.`, 'The broker removes them a minute after it starts.')]),
    ...(stray.length === 0
      ? []
      : [
          warning(
            `Strays, which belong to no partition that the cluster knows: ${some(stray)}.`,
            'If nobody misses what is in them, delete them by hand.',
          ),
        ]),
    ...(future.length === 0
      ? []
      : [note(`On their way from another directory: ${some(future)}.`, 'The broker goes on when it starts.')]),
  ];
}

function roomFindings(disk: Disk, directory: string): Finding[] {
  const { totalBytes, usableBytes } = disk.spaceSync(directory);
  if (totalBytes <= 0 || usableBytes < 0 || usableBytes / totalBytes > LITTLE_ROOM) return [];
  return [
    warning(
      `The file system has ${shownBytes(usableBytes)} of ${shownBytes(totalBytes)} left.`,
      'Shorten retention, delete topics, or add room: a broker whose disk is full stops.',
    ),
  ];
}

function shutdownFindings(disk: Disk, directory: string, partitions: number): Finding[] {
  if (partitions === 0 || disk.existsSync(`${directory}/.kafka_cleanshutdown`)) return [];
  return [
    note(
      'The broker runs, or was not stopped cleanly the last time (there is no .kafka_cleanshutdown).',
      'Nothing is to be done: the next start reads the last segments again and cuts off what is not whole.',
    ),
  ];
}

interface Look {
  readonly isDeep: boolean;
  readonly seen: { segments: number; bytes: number; batches: number };
}

function logFindings(disk: Disk, path: string, look: Look): Finding[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const files = disk.listSync(path).map((entry) => entry.name);
  const segments = files.filter((file) => /^\d{20}\.log$/.test(file)).sort();
  const halves = files.filter((file) => /\.(cleaned|swap)$/.test(file));
  const findings: Finding[] = [];
  if (halves.length > 0) {
    findings.push(
      note(`${name}: cleaning was interrupted (${some(halves)}).`, 'The next start finishes or undoes it.'),
    );
  }
  for (const [index, file] of segments.entries()) {
    look.seen.segments += 1;
    look.seen.bytes += disk.infoSync(`${path}/${file}`)?.sizeBytes ?? 0;
    findings.push(...indexFindings(disk, path, name, file));
    const isLast = index === segments.length - 1;
    if (look.isDeep || isLast) findings.push(...segmentFindings(disk, { path, name, file, isLast }, look));
  }
  return findings;
}

function indexFindings(disk: Disk, path: string, name: string, segment: string): Finding[] {
  return Object.entries(ENTRY_BYTES).flatMap(([suffix, size]) => {
    const file = segment.replace(/log$/, suffix);
    const info = disk.infoSync(`${path}/${file}`);
    if (info === undefined || info.sizeBytes % size === 0) return [];
    return [
      warning(
        `${name}/${file} has ${info.sizeBytes} bytes, which is no multiple of ${size}: it is damaged.`,
        'Delete it while the broker is stopped: it is made anew from the segment.',
      ),
    ];
  });
}

interface SegmentPlace {
  readonly path: string;
  readonly name: string;
  readonly file: string;
  readonly isLast: boolean;
}

function segmentFindings(disk: Disk, { path, name, file, isLast }: SegmentPlace, { seen }: Look): Finding[] {
  let next = Number(file.slice(0, 20));
  for (const batch of segmentBatches(disk, `${path}/${file}`)) {
    seen.batches += 1;
    const place = `${name}/${file}, position ${batch.position}`;
    if (batch.fault !== undefined) return [brokenFinding(place, batch.fault, isLast)];
    if (batch.baseOffset < next) {
      return [
        error(
          `${place}: a batch begins at offset ${batch.baseOffset}, and ${next} was expected.`,
          'Offsets go back, which no broker writes: take the replica from another broker (delete the directory while the broker is stopped).',
        ),
      ];
    }
    next = batch.lastOffset + 1;
  }
  return [];
}

/** The end of the last segment is cut off at a start; anywhere else it is damage. */
function brokenFinding(place: string, fault: string, isLast: boolean): Finding {
  if (isLast) {
    return warning(
      `${place}: ${fault}.`,
      'If the broker is stopped, its next start cuts the log off there; what was acknowledged by other replicas is copied again.',
    );
  }
  return error(
    `${place}: ${fault}.`,
    'The disk, or something else, has changed what was written. Take the replica from another broker: delete the directory of the partition while the broker is stopped.',
  );
}
