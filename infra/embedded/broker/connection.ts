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
  /** Told when the connection holds that many bytes more, or fewer; may end this one or another. */
  readonly account: (bytes: number) => void;
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
  /** Bytes of the request that is being handled. */
  private handling = 0;
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

  /** Bytes received, being handled or to be taken. */
  get heldBytes(): number {
    return this.accounted;
  }

  /** Ends the connection, since all together hold too much and this one the most. */
  shed(): void {
    const { maxBufferedBytes } = this.options.broker.config;
    this.fail(
      new ProtocolError(
        `Expected at most ${maxBufferedBytes} bytes buffered in all; this connection held the most, ${this.accounted}`,
      ),
    );
    this.release();
  }

  private receive(chunk: Buffer): void {
    this.options.broker.traffic.bytesIn += chunk.length;
    this.frames.push(chunk);
    this.account();
    if (this.options.socket.destroyed) return;
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
    this.handling = frame.length;
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
    this.handling = 0;
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

  /** Tells the server how much this connection holds. */
  private account(): void {
    const { socket, account } = this.options;
    if (socket.destroyed) return;
    const held = this.frames.bufferedBytes + this.handling + socket.writableLength;
    const change = held - this.accounted;
    this.accounted = held;
    if (change !== 0) account(change);
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
    const held = this.accounted;
    this.accounted = 0;
    this.options.account(-held);
  }
}
