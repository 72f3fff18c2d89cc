/** The browser app's files, as built: every page of it is the same index.html, whose script reads the address. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Context } from "hono";
import type { Api, ApiEnv } from "./api/api.ts";

/** The first parts of the paths that are pages (ui/web/routes.tsx has them in full). */
const PAGES = [
  "topics",
  "functions",
  "groups",
  "alerts",
  "dashboards",
  "dead-letters",
  "schemas",
  "broker",
] as const;

/** Its files are named by their content: what is cached under a name is right for ever. */
const FOR_EVER = "public, max-age=31536000, immutable";

export function addWeb(app: Api, webRoot: string): void {
  app.get(
    "/assets/*",
    serveStatic({
      root: webRoot,
      precompressed: true,
      onFound: (_path, c) => c.header("Cache-Control", FOR_EVER),
    }),
  );
  app.get("/icon.svg", serveStatic({ path: join(webRoot, "icon.svg") }));
  const page = async (c: Context<ApiEnv>) => {
    c.header("Cache-Control", "no-cache");
    return c.html(await readFile(join(webRoot, "index.html"), "utf8"));
  };
  app.get("/", page);
  for (const name of PAGES) {
    app.get(`/${name}`, page);
    app.get(`/${name}/*`, page);
  }
}
