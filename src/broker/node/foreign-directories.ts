// Directories that nobody has formatted: which of them may be. `--data` that points at the wrong place (a home, another
// program's data) is refused before anything is made there.
import { FormatError } from '../../kraft/format/index.ts';
import { holdsLogs, isBrokerFile } from '../../log/index.ts';
import { type Disk, DiskError, type Logger } from '../../runtime/index.ts';

/** What file systems, desktops, backup programs and container images leave in a directory that is otherwise empty. */
const OF_NOBODY = /^(lost\+found|System Volume Information|\$RECYCLE\.BIN|@eaDir|aquota\.(user|group)|\..*)$/;
/** Names with a dot that tell a home or a project. */
const OF_SOMEBODY =
  /^\.(bash.*|profile|zsh.*|ssh|gnupg|config|local|cache|npm|git|hg|svn|env|vscode|idea|mozilla|aws|kube|docker|viminfo)$/;
const NAMED = 5;

/**
 * Throws FormatError for a directory that is not formatted, and holds things of somebody else and none of a broker. One that
 * holds partitions and no meta.properties is told of.
 */
export function refuseForeignDirectories(disk: Disk, logger: Logger, paths: readonly string[]): void {
  for (const path of new Set(paths)) {
    try {
      refuseForeign(disk, logger, path);
    } catch (error) {
      // A disk that cannot be read is found by whoever uses it next, and may be left out.
      if (!(error instanceof DiskError)) throw error;
    }
  }
}

function refuseForeign(disk: Disk, logger: Logger, path: string): void {
  if (disk.infoSync(path)?.isDirectory !== true || disk.existsSync(`${path}/meta.properties`)) return;
  if (holdsLogs(disk, path)) {
    const message =
      'the directory holds partitions and no meta.properties: it is taken as a new one, and what the metadata does not know is set aside';
    logger.log('warn', message, { path });
    return;
  }
  const foreign = disk
    .listSync(path)
    .map(({ name }) => name)
    .filter((name) => !isBrokerFile(name) && (!OF_NOBODY.test(name) || OF_SOMEBODY.test(name)))
    .sort();
  if (foreign.length === 0) return;
  const more = foreign.length > NAMED ? ` and ${foreign.length - NAMED} more` : '';
  throw new FormatError(
    `${path} is not a broker's directory and not empty: it holds ${foreign.slice(0, NAMED).join(', ')}${more}. ` +
      `Choose an empty directory, such as ${path}/ottla, or move these away`,
  );
}
