/**
 * A TCP proxy between Kafka clients and a broker that makes the network bad on demand.
 *
 * Clients follow the addresses that a broker names, so the proxy puts its own port in their place: in Metadata and
 * FindCoordinator, where `127.0.0.1` is followed by the port whatever the version.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const METADATA = 3;
const FIND_COORDINATOR = 10;

export interface FaultProxy {
  /** `host:port`: what clients are given in the broker's stead. */
  readonly brokers: string;
  /** Closes every connection; new ones are served. */
  cut(): void;
  /** Closes every connection and refuses new ones. */
  refuse(): Promise<void>;
  /** Keeps connections, and accepts new ones, but holds every byte back, as a network that loses all packets does. */
  blackhole(): void;
  /** Delivers what comes from now on `ms` late, in both directions. */
  delay(ms: number): void;
  /** Swallows the responses to requests of this API key. Resolves when the broker has sent the first of them. */
  dropResponses(apiKey: number): Promise<void>;
  /** Ends all faults: listens again and delivers what a black hole held back; what was dropped stays lost. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface Faults {
  blackhole: boolean;
  delayMs: number;
  /** API key to what is called when one of its responses has been dropped. */
  readonly drops: Map<number, () => void>;
}

/** Starts a proxy on a free port. @param upstream the broker's `host:port`, on 127.0.0.1 */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const upstreamPort = Number(upstream.split(":")[1]);
  const faults: Faults = { blackhole: false, delayMs: 0, drops: new Map() };
  const links = new Set<Link>();
  const server = createServer((client) => {
    const link = new Link(client, connect({ host: "127.0.0.1", port: upstreamPort }), faults, (response) =>
      replacePort(response, upstreamPort, port),
    );
    links.add(link);
    client.once("close", () => links.delete(link));
  });
  const listen = async (at: number) => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);

  const cut = () => {
    for (const link of links) link.destroy();
  };
  const refuse = async () => {
    const closed = server.listening ? once(server.close(), "close") : undefined;
    cut();
    await closed;
  };
  return {
    brokers: `127.0.0.1:${port}`,
    cut,
    refuse,
    close: refuse,
    blackhole() {
      faults.blackhole = true;
    },
    delay(ms) {
      faults.delayMs = ms;
    },
    dropResponses: (apiKey) => new Promise((resolve) => faults.drops.set(apiKey, resolve)),
    async heal() {
      faults.blackhole = false;
      faults.delayMs = 0;
      faults.drops.clear();
      for (const link of links) link.release();
      if (!server.listening) await listen(port);
    },
  };
}

/** One client's connection and its counterpart to the broker. */
class Link {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #faults: Faults;
  readonly #toBroker: Line;
  readonly #toClient: Line;
  /** What each request in flight asked for, by correlation id. */
  readonly #apiKeys = new Map<number, number>();

  constructor(client: Socket, broker: Socket, faults: Faults, rewrite: (response: Buffer) => void) {
    this.#client = client;
    this.#broker = broker;
    this.#faults = faults;
    this.#toBroker = new Line(broker, faults);
    this.#toClient = new Line(client, faults);
    onFrame(client, (request) => {
      this.#apiKeys.set(request.readInt32BE(8), request.readInt16BE(4));
      this.#toBroker.deliver(request);
    });
    onFrame(broker, (response) => {
      const apiKey = this.#apiKeys.get(response.readInt32BE(4));
      this.#apiKeys.delete(response.readInt32BE(4));
      if (apiKey === METADATA || apiKey === FIND_COORDINATOR) rewrite(response);
      const dropped = apiKey === undefined ? undefined : faults.drops.get(apiKey);
      if (dropped) dropped();
      else this.#toClient.deliver(response);
    });
    for (const socket of [client, broker]) {
      socket.on("error", () => {}); // "close" follows
      socket.once("close", () => {
        if (!faults.blackhole) this.destroy(); // in a black hole nobody learns of it
      });
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }

  release(): void {
    this.#toBroker.release();
    this.#toClient.release();
    if (!this.#faults.blackhole && (this.#client.destroyed || this.#broker.destroyed)) this.destroy();
  }
}

/** One direction of a link: delivers frames in order, late or held back as the faults say. */
class Line {
  readonly #to: Socket;
  readonly #faults: Faults;
  readonly #frames: Buffer[] = [];

  constructor(to: Socket, faults: Faults) {
    this.#to = to;
    this.#faults = faults;
  }

  deliver(frame: Buffer): void {
    this.#frames.push(frame);
    if (this.#faults.delayMs > 0) setTimeout(() => this.#next(), this.#faults.delayMs);
    else if (this.#frames.length === 1) this.#next();
    else setImmediate(() => this.#next()); // behind what is still on its way
  }

  release(): void {
    while (this.#frames.length > 0) this.#next();
  }

  #next(): void {
    if (this.#faults.blackhole) return;
    const frame = this.#frames.shift();
    if (frame) this.#to.write(frame);
  }
}

/** Calls back with each whole frame (`int32 length, bytes`) that a socket receives, its length included. */
function onFrame(socket: Socket, callback: (frame: Buffer) => void): void {
  let received = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      callback(Buffer.from(received.subarray(0, end)));
      received = received.subarray(end);
    }
  });
}

/** Puts `port` in the place of `from` wherever it follows the loopback address. */
function replacePort(response: Buffer, from: number, port: number): void {
  const address = Buffer.from("127.0.0.1\0\0\0\0");
  address.writeInt32BE(from, 9);
  for (let at = response.indexOf(address); at >= 0; at = response.indexOf(address, at + 1)) {
    response.writeInt32BE(port, at + 9);
  }
}
