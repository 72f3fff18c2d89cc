/** A metric family whose samples are read from elsewhere at each scrape: what is no more there is no more told. */
import { Counter, Gauge, type Registry } from "prom-client";

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly labels: readonly string[];
  read(): readonly Sample[];
}

/** Registers a family. Its samples are taken anew at each scrape, so that no series outlives what it tells of. */
export function registerFamily(registry: Registry, { type, name, help, labels, read }: Family): void {
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === "counter") {
    new Counter({
      ...common,
      collect() {
        this.reset();
        this.remove({}); // a family without labels would begin at 0, known or not
        for (const sample of read()) this.inc(sample.labels, sample.value);
      },
    });
  } else {
    new Gauge({
      ...common,
      collect() {
        this.reset();
        this.remove({});
        for (const sample of read()) this.set(sample.labels, sample.value);
      },
    });
  }
}
