/**
 * How the embedded broker and the schema registry live as processes. Logs go to stderr. With an IPC parent they send
 * {type: "ready", …} or {type: "failed", code, message}, and stop on {type: "stop"} or when the parent is gone. Ctrl-C and a
 * service manager's SIGTERM reach all processes at once: the parent decides then, for it may still need this one to
 * finish. Without a parent they stop it, and a second signal ends it at once.
 */
import { type DestinationStream, type Logger, pino } from "pino";
import { StartupError } from "./startup-error.ts";

interface Service {
  stop(): Promise<void>;
}

interface ServiceProcess<T extends Service> {
  /** For people: "embedded broker". */
  readonly name: string;
  /** Reads the flags; throws StartupError. */
  readonly parse: () => { readonly logLevel: string; start(logger: Logger): Promise<T> };
  /** What the parent is told once it runs. */
  readonly ready: (service: T) => { readonly host: string; readonly port: number };
}

const parent = process.send ? (message: object) => process.send?.(message) : null;

/** Runs it until it is told to stop. */
export function runService<T extends Service>(service: ServiceProcess<T>): void {
  run(service).catch((error: Error) => fail(service.name, error));
}

async function run<T extends Service>({ name, parse, ready }: ServiceProcess<T>): Promise<void> {
  const { logLevel, start } = parse();
  const logger = pino({ level: logLevel, base: null }, await openLogStream());
  const starting = start(logger);

  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, `stopping the ${name}`);
    starting
      .then((running) => running.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, `the ${name} did not stop cleanly; it recovers at the next start`);
          process.exit(1);
        },
      );
  };
  let signals = 0;
  const onSignal = (signal: string): void => {
    if (parent) return;
    if (++signals > 1) process.exit(1);
    stop(signal);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("message", (message) => {
    if ((message as { type?: unknown } | null)?.type === "stop") stop("asked by the parent process");
  });
  process.on("disconnect", () => stop("the parent process is gone"));
  // kafkajs lets some failures of connections that it is giving up go unhandled: they are replaced.
  process.on("unhandledRejection", (error) => {
    if (error instanceof Error && error.name.startsWith("KafkaJS"))
      return logger.warn({ err: error }, error.message);
    logger.fatal({ err: error }, "unexpected fault: ending");
    process.exit(1);
  });

  const running = await starting;
  if (!stopping) parent?.({ type: "ready", ...ready(running) });
}

export function toLogLevel(text: string): string {
  const levels = [...Object.keys(pino.levels.values), "silent"];
  if (levels.includes(text)) return text;
  throw new StartupError("FAILED", `Expected --log-level ${levels.join(", ")}, got ${JSON.stringify(text)}`);
}

export function toPort(flag: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new StartupError("FAILED", `Expected ${flag} 0–65535, got ${JSON.stringify(text)}`);
}

/** JSON, unless somebody is there to read it; the printer is loaded only then. */
async function openLogStream(): Promise<DestinationStream> {
  if (!process.stderr.isTTY) return pino.destination({ dest: 2, sync: true });
  const { default: pretty } = await import("pino-pretty");
  return pretty({ destination: 2, sync: true, translateTime: "SYS:HH:MM:ss.l" });
}

function fail(name: string, error: Error): void {
  const { message } = error;
  const code = error instanceof StartupError ? error.code : "FAILED";
  if (!parent || !process.connected) {
    process.stderr.write(`The ${name} could not start: ${message}\n`);
    process.exit(1); // what kafkajs may still be trying is waited for by nobody
  }
  // The message must be out before the process ends.
  process.send?.({ type: "failed", code, message }, undefined, {}, () => process.exit(1));
}
