// The classes of a broker of Apache Kafka in a file of the cache (class data sharing): with it a JVM serves in about half the time,
// which counts where one is started dozens of times.

import { existsSync, renameSync } from 'node:fs';
import { archiveFile, type KafkaJars } from '../toolchain/kafka-jars.ts';
import { Cluster, JAVA_FLAGS } from './cluster.ts';

/** The flags of a broker that is started often. `directory`: of the node that is run once, where the file is not there yet. */
export async function oftenStarted(jars: KafkaJars, directory: string): Promise<readonly string[]> {
  const flags = [...JAVA_FLAGS, '-XX:TieredStopAtLevel=1'];
  const file = await archiveFile('broker', jars);
  if (!existsSync(file)) {
    const partial = `${file}.${process.pid}`;
    const javaFlags = [...flags, `-XX:ArchiveClassesAtExit=${partial}`];
    const cluster = await Cluster.start({ nodes: [{ id: 1, kind: 'apache' }], directory, jars, javaFlags });
    await cluster.stop();
    if (!existsSync(partial)) return flags;
    renameSync(partial, file);
  }
  return [...flags, `-XX:SharedArchiveFile=${file}`];
}
