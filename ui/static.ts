/** The browser app's files, as built: every page of it is the same index.html, whose script reads the address. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Context, NotFoundHandler } from "hono";
import type { Api, ApiEnv } from "./api/api.ts";
import { routeNotFound } from "./api/problem.ts";

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

/** The files are named by their content: what is cached under a name is right for ever. */
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
  app.get("/", (c) => page(c, webRoot, 200));
  for (const name of PAGES) {
    app.get(`/${name}`, (c) => page(c, webRoot, 200));
    app.get(`/${name}/*`, (c) => page(c, webRoot, 200));
  }
  app.notFound(notFound(webRoot));
}

async function page(c: Context<ApiEnv>, webRoot: string, status: 200 | 404): Promise<Response> {
  c.header("Cache-Control", "no-cache");
  return c.html(await readFile(join(webRoot, "index.html"), "utf8"), status);
}

/** Who follows a wrong link gets the page that says so; every other client a problem. */
function notFound(webRoot: string): NotFoundHandler<ApiEnv> {
  return (c) => {
    const { method, path } = c.req;
    const isPage = method === "GET" && !/^\/(api|assets)\//.test(path);
    const wantsPage = c.req.header("Accept")?.includes("text/html") ?? false;
    return isPage && wantsPage ? page(c, webRoot, 404) : routeNotFound(c);
  };
}
