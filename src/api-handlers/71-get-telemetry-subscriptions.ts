// GetTelemetrySubscriptions, version 0: which metrics a client is to push, and how often (KIP-714). A client that has no id yet
// gets one. It is answered wherever it is asked, and announced where somebody takes what is pushed, as by Kafka.
import { ZERO_UUID } from '../protocol/index.ts';
import { GetTelemetrySubscriptions } from '../protocol/messages/71-get-telemetry-subscriptions.ts';
import { type TelemetryAccess, telemetryClient } from './client-telemetry.ts';
import { defineHandler } from './handler.ts';
import { OPEN_TO_ALL } from './permission.ts';

export const getTelemetrySubscriptions = (open: TelemetryAccess['open']) =>
  defineHandler(GetTelemetrySubscriptions, {
    authorize: OPEN_TO_ALL,
    async handle({ clientInstanceId }, context) {
      const subscription = (await open()).subscribe(clientInstanceId, telemetryClient(context));
      return { ...subscription, errorCode: 0, deltaTemporality: true };
    },
    failed: (_request, code) => ({
      errorCode: code,
      clientInstanceId: ZERO_UUID,
      subscriptionId: 0,
      acceptedCompressionTypes: [],
      pushIntervalMs: 0,
      telemetryMaxBytes: 0,
      deltaTemporality: false,
      requestedMetrics: [],
    }),
  });
