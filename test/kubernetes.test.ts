/** The manifests are checked against the schemas of Kubernetes and KEDA, and against what the platform has. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { configFlags } from "../runtime/config.ts";
import { loadFunctions } from "../runtime/load-functions.ts";
import { INFRA } from "./compose-files.ts";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own, which the schemas check
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

const read = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(INFRA, "kubernetes", file), "utf8")).map((document) => document.toJS());
const platform = read("platform.yaml");
const keda = read("keda.yaml");
const require = createRequire(import.meta.url);

function validate(manifest: Manifest): void {
  const { apiVersion, kind } = manifest;
  const module = apiVersion.startsWith("keda.sh")
    ? `@kubernetes-models/keda/keda.sh/v1alpha1/${kind}`
    : `kubernetes-models/${apiVersion}/${kind}`;
  const Model = require(module)[kind] as new (data: Manifest) => { validate(): void };
  new Model(manifest).validate();
}

const functionsFolder = join(INFRA, "..", "functions");
const functions = await loadFunctions({ root: functionsFolder, sources: functionsFolder }, {});

describe("the Kubernetes manifests", () => {
  it.each(
    [...platform, ...keda].map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const),
  )("are valid: %s %s", (_kind, _name, manifest) => validate(manifest));

  it("would be refused with a field that is not there", () => {
    const deployment = platform.find(({ kind }) => kind === "Deployment")!;
    expect(() => validate({ ...deployment, spec: { ...deployment.spec, replicas: "two" } })).toThrow(
      "replicas",
    );
  });

  it("have only settings that the platform has", () => {
    const { data } = platform.find(({ kind }) => kind === "ConfigMap")!;
    const known = configFlags.map(({ key }) => key);
    expect(Object.keys(data!).filter((key) => !known.includes(key))).toEqual([]);
  });

  it("run every pod without rights, tokens or a place to write", () => {
    const pods = platform.flatMap(({ spec }) =>
      spec?.template?.spec?.containers ? [spec.template.spec] : [],
    );
    expect(pods).toHaveLength(functions.length + 2);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            image: expect.stringMatching(/:\d+\.\d+\.\d+$/),
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      });
    }
  });

  it("have Deployments that differ in name, arguments and copies alone", () => {
    const same = platform
      .filter(({ kind, metadata }) => kind === "Deployment" && metadata.name !== "web-ui")
      .map(({ metadata: { name }, spec }) => {
        const [{ args: _, ...container }] = spec.template.spec.containers;
        const pod = { ...spec.template.spec, containers: [container] };
        return JSON.stringify({ ...spec, replicas: 1, template: { ...spec.template, spec: pod } }).replaceAll(
          name,
          "",
        );
      });
    expect(new Set(same).size).toBe(1);
  });

  it("let the web UI be called by its Service's name", () => {
    const { data } = platform.find(({ kind }) => kind === "ConfigMap")!;
    const service = platform.find(({ kind }) => kind === "Service")!;
    expect(data!.HTTP_ALLOWED_HOSTS!.split(",")).toContain(service.metadata.name);
  });

  it("have a Deployment for each function, with probes, and a copy for each partition at most", () => {
    for (const { name, definition } of functions) {
      const deployment = platform.find((one) => one.kind === "Deployment" && one.metadata.name === name)!;
      const [container] = deployment.spec.template.spec.containers;
      expect(container.args).toEqual(["start", "--no-api", "--only", name]);
      expect(container.livenessProbe.httpGet.path).toBe("/livez");
      expect(container.readinessProbe.httpGet.path).toBe("/readyz");
      const most = definition.kind === "consumer" ? definition.topic.partitions : 1;
      expect(deployment.spec.replicas).toBeLessThanOrEqual(most);
    }
  });

  it("scale each consumer by the lag of its group, up to its partitions", () => {
    const consumers = functions.flatMap(({ name, definition }) =>
      definition.kind === "consumer" ? [{ name, definition }] : [],
    );
    const objects = keda.filter(({ kind }) => kind === "ScaledObject");
    expect(objects.map(({ metadata }) => metadata.name).sort()).toEqual(
      consumers.map(({ name }) => name).sort(),
    );
    for (const { name, definition } of consumers) {
      const { spec } = objects.find(({ metadata }) => metadata.name === name)!;
      const { group, topic } = definition;
      expect(spec.maxReplicaCount).toBe(topic.partitions);
      expect(spec.triggers[0].metadata).toMatchObject({ consumerGroup: group, topic: topic.name });
    }
  });
});
