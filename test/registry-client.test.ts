/** The client of schema registries over real HTTP: what it sends to whom, and what it takes for an answer. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { createRegistry, RegistryError, type RegistryOptions } from "../runtime/registry-client.ts";
import { type Certificate, createCertificate } from "./certificate.ts";

async function listen(server: Server, protocol = "http"): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers all requests with this, and remembers them. */
async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const seen: IncomingMessage[] = [];
  const url = await listen(
    createServer((request, response) => {
      seen.push(request);
      response.writeHead(status, headers).end(body);
    }),
  );
  return { url, seen };
}

const options: RegistryOptions = { url: "", username: null, password: null, token: null, ca: null };
const registryAt = (url: string, more: Partial<RegistryOptions> = {}) =>
  createRegistry({ ...options, url, ...more });

it.each([
  ["nothing", {}, undefined],
  ["a name and a password", { username: "ksp", password: "s:1" }, "Basic a3NwOnM6MQ=="],
  ["a token", { token: "t0k" }, "Bearer t0k"],
])("shows %s", async (_what, more, expected) => {
  const { url, seen } = await answering(200, "[]");
  expect(await registryAt(url, more).subjects()).toEqual([]);
  expect(seen[0]!.headers.authorization).toBe(expected);
});

it("asks below the URL's path, with subjects as they are", async () => {
  const { url, seen } = await answering(200, '{"id":7}');
  expect(await registryAt(`${url}/registry/`).register("a/b value", '"string"')).toBe(7);
  expect(seen[0]!.url).toBe("/registry/subjects/a%2Fb%20value/versions");
});

it("follows no redirect: credentials go nowhere else", async () => {
  const other = await answering(200, "[]");
  const { url } = await answering(307, "", { location: other.url });
  await expect(registryAt(url, { token: "t0k" }).subjects()).rejects.toThrow(
    `the schema registry at ${url} answers GET /subjects with 307: a redirect, which is not followed`,
  );
  expect(other.seen).toEqual([]);
});

it.each([
  [404, '{"error_code":40403,"message":"Schema not found"}', null],
  [404, '{"error_code":404,"message":"HTTP 404 Not Found"}', 404],
  [401, "<html>Unauthorized</html>", 401],
  [200, "<html>a proxy's page</html>", 200],
  [500, '{"error_code":50001,"message":"store"}', 50001],
])("takes %s %s for an unknown schema only where it says so", async (status, body, code) => {
  const { url } = await answering(status, body);
  const asked = registryAt(url).schema(1);
  if (code === null) expect(await asked).toBeNull();
  else await expect(asked).rejects.toMatchObject({ name: "RegistryError", status, code });
  if (status === 200) await expect(asked).rejects.toThrow(/with 200: no JSON$/);
});

it("tells a refusal in the registry's words", async () => {
  const { url } = await answering(409, '{"error_code":409,"message":"tenant has no default"}');
  const refused = registryAt(url).register("x-value", "{}");
  await expect(refused).rejects.toThrow(RegistryError);
  await expect(refused).rejects.toThrow(/with 409: tenant has no default$/);
});

it("gives up on an answer without an end", async () => {
  const flood: RequestListener = (_request, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(64 * 1024, "x")));
    };
    response.on("drain", more);
    more();
  };
  const url = await listen(createServer(flood));
  await expect(registryAt(url).subjects()).rejects.toThrow(/an answer of more than 8388608 bytes/);
});

it("gives up on an answer that is cut off", async () => {
  const url = await listen(
    createServer((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("[", () => response.destroy());
    }),
  );
  await expect(registryAt(url).subjects()).rejects.toThrow(`no schema registry answers at ${url}`);
});

it("says where no registry answers", async () => {
  const server = createServer();
  const url = await listen(server);
  server.close();
  await once(server, "close");
  await expect(registryAt(url).subjects()).rejects.toThrow(
    `no schema registry answers at ${url}: connect ECONNREFUSED`,
  );
});

let certificate: Certificate;
beforeAll(() => {
  certificate = createCertificate();
});
afterAll(() => certificate.remove());

it("trusts the authority that it is given, and no other", async () => {
  const { cert, key } = certificate;
  const server = createTlsServer({ cert, key }, (_request, response) => response.end("[]"));
  const url = await listen(server, "https");
  expect(await registryAt(url, { ca: cert }).subjects()).toEqual([]);
  await expect(registryAt(url).subjects()).rejects.toThrow(/no schema registry answers at .*self-signed/);
});
