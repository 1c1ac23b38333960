// The process and its event loop, under the names that Node.js programs use (prom-client's), and what Strimzi's dashboards ask of the
// disk.
import { counter, type Family, gauge, labels, one, sample } from '../family.ts';
import type { Page } from '../sources.ts';

export function* processFamilies({ vitals, files, disk }: Page): Generator<Family> {
  const { userSeconds, systemSeconds } = vitals.cpu();
  yield counter('process_cpu_user_seconds', 'CPU time of the process, in its own code.', one(userSeconds));
  yield counter('process_cpu_system_seconds', 'CPU time of the process, in the kernel.', one(systemSeconds));
  yield counter('process_cpu_seconds', 'CPU time of the process.', one(userSeconds + systemSeconds));
  yield gauge('process_start_time_seconds', 'When the process started, since the epoch.', one(vitals.startedSeconds));
  yield* fileFamilies(files, disk);
  yield* loopFamilies(vitals);
  yield* memoryFamilies(vitals);
  const collections = vitals.collections().map((row) => ({ ...row, text: labels({ kind: row.kind }) }));
  yield {
    name: 'nodejs_gc_duration_seconds',
    type: 'summary',
    help: 'Garbage collections.',
    samples: collections.flatMap(({ text, count, seconds }) => [
      { suffix: '_sum', labels: text, value: seconds },
      { suffix: '_count', labels: text, value: count },
    ]),
  };
}

function* fileFamilies(files: Page['files'], disk: Page['disk']): Generator<Family> {
  if (files.open >= 0) yield gauge('process_open_fds', 'Open file descriptors.', one(files.open));
  if (files.max >= 0) yield gauge('process_max_fds', 'How many file descriptors may be open.', one(files.max));
  const name = 'kafka_server_kafkaserver_linux_disk_';
  if (disk.read >= 0) yield gauge(`${name}read_bytes`, 'Bytes that the process has had read of disks.', one(disk.read));
  if (disk.written >= 0) {
    yield gauge(`${name}write_bytes`, 'Bytes that the process has had written to disks.', one(disk.written));
  }
}

function* loopFamilies(vitals: Page['vitals']): Generator<Family> {
  const name = 'nodejs_eventloop_lag_';
  const help = 'Seconds by which the event loop was late since the last scrape:';
  for (const [what, seconds] of Object.entries(vitals.loopDelay())) {
    yield gauge(`${name}${what}_seconds`, `${help} ${what}.`, one(seconds));
  }
  yield gauge('ottla_eventloop_idle_ratio', 'The part of the time that the event loop is idle.', one(vitals.idle()));
}

function* memoryFamilies(vitals: Page['vitals']): Generator<Family> {
  const { residentBytes, heapTotalBytes, heapUsedBytes, externalBytes, arrayBufferBytes } = vitals.memory();
  yield gauge('process_resident_memory_bytes', 'Resident memory.', one(residentBytes));
  yield gauge('nodejs_heap_size_total_bytes', 'The size of the heap.', one(heapTotalBytes));
  yield gauge('nodejs_heap_size_used_bytes', 'What of the heap is in use.', one(heapUsedBytes));
  yield gauge('nodejs_external_memory_bytes', 'Memory outside of the heap.', one(externalBytes));
  yield gauge('nodejs_array_buffers_bytes', 'Memory of buffers.', one(arrayBufferBytes));
  const spaces = vitals.heapSpaces().map((space) => ({ ...space, text: labels({ space: space.name }) }));
  yield gauge(
    'nodejs_heap_space_size_total_bytes',
    'The size of a part of the heap.',
    spaces.map(({ text, totalBytes }) => sample(totalBytes, text)),
  );
  yield gauge(
    'nodejs_heap_space_size_used_bytes',
    'What of a part of the heap is in use.',
    spaces.map(({ text, usedBytes }) => sample(usedBytes, text)),
  );
  yield gauge(
    'nodejs_heap_space_size_available_bytes',
    'What of a part of the heap is free.',
    spaces.map(({ text, availableBytes }) => sample(availableBytes, text)),
  );
}
