import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTokenSource, TokenError, tokenFromCommand, tokenFromEndpoint } from "./oauth-token.ts";
import { Secret } from "./secret.ts";

const jwt = (exp: number): string => `e30.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.c2ln`;
const command = (script: string) => tokenFromCommand([process.execPath, "-e", script], {}, 1_000);

describe("a token source", () => {
  it("keeps a token for most of its life, asks once for many, and asks anew when told to forget", async () => {
    let [time, asked] = [0, 0];
    const source = createTokenSource(
      async () => ({ value: `t${++asked}`, expiresAt: time + 1_000 }),
      () => time,
    );
    expect(await Promise.all([source.get(), source.get()])).toEqual(["t1", "t1"]);
    time = 799;
    expect(await source.get()).toBe("t1");
    time = 800;
    expect(await source.get()).toBe("t2");
    source.forget();
    expect(await source.get()).toBe("t3");
  });

  it("does not keep a failure", async () => {
    let asked = 0;
    const source = createTokenSource(
      () =>
        ++asked === 1 ? Promise.reject(new Error("down")) : Promise.resolve({ value: "t", expiresAt: null }),
      () => 0,
    );
    await expect(source.get()).rejects.toThrow("down");
    expect(await source.get()).toBe("t");
  });
});

describe("a token command", () => {
  it("prints a token, whose end is in it, or an endpoint's answer", async () => {
    const token = jwt(9);
    expect(await command(`console.log("${token}")`)).toEqual({ value: token, expiresAt: 9_000 });
    expect(await command(`console.log("opaque")`)).toEqual({ value: "opaque", expiresAt: null });
    expect(await command(`console.log('{"access_token":"x","expires_in":60}')`)).toEqual({
      value: "x",
      expiresAt: 61_000,
    });
  });

  it.each([
    ["process.exit(3)", /^KAFKA_OAUTH_TOKEN_COMMAND: ".*" failed \(3\)/],
    ["", /expected a token, got nothing$/],
    ['console.log("two s3cr3t words")', /expected a token, got text that is none$/],
    ['console.log("{s3cr3t")', /got something else$/],
  ])("fails without telling what was printed: %s", async (script, message) => {
    const error = await command(script).catch((e: Error) => e);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("s3cr3t");
  });
});

describe("a token endpoint", () => {
  /** Where it stalls, the time to wait is over once the body's beginning has been sent. */
  const serve = async (status: number, body: string, { headers = {}, stalls = false } = {}) => {
    const asked: { request: IncomingMessage; body: string }[] = [];
    const waiting = new AbortController();
    const server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      asked.push({ request, body: text });
      response.writeHead(status, headers);
      if (stalls) response.write(body, () => waiting.abort(new Error("nothing more in time")));
      else response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    const endpoint = { url, clientId: "k s", clientSecret: new Secret("s3:cr3t"), scope: "kafka" };
    return { asked, fetched: tokenFromEndpoint(endpoint, 0, waiting.signal) };
  };
  const failure = async (fetched: Promise<unknown>): Promise<string> => {
    const error = await fetched.catch((e: Error) => e);
    expect(error).toBeInstanceOf(TokenError);
    expect((error as Error).message).not.toContain("cr3t");
    return (error as Error).message;
  };

  it("is asked by client credentials", async () => {
    const { asked, fetched } = await serve(200, '{"access_token":"x","expires_in":5}');
    expect(await fetched).toEqual({ value: "x", expiresAt: 5_000 });
    expect(asked[0]!.request.headers.authorization).toBe(`Basic ${btoa("k%20s:s3%3Acr3t")}`);
    expect(asked[0]!.body).toBe("grant_type=client_credentials&scope=kafka");
  });

  it("fails with its status and without what it says, and is not followed elsewhere", async () => {
    for (const [status, hint] of [
      [401, "; see KAFKA_OAUTH_CLIENT_ID and _SECRET"],
      [500, ""],
    ] as const) {
      const refused = await serve(status, "no client k s:s3:cr3t");
      expect(await failure(refused.fetched)).toMatch(
        new RegExp(`^KAFKA_OAUTH_TOKEN_ENDPOINT: expected 200 of http.*, got ${status}${hint}$`),
      );
    }
    const moved = await serve(307, "", { headers: { location: "http://127.0.0.1:1/" } });
    expect(await failure(moved.fetched)).toMatch(/does not answer/);
    expect(moved.asked).toHaveLength(1);
  });

  it("fails with an answer that is none, without repeating it", async () => {
    const { fetched } = await serve(200, '{"client_secret":"s3:cr3t"}');
    expect(await failure(fetched)).toMatch(/^KAFKA_OAUTH_TOKEN_ENDPOINT: expected a token or /);
  });

  it("fails with an answer without end, and with one that breaks off", async () => {
    const long = await serve(200, "x".repeat(256 * 1024 + 1));
    expect(await failure(long.fetched)).toMatch(
      /^KAFKA_OAUTH_TOKEN_ENDPOINT: expected an answer of at most 262144 bytes, got more$/,
    );
    const stalled = await serve(200, '{"access_token":"s3:cr3t', { stalls: true });
    expect(await failure(stalled.fetched)).toMatch(
      /^KAFKA_OAUTH_TOKEN_ENDPOINT: http.* does not answer \(nothing more in time\)$/,
    );
    const broken = await serve(200, "x", { headers: { "content-length": "9", connection: "close" } });
    expect(await failure(broken.fetched)).toMatch(
      /^KAFKA_OAUTH_TOKEN_ENDPOINT: http.* does not answer \(UND_ERR_\w+\)$/,
    );
  });
});
