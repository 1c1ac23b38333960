// A decoded request on its way to its response, and what completes it later.
import type { Handler, RequestContext } from '../../api-handlers/index.ts';
import type { BrokerConnection } from './connection.ts';
import type { PendingResponse } from './pending-response.ts';
import type { PipelineExchange } from './pipeline.ts';
import type { CountedBuffer } from './receive-buffers.ts';

export class Exchange implements PipelineExchange {
  readonly connection: BrokerConnection;
  readonly pending: PendingResponse;
  readonly handler: Handler;
  readonly body: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  /** The frame, if the handler keeps it. */
  readonly holder: CountedBuffer | undefined;
  throttleTimeMs = 0;
  startedMs = 0;
  spentMs = 0;
  /** The index of the stage at which it goes on. */
  nextStage = 0;

  constructor(
    connection: BrokerConnection,
    pending: PendingResponse,
    handler: Handler,
    body: Readonly<Record<string, unknown>>,
    context: RequestContext,
    holder: CountedBuffer | undefined,
  ) {
    this.connection = connection;
    this.pending = pending;
    this.handler = handler;
    this.body = body;
    this.context = context;
    this.holder = holder;
  }

  get lookedMs(): number {
    return this.connection.share.lookedMs;
  }

  set lookedMs(nowMs: number) {
    this.connection.share.lookedMs = nowMs;
  }

  get sizeBytes(): number {
    return this.pending.sizeBytes;
  }
}
