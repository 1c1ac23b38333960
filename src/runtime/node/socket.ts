// With secured-socket.ts the one place that leans on something that Node does not document: a socket that is there already cannot be
// told to read into our buffers, but a new Socket made round its handle can (`onread` is documented, `handle` for such sockets and
// `_handle` are not). Where that is missing, 'data' events and a copy do the same at about half the speed
// (measured: spec node-io, table 2a). A test runs both on every supported Node.
import { Socket, type SocketConstructorOpts } from 'node:net';

/** Whoever owns the bytes: the two receiving calls of ConnectionEvents. */
export interface Receiver {
  receiveBuffer(): Uint8Array;
  onReceived(sizeBytes: number): void;
}

interface WithHandle {
  _handle: { readonly useUserBuffer?: unknown } | null;
}

/**
 * Starts receiving from a socket that was accepted with `pauseOnConnect`, or dialled and paused. The socket to use from now
 * on comes back; the one given is dead.
 */
export function receiveInto(accepted: Socket, receiver: Receiver): Socket {
  const { _handle: handle } = accepted as unknown as WithHandle;
  return typeof handle?.useUserBuffer === 'function'
    ? receiveByOnread(accepted, receiver)
    : receiveByData(accepted, receiver);
}

/** Rewraps the handle so that the kernel's bytes land in the receiver's buffers. */
export function receiveByOnread(accepted: Socket, receiver: Receiver): Socket {
  const holder = accepted as unknown as WithHandle;
  const handle = holder._handle;
  // Without its handle the accepted socket has nothing to close, but its server stops counting it.
  holder._handle = null;
  accepted.destroy();
  return new Socket({
    handle,
    allowHalfOpen: true,
    readable: true,
    writable: true,
    onread: {
      buffer: () => receiver.receiveBuffer(),
      callback: (sizeBytes: number) => {
        receiver.onReceived(sizeBytes);
        return true;
      },
    },
  } as SocketConstructorOpts);
}

/** Copies each chunk into the receiver's buffers. */
export function receiveByData(accepted: Socket, receiver: Receiver): Socket {
  accepted.on('data', (chunk: Uint8Array) => {
    let done = 0;
    while (done < chunk.length && !accepted.destroyed) {
      const target = receiver.receiveBuffer();
      const count = Math.min(target.length, chunk.length - done);
      target.set(chunk.subarray(done, done + count));
      done += count;
      receiver.onReceived(count);
    }
  });
  accepted.resume();
  return accepted;
}
