/** The hosts that are measured, and what does not change about them. */

export interface Host {
  readonly cores: number;
  readonly totalMb: number;
  readonly totalGb: number;
  /** Usual usage, percent, about which it drifts. */
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  /** Usual traffic received, MB/s; a server sends `sends` times as much. */
  readonly rxMbPerSec: number;
  readonly sends: number;
  /** How much it follows the time of day, 0 to 1. */
  readonly daily: number;
}

const web: Host = {
  cores: 8,
  totalMb: 16_384,
  totalGb: 200,
  cpu: 38,
  memory: 52,
  disk: 41,
  rxMbPerSec: 6,
  sends: 4,
  daily: 1,
};
const app: Host = {
  ...web,
  cores: 16,
  totalMb: 32_768,
  cpu: 45,
  memory: 61,
  disk: 48,
  rxMbPerSec: 12,
  sends: 1.5,
};
const db: Host = {
  cores: 32,
  totalMb: 131_072,
  totalGb: 4_000,
  cpu: 33,
  memory: 74,
  disk: 67,
  rxMbPerSec: 18,
  sends: 2,
  daily: 0.7,
};
const cache: Host = { ...web, totalMb: 65_536, cpu: 18, memory: 78, disk: 22, rxMbPerSec: 25, sends: 1 };
const queue: Host = { ...app, totalGb: 1_000, cpu: 26, memory: 57, disk: 58, sends: 1, daily: 0.4 };

export const hosts: ReadonlyMap<string, Host> = new Map([
  ["web-server-01", web],
  ["web-server-02", web],
  ["web-server-03", web],
  ["app-server-01", app],
  ["app-server-02", app],
  ["db-server-01", db],
  ["db-server-02", { ...db, disk: 72 }],
  ["cache-server-01", cache],
  ["queue-server-01", queue],
]);
