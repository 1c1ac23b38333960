// An fcntl lock on the file `.lock`, which is how Apache Kafka holds a directory (Java's FileLock). Node has no call for it, but
// its SQLite takes one when it begins an exclusive transaction: bytes in the middle of what Java locks, which is the whole
// file. Nothing is written: the file stays empty. The kernel lets go of it when the process is dead, a zombie included, and
// keeps it for one that is stopped, in whatever pid namespace.
//
// What it cannot see: kernels that share the directory over a network without passing locks on; Node before 22.13 (22.5 with
// its flag), which has no SQLite. POSIX takes the lock away when the process closes *any* handle of that file: nobody else in
// this process may open it.
export interface FcntlLock {
  release(): void;
}

interface Database {
  exec(sql: string): void;
  close(): void;
}
interface Sqlite {
  readonly DatabaseSync: new (path: string) => Database;
}

/** SQLITE_BUSY in the low byte of SQLite's error numbers: somebody holds the lock. */
const SQLITE_BUSY = 5;

/** 'held': by another process. undefined: there is no such lock here. The file is made when it is not there. */
export function takeFcntlLock(path: string): FcntlLock | 'held' | undefined {
  const sqlite = loadSqlite();
  if (sqlite === undefined) return undefined;
  let database: Database | undefined;
  try {
    const opened = new sqlite.DatabaseSync(path);
    database = opened;
    opened.exec('PRAGMA busy_timeout = 0');
    // No journal is ever needed, and none may be left beside the file.
    opened.exec('PRAGMA journal_mode = MEMORY');
    opened.exec('BEGIN EXCLUSIVE');
    return { release: () => opened.close() };
  } catch (error) {
    database?.close();
    const { errcode } = error as { errcode?: unknown };
    const isBusy = typeof errcode === 'number' && (errcode & 0xff) === SQLITE_BUSY;
    // Whatever else it refuses (no locks on this file system, a file that is not empty): the lease alone has to do.
    return isBusy ? 'held' : undefined;
  }
}

/** Node says once that SQLite is experimental; the few statements used here are not what may change. */
function loadSqlite(): Sqlite | undefined {
  if (typeof process.getBuiltinModule !== 'function') return undefined;
  const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as Sqlite | undefined;
  } finally {
    if (emitWarning !== undefined) Object.defineProperty(process, 'emitWarning', emitWarning);
  }
}
