// The run: lines in their order, a socket per connection name, answers compared after masking.
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiSchema } from '../../src/protocol/schema.ts';
import { type TranscriptDeviation } from '../deviations.ts';
import { canonical, differences, errorCodes, maskedNames, restrictedTo } from './compare.ts';
import { keyOfFrame, type Line, listenerOf } from './line.ts';
import { recordsIn, skipReason, type TargetFacts } from './skips.ts';
import { PeerSocket, type Received } from './socket.ts';
import { onlyServed } from './served.ts';
import {
  beginsAnew,
  isStillThere,
  masksOf,
  STILL_THERE,
  stepBefore,
  settled,
  timeReason,
  withoutOthers,
} from './settling.ts';
import { moveAheadOfNow, Variables } from './variables.ts';
import { type Body, decodeRequest, decodeResponse, type DecodedRequest, encodeRequest } from './wire.ts';

export interface Outcome {
  readonly line: Line;
  readonly verdict: 'passed' | 'failed' | 'skipped' | 'deviates';
  /** Why it was left out, why it deviates, or where the answers differ. */
  readonly details: readonly string[];
  /** How often the request was sent again, because the answer was to try again. */
  readonly repeats?: number;
}

/** COORDINATOR_LOAD_IN_PROGRESS and the like: Kafka's way of saying "in a moment". */
const RETRIABLE = [3, 5, 6, 14, 15, 16, 51];
const RETRY_EVERY_MS = 100;
const RETRY_FOR_MS = 10_000;
/** Once this many lines have waited in vain, the others wait only briefly, so that a broken broker is reported soon. */
const PATIENT_LINES = 5;
const ANSWER_WITHIN_MS = 10_000;
/** What a line that is polled may take until its answer is the one recorded. */
const POLL_FOR_MS = 10_000;
/** What coordinators of an Apache Kafka may take to hear of a topic that all else knows. */
const COORDINATORS_SEE_TOPICS_MS = 500;
/** CONCURRENT_TRANSACTIONS: an answer that does not count where a request is repeated. */
const CONCURRENT_TRANSACTIONS = 51;
/** A line that ends in silence is watched this long, then set aside and looked at again at the end of the run. */
const SILENCE_MS = 150;
/** What an answer that is not in step with Kafka's slower clock may be repeated for: reads lag writes on an Apache Kafka. */
const STALE_READ_MS = 3_000;
const READS = new Set([2, 3, 15, 16, 29, 32, 35, 46, 48, 50, 55, 60, 61, 69, 74, 75, 77, 89, 90]);
/** Records dated ahead of the clock of the recording: they are moved, so that they are ahead of today's. */
const AHEAD_OF_THE_CLOCK = new Set(['produce.future']);
/** Fields of the raw frames' Metadata answers, which carry no masks of their own. */
const RAW_MASKS = ['/host', '/port', '/clusterId', '/leaderId'];
/** APIs that answer partitions in an order that clients can count on (Fetch: that of the request). */
const IN_ORDER = new Map([1, 2, 3, 75].map((key) => [key, new Set(['partitions'])]));
/** Not marked, yet another answer on another fresh Apache Kafka: who gets which partition goes by the hash of the topic id. */
const UNSTABLE_TOO = new Set(['shm.3.m2']);
const METADATA = 3;
/** InitProducerId, and EndTxn behind the last epoch of an id. */
const GIVES_PRODUCER_IDS: ReadonlySet<number> = new Set([22, 26]);
const UNFRAMED = 'unframed';

export class Replay {
  readonly #apis: ReadonlyMap<number, ApiSchema>;
  readonly #facts: TargetFacts;
  readonly #deviations: readonly TranscriptDeviation[];
  readonly #variables = new Variables();
  readonly #sockets = new Map<string, PeerSocket>();
  /** Sockets on which an unanswered request stands, with the line they belong to. */
  readonly #silent: { readonly line: Line; readonly socket: PeerSocket; readonly since: number }[] = [];
  readonly #sentEarly = new Set<string>();
  #linesInVain = 0;

  constructor(apis: ReadonlyMap<number, ApiSchema>, facts: TargetFacts, deviations: readonly TranscriptDeviation[]) {
    this.#apis = apis;
    this.#facts = facts;
    this.#deviations = deviations;
  }

  async *run(lines: readonly Line[]): AsyncGenerator<Outcome> {
    for (const recorded of lines) {
      const line = settled(recorded);
      const early = lines.filter((other) => other.sentBefore === line.id);
      yield await this.#play(line, early);
    }
    yield* this.#silenceKept();
    for (const socket of this.#sockets.values()) socket.close();
  }

  async #play(line: Line, early: readonly Line[]): Promise<Outcome> {
    const api = this.#apiOf(line);
    try {
      const recorded = api === undefined ? undefined : this.#decodeRecordedRequest(api, line);
      const reason = skipReason(line, recorded?.body, this.#facts) ?? timeReason(line);
      if (reason !== undefined) return { line, verdict: 'skipped', details: [reason] };
      if (line.waitMs !== undefined) await delay(line.waitMs);
      const frame = this.#requestFrame(line, api, recorded);
      await this.#repeatBefore(line, api, frame);
      await this.#stepBefore(line, api, recorded);
      return await this.#exchange(line, api, frame, early);
    } catch (error) {
      return {
        line,
        verdict: 'failed',
        details: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)],
      };
    }
  }

  #apiOf(line: Line): ApiSchema | undefined {
    if (line.key !== undefined) return this.#apis.get(line.key);
    return line.conn === UNFRAMED ? undefined : this.#apis.get(keyOfFrame(requestBytes(line)) ?? -1);
  }

  /** Raw frames are broken on purpose; only lines with an API have a request that must decode. */
  #decodeRecordedRequest(api: ApiSchema, line: Line): DecodedRequest | undefined {
    if (line.api === null || line.version > api.versions[1] || line.version < api.versions[0]) return undefined;
    return decodeRequest(api, line.version, requestBytes(line));
  }

  #requestFrame(line: Line, api: ApiSchema | undefined, recorded: DecodedRequest | undefined): Buffer {
    const frame = requestBytes(line);
    if (api === undefined || recorded === undefined) return frame;
    const request = decodeRequest(api, line.version, frame);
    for (const records of recordsIn(request.body)) {
      this.#variables.renameInBatches(records);
      if (AHEAD_OF_THE_CLOCK.has(line.id)) moveAheadOfNow(records);
    }
    const isRenamed = this.#variables.renameProducers(request.body);
    const isChanged = this.#variables.substitute(line.uses, request.body) || isRenamed;
    return isChanged ? encodeRequest(api, line.version, frame, request) : frame;
  }

  async #exchange(line: Line, api: ApiSchema | undefined, frame: Buffer, early: readonly Line[]): Promise<Outcome> {
    const started = performance.now();
    let repeats = 0;
    const patienceMs = this.#linesInVain < PATIENT_LINES ? RETRY_FOR_MS : RETRY_EVERY_MS;
    for (;;) {
      const received = await this.#sendAndReceive(line, frame, early);
      const answer = this.#decodeAnswer(line, api, received);
      if (answer !== undefined) this.#variables.restoreProducers(answer);
      const waitedMs = performance.now() - started;
      if (isRetriable(line, answer) && waitedMs < patienceMs) {
        await this.#dropPipelined(line, early);
        await delay(RETRY_EVERY_MS);
        repeats++;
        continue;
      }
      if (isRetriable(line, answer)) this.#linesInVain++;
      const outcome = this.#judge(line, api, received, answer);
      if (outcome.verdict === 'failed' && waitedMs < this.#patienceFor(line)) {
        await delay(RETRY_EVERY_MS);
        continue;
      }
      if (outcome.verdict === 'failed' && line.poll === true) this.#linesInVain++;
      if (outcome.verdict === 'passed' || outcome.verdict === 'deviates') {
        // As it was given: later requests name what is in it.
        await this.#remember(line, api, this.#decodeAnswer(line, api, received));
      }
      return { ...outcome, repeats };
    }
  }

  /** How long the answer may be another one than the one recorded. */
  #patienceFor(line: Line): number {
    if (line.poll === true) return this.#linesInVain < PATIENT_LINES ? POLL_FOR_MS : RETRY_EVERY_MS;
    return this.#facts.isForeign && line.key !== undefined && READS.has(line.key) ? STALE_READ_MS : 0;
  }

  /** All but the last time of a request that is sent many times. */
  async #repeatBefore(line: Line, api: ApiSchema | undefined, frame: Buffer): Promise<void> {
    let left = (line.repeat ?? 1) - 1;
    const deadline = performance.now() + left * ANSWER_WITHIN_MS;
    while (left > 0 && performance.now() < deadline) {
      const answer = this.#decodeAnswer(line, api, await this.#sendAndReceive(line, frame, []));
      if (answer === undefined) throw new Error(`no answer, ${left} times before the last one`);
      const codes = errorCodes(answer);
      if (codes.has(CONCURRENT_TRANSACTIONS)) continue;
      if (!codes.has(0)) throw new Error(`error ${[...codes].join()}, ${left} times before the last one`);
      left -= 1;
    }
  }

  /** A heartbeat that the recorder sent until the member had moved on, and that is not in the file. */
  async #stepBefore(line: Line, api: ApiSchema | undefined, recorded: DecodedRequest | undefined): Promise<void> {
    const step = stepBefore(line);
    if (step === undefined || api === undefined || recorded === undefined) return;
    const request = { ...recorded, body: { ...recorded.body, ...step } };
    await this.#sendAndReceive(line, encodeRequest(api, line.version, requestBytes(line), request), []);
  }

  async #sendAndReceive(line: Line, frame: Buffer, early: readonly Line[]): Promise<Received> {
    const sameSocket = early.filter((other) => other.conn === line.conn);
    for (const other of early) if (!sameSocket.includes(other)) await this.#sendEarly(other);
    const socket = await this.#socketOf(line);
    if (!this.#sentEarly.delete(line.id)) {
      if (line.conn === UNFRAMED) socket.sendBytes(frame);
      else socket.sendFrame(frame);
    }
    for (const other of sameSocket) await this.#sendEarly(other);
    const received = await socket.receive(this.#expectsSilence(line) ? SILENCE_MS : ANSWER_WITHIN_MS);
    if (received === 'silent') {
      this.#sockets.delete(line.conn);
      if (this.#expectsSilence(line)) this.#silent.push({ line, socket, since: performance.now() });
      else socket.close();
    } else if (received === 'closed') {
      this.#sockets.delete(line.conn);
      socket.close();
    }
    return received;
  }

  /** A request that is to be parked, or to stand behind another one, when its neighbour goes out. */
  async #sendEarly(line: Line): Promise<void> {
    const api = this.#apiOf(line);
    const recorded = api === undefined ? undefined : this.#decodeRecordedRequest(api, line);
    if (skipReason(line, recorded?.body, this.#facts) !== undefined) return;
    (await this.#socketOf(line)).sendFrame(this.#requestFrame(line, api, recorded));
    this.#sentEarly.add(line.id);
    await delay(50);
  }

  /** Answers to requests that went out behind this one: the whole row is sent again. */
  async #dropPipelined(line: Line, early: readonly Line[]): Promise<void> {
    for (const other of early) {
      if (other.conn !== line.conn || !this.#sentEarly.delete(other.id)) continue;
      await this.#sockets.get(other.conn)?.receive(ANSWER_WITHIN_MS);
    }
  }

  async #socketOf(line: Line): Promise<PeerSocket> {
    const known = this.#sockets.get(line.conn);
    const isKept = line.conn !== UNFRAMED && !beginsAnew(line);
    if (known !== undefined && !known.isClosed && isKept) return known;
    known?.close();
    const address = this.#facts.listeners.get(listenerOf(line));
    if (address === undefined) throw new Error(`no ${listenerOf(line)} listener`);
    const socket = await PeerSocket.connect(address.host, address.port);
    this.#sockets.set(line.conn, socket);
    return socket;
  }

  #decodeAnswer(line: Line, api: ApiSchema | undefined, received: Received): Body | undefined {
    if (typeof received === 'string' || api === undefined) return undefined;
    const sent = requestBytes(line);
    const { correlationId, body } = decodeResponse(api, this.#answerVersion(line, api), received.frame);
    if (correlationId !== sent.readInt32BE(4))
      throw new Error(`answer to ${correlationId}, sent ${sent.readInt32BE(4)}`);
    return body;
  }

  /** ApiVersions answers an unknown version in the form of version 0 (KIP-511). */
  #answerVersion(line: Line, api: ApiSchema): number {
    const version = line.api === null ? requestBytes(line).readInt16BE(2) : line.version;
    return api.key === 18 && (version > api.versions[1] || version < 0) ? 0 : version;
  }

  #judge(line: Line, api: ApiSchema | undefined, received: Received, answer: Body | undefined): Outcome {
    const deviation = this.#deviationOf(line);
    if (deviation !== undefined) return this.#judgeDeviation(line, deviation, received, answer);
    const expected = line.responseHex === null ? (line.end ?? 'silent') : 'answer';
    const got = typeof received === 'string' ? received : 'answer';
    if (expected !== got) {
      const text = answer === undefined ? '' : `: ${JSON.stringify(canonical(answer, new Set())).slice(0, 300)}`;
      return { line, verdict: 'failed', details: [`expected ${expected} got ${got}${text}`] };
    }
    if (isStillThere(line, answer)) return { line, verdict: 'skipped', details: [STILL_THERE] };
    if (expected !== 'answer') return { line, verdict: 'passed', details: [] };
    const found = this.#compare(line, api, typeof received === 'string' ? undefined : received.frame, answer);
    return { line, verdict: found.length === 0 ? 'passed' : 'failed', details: found };
  }

  #compare(line: Line, api: ApiSchema | undefined, frame: Buffer | undefined, answer: Body | undefined): string[] {
    const recordedFrame = Buffer.from(line.responseHex ?? '', 'hex');
    if (api === undefined || answer === undefined) {
      return frame?.equals(recordedFrame) === true
        ? []
        : [`expected ${line.responseHex} got ${frame?.toString('hex')}`];
    }
    const recorded = decodeResponse(api, this.#answerVersion(line, api), recordedFrame).body;
    if (line.unstable === true || UNSTABLE_TOO.has(line.id)) {
      return differences([...errorCodes(recorded)].sort(byNumber), [...errorCodes(answer)].sort(byNumber));
    }
    const masks = maskedNames(line.api === null ? RAW_MASKS : [...line.masks, ...masksOf(line)]);
    const expected = withoutOthers(line, onlyServed(line, api.key, recorded, answer, this.#facts));
    const ordered = IN_ORDER.get(api.key);
    return differences(canonical(expected, masks, ordered), canonical(withoutOthers(line, answer), masks, ordered));
  }

  /** A deviation counts only for our own broker, and only with exactly the answer that the list names. */
  #deviationOf(line: Line): TranscriptDeviation | undefined {
    return this.#facts.isForeign ? undefined : this.#deviations.find(({ ids }) => ids.includes(line.id));
  }
  #judgeDeviation(line: Line, deviation: TranscriptDeviation, received: Received, answer: Body | undefined): Outcome {
    const masks = maskedNames(line.masks);
    const got = typeof received === 'string' ? received : canonical(restrictedTo(deviation.answer, answer), masks);
    const expected = typeof deviation.answer === 'string' ? deviation.answer : canonical(deviation.answer, masks);
    const found = differences(expected, got);
    return found.length === 0
      ? { line, verdict: 'deviates', details: [deviation.reason] }
      : { line, verdict: 'failed', details: ['deviates, but not as the list says:', ...found] };
  }

  #expectsSilence(line: Line): boolean {
    if (line.responseHex !== null) return false;
    return (this.#deviationOf(line)?.answer ?? line.end ?? 'silent') === 'silent';
  }

  async #remember(line: Line, api: ApiSchema | undefined, answer: Body | undefined): Promise<void> {
    if (answer === undefined || api === undefined) return;
    this.#variables.capture(line.captures, answer);
    if (GIVES_PRODUCER_IDS.has(api.key) && line.responseHex !== null) {
      const recorded = decodeResponse(api, line.version, Buffer.from(line.responseHex, 'hex')).body;
      this.#variables.pairProducers(recorded['producerId'], answer['producerId']);
    }
    if (this.#facts.isForeign && line.id.startsWith('setup.create.')) await this.#untilLed(line);
  }

  /** Apache Kafka answers CreateTopics before the topic can be used: asks Metadata until every partition has a leader. */
  async #untilLed(line: Line): Promise<void> {
    const address = this.#facts.listeners.get('broker');
    const metadata = this.#apis.get(METADATA);
    const topics = (line.responseJson as { topics: { name: string }[] }).topics.map(({ name }) => ({ name }));
    if (address === undefined || metadata === undefined) return;
    const header = Buffer.from('0003000c0000000000017400', 'hex');
    const body: Body = { topics, allowAutoTopicCreation: false };
    const frame = encodeRequest(metadata, 12, header, { correlationId: 0, headerBytes: header.length, body });
    const socket = await PeerSocket.connect(address.host, address.port);
    for (let tries = 0; tries < 100; tries++) {
      socket.sendFrame(frame);
      const received = await socket.receive(ANSWER_WITHIN_MS);
      if (typeof received !== 'string') {
        const answer = decodeResponse(metadata, 12, received.frame).body;
        const led = answer['topics'] as { errorCode: number; partitions: { leaderId: number }[] }[];
        if (led.every((topic) => topic.errorCode === 0 && topic.partitions.every(({ leaderId }) => leaderId >= 0)))
          break;
      }
      await delay(50);
    }
    socket.close();
    // Group coordinators look at new topics a little later still.
    await delay(COORDINATORS_SEE_TOPICS_MS);
  }

  /** The second look at the silent ones: nothing may have come, and nobody may have hung up. */
  async *#silenceKept(): AsyncGenerator<Outcome> {
    const newest = Math.max(0, ...this.#silent.map(({ since }) => since));
    if (this.#silent.length > 0) await delay(Math.max(0, newest + 1_000 - performance.now()));
    for (const { line, socket } of this.#silent) {
      if (socket.receivedBytes > 0 || socket.isClosed) {
        const what = socket.isClosed ? 'closed' : `${socket.receivedBytes} bytes`;
        yield { line, verdict: 'failed', details: [`expected silence, later got ${what}`] };
      }
      socket.close();
    }
  }
}

function requestBytes(line: Line): Buffer {
  return Buffer.from(line.requestHex ?? '', 'hex');
}

/** Does the answer hold a retriable error that the recorded one does not have? */
function isRetriable(line: Line, answer: Body | undefined): boolean {
  if (answer === undefined || line.unstable === true) return false;
  const recorded = errorCodes(line.responseJson);
  const got = errorCodes(answer);
  return RETRIABLE.some((code) => got.has(code) && !recorded.has(code));
}

const byNumber = (a: number, b: number): number => a - b;
