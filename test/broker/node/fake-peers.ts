// Other brokers as a test wants them: each question is kept until the test answers it. Requests and answers go through their
// codecs, so that a wrong shape fails here.
import { type ApiSchema, codecOf, type Peers, Reader, Writer } from '../../../src/protocol/index.ts';

export interface Question {
  readonly nodeId: number;
  readonly line: string | undefined;
  readonly request: object;
  readonly timeoutMs: number | undefined;
  answer(response: object): void;
  fail(error: Error): void;
}

export class FakePeers {
  readonly questions: Question[] = [];
  readonly unknown = new Set<number>();

  get peers(): Peers {
    return {
      to: (nodeId: number, line?: string) =>
        this.unknown.has(nodeId)
          ? undefined
          : ({
              ask: (api: ApiSchema, request: object, { timeoutMs }: { timeoutMs?: number } = {}) =>
                this.#asked(nodeId, line, api, request, timeoutMs),
            } as never),
      open: () => undefined,
    };
  }

  /** The newest one that nobody has taken. */
  take(): Question {
    const question = this.questions.shift();
    if (question === undefined) throw new Error('nobody was asked');
    return question;
  }

  #asked(nodeId: number, line: string | undefined, api: ApiSchema, request: object, timeoutMs: number | undefined) {
    const version = api.versions[1];
    const through = (schema: ApiSchema['request'], value: object): object => {
      const codec = codecOf(schema, version);
      const writer = new Writer();
      writer.beginFrame();
      codec.encode(writer, value as never);
      return codec.decode(new Reader(Buffer.concat(writer.finishFrame()).subarray(4))) as object;
    };
    return new Promise((resolve, reject) => {
      this.questions.push({
        nodeId,
        line,
        request: through(api.request, request),
        timeoutMs,
        answer: (response) => resolve(through(api.response, response)),
        fail: reject,
      });
    });
  }
}
