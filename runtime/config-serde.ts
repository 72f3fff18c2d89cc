/** The settings of what topics are written in. What they mean together is put together by serdes.ts. */
import { z } from "zod";
import { secret, text, withoutUser, yesOrNo } from "./setting-fields.ts";

export const SERDES = ["json", "avro"] as const;
export type SerdeName = (typeof SERDES)[number];

/** One for all topics, and others for some by their name. */
export interface SerdeSetting {
  readonly all: SerdeName;
  readonly byTopic: Readonly<Record<string, SerdeName>>;
}

function serde(given: string, ctx: z.RefinementCtx): SerdeSetting {
  const byTopic: Record<string, SerdeName> = Object.create(null);
  let all: SerdeName = "json";
  const seen = new Set<string | null>();
  for (const part of given.split(",").map((one) => one.trim())) {
    const at = part.indexOf("=");
    const name = SERDES.find((one) => one === part.slice(at + 1));
    if (name === undefined || at === 0) {
      ctx.addIssue({
        code: "custom",
        message: `expected json or avro, or topic=json or topic=avro, comma-separated, got "${part}"`,
      });
      return z.NEVER;
    }
    const topic = at < 0 ? null : part.slice(0, at);
    if (seen.has(topic)) {
      const what = topic === null ? "one for all topics" : `"${topic}" once`;
      ctx.addIssue({ code: "custom", message: `expected ${what}, got another: "${part}"` });
      return z.NEVER;
    }
    seen.add(topic);
    if (topic === null) all = name;
    else byTopic[topic] = name;
  }
  return { all, byTopic };
}

function registryUrl(given: string, ctx: z.RefinementCtx): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
  // Credentials have settings of their own, which are never printed.
  if (isPlain && url.username === "" && url.password === "") return given;
  const got = isPlain ? "one with credentials in it" : `"${withoutUser(given)}"`;
  ctx.addIssue({
    code: "custom",
    message: `expected an http:// or https:// URL without credentials, got ${got}`,
  });
  return z.NEVER;
}

export const serdeSettings = {
  SERDE: z
    .string()
    .transform(serde)
    .default({ all: "json", byTopic: {} })
    .describe("what topics are written in: json or avro, for all or by topic (json,my-topic=avro)"),
  SCHEMA_REGISTRY_URL: z
    .string()
    .transform(registryUrl)
    .nullable()
    .default(null)
    .describe(
      "schema registry for avro; without it the embedded one: beside the embedded broker, or by EMBEDDED_REGISTRY=true",
    ),
  SCHEMA_REGISTRY_USERNAME: text("a name").nullable().default(null).describe("name for the schema registry"),
  SCHEMA_REGISTRY_PASSWORD: secret("password for the schema registry"),
  SCHEMA_REGISTRY_TOKEN: secret("bearer token for the schema registry"),
  SCHEMA_REGISTRY_CA_FILE: text("a file")
    .nullable()
    .default(null)
    .describe("PEM file with the authorities to trust for the schema registry, instead of the system's"),
  AUTO_REGISTER_SCHEMAS: yesOrNo()
    .nullable()
    .default(null)
    .describe(
      "whether missing schemas are registered and not only looked up; null: with the embedded broker",
    ),
};
