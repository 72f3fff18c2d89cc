/** Logs: pino to stderr, as JSON unless stderr is a terminal. Data goes to stdout, so that verbs can be piped. */
import { type Logger, pino } from "pino";

export type { Logger };

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export async function createLogger(level: (typeof LOG_LEVELS)[number]): Promise<Logger> {
  if (!process.stderr.isTTY) return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
  const { default: pretty } = await import("pino-pretty");
  const colorize = !process.env.NO_COLOR;
  return pino(
    { level, base: null },
    pretty({ colorize, destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss.l" }),
  );
}
