// Transaction markers on their way to the leaders of their partitions, wherever those are (Kafka: the half of
// TransactionMarkerChannelManager that looks for leaders). What other brokers get goes through channels to them, whose code a
// node alone does not carry. Nothing is tried twice here: the transaction coordinator does that.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { Errors, type Peers } from '../../protocol/index.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { MarkerToWrite, MarkerWriter } from '../../transaction-coordinator/index.ts';
import type { MarkerChannels } from './marker-channels.ts';

export interface ClusterMarkersOptions {
  readonly nodeId: number;
  readonly image: () => MetadataImage;
  /** For partitions that this node leads, and to say why there are none. */
  readonly local: MarkerWriter;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ClusterMarkers implements MarkerWriter {
  readonly #options: ClusterMarkersOptions;
  #channels: MarkerChannels | undefined;

  constructor(options: ClusterMarkersOptions) {
    this.#options = options;
  }

  write(topic: string, partition: number, marker: MarkerToWrite): Promise<number> {
    const { nodeId, image, local } = this.#options;
    const leader = image().topics.byName.get(topic)?.partitions[partition]?.leader ?? nodeId;
    if (leader === nodeId) return local.write(topic, partition, marker);
    if (leader < 0) return Promise.resolve(Errors.LEADER_NOT_AVAILABLE);
    const toWrite = { topic, partition, marker };
    if (this.#channels !== undefined) return this.#channels.write(leader, toWrite);
    return loadMarkerChannels().then((room) => {
      this.#channels ??= new room.MarkerChannels(this.#options);
      return this.#channels.write(leader, toWrite);
    });
  }
}

let room: Promise<typeof import('./marker-channels.ts')> | undefined;

/** The code of the channels, loaded once. */
export function loadMarkerChannels(): Promise<typeof import('./marker-channels.ts')> {
  room ??= import('./marker-channels.ts');
  return room;
}
