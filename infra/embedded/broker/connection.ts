import type { Socket } from "node:net";
import { FrameReader } from "../wire/frame.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { produce } from "./apis/00-produce.ts";
import type { Broker } from "./broker.ts";
import type { Api } from "./define-api.ts";
import { dispatch } from "./dispatch.ts";

export interface ConnectionOptions {
  readonly id: number;
  readonly socket: Socket;
  readonly broker: Broker;
  readonly apis: ReadonlyMap<number, Api>;
  /** Counts bytes that this connection holds, sent or received; false when that is too much over all connections. */
  readonly account: (bytes: number) => boolean;
}

/**
 * One client. Its requests are answered one at a time, in order: while one is parked or its answer is not yet taken,
 * nothing more is read from this socket, and only from this one.
 */
export class Connection {
  readonly closed: Promise<void>;
  private readonly options: ConnectionOptions;
  private readonly frames: FrameReader;
  private readonly abort = new AbortController();
  private readonly clientHost: string;
  private busy = false;
  private ending = false;
  private accounted = 0;
  private stallTimer: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.options = options;
    const { socket, broker } = options;
    const { socketRequestMaxBytes, otherRequestMaxBytes } = broker.config;
    this.frames = new FrameReader(Math.max(socketRequestMaxBytes, otherRequestMaxBytes), (apiKey) =>
      apiKey === produce.key ? socketRequestMaxBytes : otherRequestMaxBytes,
    );
    this.clientHost = socket.remoteAddress ?? "unknown";
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.receive(chunk));
    socket.on("drain", () => this.proceed());
    // A reset tells nothing that the 'close' after it does not.
    socket.on("error", (error) =>
      broker.logger.debug({ connection: options.id, err: error }, "connection lost"),
    );
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.release();
        resolve();
      });
    });
  }

  /** Answers the request that is being handled, if any, and closes. */
  end(): void {
    this.ending = true;
    this.abort.abort();
    if (!this.busy) this.options.socket.destroy();
  }

  destroy(): void {
    this.options.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.options.broker.traffic.bytesIn += chunk.length;
    this.frames.push(chunk);
    if (!this.account()) return;
    if (this.busy || this.options.socket.writableNeedDrain) this.options.socket.pause();
    else this.proceed();
  }

  /** Takes up the next request, unless one is being handled or the last answer still waits to be taken. */
  private proceed(): void {
    const { socket } = this.options;
    if (this.busy || socket.destroyed) return;
    if (!socket.writableNeedDrain) {
      const frame = this.nextFrame();
      if (frame) {
        this.busy = true;
        void this.answer(frame);
        return;
      }
      if (!socket.destroyed) socket.resume();
    }
    this.account();
    this.watchForStall();
  }

  private nextFrame(): Buffer | null {
    try {
      return this.frames.next();
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  private async answer(frame: Buffer): Promise<void> {
    const { socket, broker, apis, id } = this.options;
    clearTimeout(this.stallTimer);
    this.stallTimer = undefined;
    try {
      const { clientHost, abort } = this;
      const parts = await dispatch(frame, apis, {
        connectionId: id,
        clientHost,
        signal: abort.signal,
        broker,
      });
      if (parts && !socket.destroyed) this.send(parts);
    } catch (error) {
      this.fail(error);
    }
    this.busy = false;
    if (this.ending) socket.end(() => socket.destroy());
    else this.proceed();
  }

  private send(parts: readonly Buffer[]): void {
    const { socket, broker } = this.options;
    socket.cork();
    for (const part of parts) {
      socket.write(part);
      broker.traffic.bytesOut += part.length;
    }
    socket.uncork();
    this.account();
  }

  /** The client said what makes no sense, or a handler failed: either way only this connection ends. */
  private fail(error: unknown): void {
    const { socket, broker, id } = this.options;
    const { clientHost: client } = this;
    if (error instanceof ProtocolError) {
      broker.logger.warn({ connection: id, client, reason: error.message }, "closing a connection");
    } else {
      broker.logger.error({ connection: id, client, err: error }, "closing a connection: a request failed");
    }
    socket.destroy();
  }

  /** Tells the server how much this connection holds. Closes it, and returns false, when that is too much. */
  private account(): boolean {
    const { socket, account, broker } = this.options;
    const held = this.frames.bufferedBytes + socket.writableLength;
    const change = held - this.accounted;
    this.accounted = held;
    if (account(change) || change <= 0) return true;
    this.fail(new ProtocolError(`Expected at most ${broker.config.maxBufferedBytes} bytes buffered in all`));
    return false;
  }

  /** Half a request, or an answer that is not taken, may stay so only for a while. */
  private watchForStall(): void {
    const { socket, broker } = this.options;
    const stalled = this.frames.bufferedBytes > 0 || socket.writableNeedDrain;
    if (!stalled || socket.destroyed) {
      clearTimeout(this.stallTimer);
      this.stallTimer = undefined;
      return;
    }
    const { stalledConnectionMs } = broker.config;
    this.stallTimer ??= setTimeout(() => {
      const what = socket.writableNeedDrain ? "its answer to be taken" : "the rest of a request";
      this.fail(new ProtocolError(`Expected ${what} within ${stalledConnectionMs} ms`));
    }, stalledConnectionMs);
  }

  private release(): void {
    clearTimeout(this.stallTimer);
    this.abort.abort();
    this.options.account(-this.accounted);
    this.accounted = 0;
  }
}
