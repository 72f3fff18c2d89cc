/** The services that log: where they run and who calls whom. */
import { pick, type Random } from "./draw.ts";

interface Service {
  readonly hosts: readonly string[];
  /** Services that fail in part when this one does. */
  readonly callers: readonly string[];
}

const web = ["web-server-01", "web-server-02", "web-server-03"];
const app = ["app-server-01", "app-server-02"];

export const services: ReadonlyMap<string, Service> = new Map([
  ["api-gateway", { hosts: web, callers: [] }],
  ["user-service", { hosts: app, callers: ["api-gateway", "notification-service"] }],
  ["order-service", { hosts: app, callers: ["api-gateway"] }],
  ["payment-service", { hosts: app, callers: ["order-service"] }],
  ["inventory-service", { hosts: app, callers: ["order-service", "api-gateway"] }],
  ["notification-service", { hosts: ["queue-server-01"], callers: ["order-service"] }],
  ["auth-service", { hosts: app, callers: ["api-gateway", "user-service"] }],
]);

export const serviceNames: readonly string[] = [...services.keys()];

/** Where one of a service's processes runs: its host, process id (constant for both) and a thread. */
export function place(service: string, chance: Random) {
  const { hosts } = services.get(service)!;
  const host = pick(chance, hosts);
  const process_id = 2_000 + serviceNames.indexOf(service) * 137 + hosts.indexOf(host) * 11;
  return { host, process_id, thread_id: 1 + Math.floor(chance.random() * 16) };
}
