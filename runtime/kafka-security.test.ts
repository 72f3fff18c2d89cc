import { expect, it } from "vitest";
import { configSchema, loadConfig } from "./config.ts";
import { createKafkaSecurity } from "./kafka-security.ts";
import { isSecret } from "./setting-fields.ts";

it("a token command inherits the environment, but none of the platform's secrets", async () => {
  const secrets = Object.entries(configSchema.shape).filter(([, field]) => isSecret(field));
  const names = secrets.map(([key]) => key);
  expect(names).toEqual(expect.arrayContaining(["HTTP_TOKEN", "KAFKA_SASL_PASSWORD"]));
  const script = 'console.log(Object.keys(process.env).join("."))'; // which can pass for a token
  const config = loadConfig({
    KAFKA_BROKERS: "127.0.0.1:1",
    KAFKA_SASL_MECHANISM: "oauthbearer",
    KAFKA_OAUTH_TOKEN_COMMAND: JSON.stringify([process.execPath, "-e", script]),
  });
  const env = { ...Object.fromEntries(names.map((name) => [name, "s3cr3t"])), CLOUD_PROFILE: "mine" };
  const { sasl } = createKafkaSecurity(config, env);
  if (!sasl || !("authenticationProvider" in sasl)) throw new Error("expected a mechanism of our own");
  let sent = "";
  const saslAuthenticate = async ({ request }: { request: { encode(): Buffer } }) => {
    sent = request.encode().toString("utf8");
  };
  await sasl.authenticationProvider({ saslAuthenticate } as never).authenticate();
  expect(sent).toContain("CLOUD_PROFILE");
  for (const name of names) expect(sent).not.toContain(name);
});
