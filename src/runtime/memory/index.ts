// A disk in memory, for brokers that keep nothing and for tests.
export { MemoryDisk, type MemoryDiskOptions } from './memory-disk.ts';
