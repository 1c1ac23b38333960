// PushTelemetry, version 0: a client pushes its metrics, in OpenTelemetry's form (KIP-714).
//   Beside Kafka: what is pushed is bounded unpacked, too, where somebody takes it; a push that would be too large, or is not
//   in that form, is refused.
import { PushTelemetry } from '../protocol/messages/72-push-telemetry.ts';
import { type TelemetryAccess, telemetryClient } from './client-telemetry.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';

export const pushTelemetry = (open: TelemetryAccess['open']) =>
  defineHandler(PushTelemetry, {
    authorize: OPEN_TO_ALL,
    keepsFrame: true,
    async handle(request, context) {
      await (await open()).push(request, telemetryClient(context));
      return { errorCode: 0 };
    },
    failed: (_request, code) => ({ errorCode: code }),
  });
