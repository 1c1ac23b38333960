// What a pass has done (Kafka's CleanerStats).
export class CleanerStats {
  /** Of the building of the map. */
  mapMessagesRead = 0;
  mapBytesRead = 0;
  messagesRead = 0;
  messagesWritten = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** Records without a key, which are dropped. */
  invalidMessagesRead = 0;
  /** Share of the map's memory that was used. */
  bufferUtilization = 0;
  mapMs = 0;
  totalMs = 0;
}
