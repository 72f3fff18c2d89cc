/** A connected kafkajs admin client for whoever needs one, connected at its first use. */
import type { Admin, Kafka } from "kafkajs";
import { describeError } from "./kafka.ts";
import type { Logger } from "./log.ts";

export interface AdminPort {
  /** Runs `use` with a connected client; after a failure the next use connects anew. */
  <T>(use: (client: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createAdminClient(kafka: Kafka, log: Logger): AdminPort {
  let current: Promise<Admin> | null = null;

  const connect = async (): Promise<Admin> => {
    const client = kafka.admin();
    await client.connect();
    return client;
  };
  const discard = async (failed: Promise<Admin> | null): Promise<void> => {
    // Another user may have connected anew meanwhile: that client is not the one that failed.
    if (current === failed) current = null;
    await failed?.then((client) => client.disconnect()).catch((error) => log.debug(describeError(error)));
  };
  const use = async <T>(job: (client: Admin) => Promise<T>): Promise<T> => {
    current ??= connect();
    const mine = current;
    try {
      return await job(await mine);
    } catch (error) {
      await discard(mine);
      throw error;
    }
  };
  return Object.assign(use, { close: () => discard(current) });
}
