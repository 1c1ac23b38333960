// What has gone over the connections of a listener, since it was opened (Kafka: the sensors of its Selector). Counted whether somebody
// asks or not: where a request begins and an answer leaves it is four additions.

export class ListenerTraffic {
  requests = 0;
  responses = 0;
  /** Of requests, without the sizes in front of their frames. */
  bytesIn = 0;
  bytesOut = 0;

  /** A request has come. */
  received(sizeBytes: number): void {
    this.requests += 1;
    this.bytesIn += sizeBytes;
  }
}
