/** A bare connection to a broker: what kafkajs hides (acks=0, pipelining, error codes, long polls) can be seen here. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Reader, type Writer } from "./wire.ts";

export class RawConnection {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve: (body: Reader) => void; reject: (error: Error) => void }>();
  #received = Buffer.alloc(0);
  #correlationId = 0;
  /** Correlation ids in the order in which their responses came. */
  readonly answered: number[] = [];
  readonly closed: Promise<void>;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", () => {}); // "close" follows
    // Not events.once(), which rejects when the broker dies.
    this.closed = new Promise<void>((resolve) => socket.once("close", () => resolve())).then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error("The broker closed the connection"));
      this.#waiting.clear();
    });
  }

  /** Sends a request (header v1) and resolves with the body of its response (header v0). */
  request(apiKey: number, version: number, body: Writer): Promise<Reader> {
    const correlationId = this.send(apiKey, version, body);
    return new Promise((resolve, reject) => this.#waiting.set(correlationId, { resolve, reject }));
  }

  /** Sends a request and expects no response; returns its correlation id. */
  send(apiKey: number, version: number, body: Writer): number {
    const correlationId = ++this.#correlationId;
    const client = Buffer.from("broker-suite");
    const bytes = body.toBuffer();
    const header = Buffer.alloc(14);
    header.writeInt32BE(10 + client.length + bytes.length, 0);
    header.writeInt16BE(apiKey, 4);
    header.writeInt16BE(version, 6);
    header.writeInt32BE(correlationId, 8);
    header.writeInt16BE(client.length, 12);
    this.#socket.write(Buffer.concat([header, client, bytes]));
    return correlationId;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      if (this.#received.length < 4) return;
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const correlationId = this.#received.readInt32BE(4);
      const body = new Reader(this.#received.subarray(8, end));
      this.#received = this.#received.subarray(end);
      this.answered.push(correlationId);
      this.#waiting.get(correlationId)?.resolve(body);
      this.#waiting.delete(correlationId);
    }
  }
}

/** Connects to the first of `host:port,…`. */
export async function connectRaw(brokers: string): Promise<RawConnection> {
  const [host, port] = brokers.split(",")[0]!.split(":") as [string, string];
  const socket = connect({ host, port: Number(port), noDelay: true });
  await once(socket, "connect");
  return new RawConnection(socket);
}
