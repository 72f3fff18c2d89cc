/** The compose files as data, as docker-compose itself reads them. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const INFRA = fileURLToPath(new URL("../infra/", import.meta.url));

export interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly (string | { readonly host_ip?: string })[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly restart?: string;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
  readonly user?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface Project {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** For `describeClient`. */
export const DOCKER_COMPOSE = {
  name: "docker-compose",
  probe: ["docker-compose", "--version"],
  install: "Debian: apt-get install docker-compose",
};

/** The files that stand by themselves, each with its additions. */
export const BASES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ["docker-compose.yml", "docker-compose.kraft.yml"].map((base) => [base, additionsTo(base)]),
);

/** `docker-compose.kraft.yml` has `docker-compose.kraft.monitoring.yml`. */
function additionsTo(base: string): readonly string[] {
  const stem = base.replace(/yml$/, "");
  return readdirSync(INFRA).filter(
    (file) =>
      file.startsWith(stem) &&
      /^\w+\.yml$/.test(file.slice(stem.length)) &&
      file !== "docker-compose.kraft.yml",
  );
}

/** Every base with every set of its additions. */
export function combinations(): readonly (readonly string[])[] {
  return Object.entries(BASES).flatMap(([base, additions]) =>
    Array.from({ length: 2 ** additions.length }, (_, bits) => [
      base,
      ...additions.filter((_, i) => bits & (1 << i)),
    ]),
  );
}

const read = new Map<string, Project>();

/** What docker-compose makes of the files together. Throws with what it has to say. */
export function readCompose(files: readonly string[]): Project {
  const args = [...files.flatMap((file) => ["-f", join(INFRA, file)]), "config"];
  const known = read.get(files.join());
  if (known) return known;
  const { status, stdout, stderr } = spawnSync("docker-compose", args, { encoding: "utf8" });
  if (status !== 0 || stderr !== "") throw new Error(`docker-compose ${args.join(" ")}: ${stderr}`);
  const project = parse(stdout) as Project;
  read.set(files.join(), project);
  return project;
}
