// Proves: which requests bring the objects of the cluster to what is wanted, and that a second time needs none. The API
// keeps objects in memory; a real control plane is used in test/cluster/.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiClient } from "../../local-cluster/api-client.ts";
import {
  convergeNodes,
  ensureVolumes,
  failNode,
  grantKwokAccess,
  listNodes,
  recoverNode,
} from "../../local-cluster/cluster-objects.ts";
import { selfSigned } from "../support/certificate.ts";
import { gpuNode, simulatedNode } from "../support/cluster.ts";
import { type MemoryApi, memoryApi } from "../support/memory-api.ts";

const certificate = selfSigned(["127.0.0.1"], { authority: true });
let server: MemoryApi;
let api: ApiClient;

beforeEach(async () => {
  server = await memoryApi(certificate);
  api = new ApiClient({ port: server.port, certificateAuthority: certificate.cert, token: "secret" });
});
afterEach(async () => {
  api.close();
  await server.close();
});

describe("the simulated nodes", () => {
  const nodes = [gpuNode({ name: "h100-1" }), simulatedNode({ name: "system-1" })];

  it("are made once, and asked for as often as one likes", async () => {
    await convergeNodes(api, nodes);
    expect(server.changes).toEqual(["POST /api/v1/nodes", "POST /api/v1/nodes"]);
    await convergeNodes(api, nodes);
    expect(server.changes).toHaveLength(2);
    expect((await listNodes(api)).map(({ metadata }) => metadata.name).sort()).toEqual(["h100-1", "system-1"]);
  });

  it("are changed where they differ, and removed when they are no longer asked for", async () => {
    await convergeNodes(api, nodes);
    server.changes.length = 0;
    await convergeNodes(api, [gpuNode({ name: "h100-1", gpus: 0, labels: { pool: "cpu" } })]);
    expect(server.changes).toEqual([
      "PATCH /api/v1/nodes/h100-1",
      "PATCH /api/v1/nodes/h100-1/status",
      "DELETE /api/v1/nodes/system-1",
    ]);
    const [node] = await listNodes(api);
    expect(node?.metadata.labels?.pool).toBe("cpu");
    expect(node?.status?.allocatable).not.toHaveProperty(["nvidia.com/gpu"]);
  });

  it("leave alone nodes that are real", async () => {
    server.objects.set("/api/v1/nodes/real", { metadata: { name: "real" } });
    await convergeNodes(api, []);
    expect(server.changes).toEqual([]);
  });

  it("can be cut off and come back", async () => {
    await convergeNodes(api, nodes);
    const label = async () => (await listNodes(api))[0]?.metadata.labels?.["kwok.x-k8s.io/node"];
    await failNode(api, "h100-1");
    expect(await label()).toBeUndefined();
    await recoverNode(api, "h100-1");
    expect(await label()).toBe("fake");
  });
});

describe("the stock of volumes", () => {
  const volumes = () => [...server.objects].filter(([path]) => path.startsWith("/api/v1/persistentvolumes/"));

  it("is laid in once, with a storage class that is the default", async () => {
    await ensureVolumes(api);
    expect(volumes()).toHaveLength(40);
    expect(server.objects.get("/api/v1/persistentvolumes/freehold-local-40")).toMatchObject({
      spec: { storageClassName: "freehold-local", capacity: { storage: "2Ti" } },
    });
    expect(server.objects.get("/apis/storage.k8s.io/v1/storageclasses/freehold-local")).toMatchObject({
      metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    });
    server.changes.length = 0;
    await ensureVolumes(api);
    expect(server.changes).toEqual([]);
  });

  it("is filled up, and takes back volumes whose claim is gone", async () => {
    await ensureVolumes(api);
    server.objects.delete("/api/v1/persistentvolumes/freehold-local-07");
    const released = "/api/v1/persistentvolumes/freehold-local-03";
    const { spec, ...volume } = server.objects.get(released) as { spec: object };
    server.objects.set(released, {
      ...volume,
      status: { phase: "Released" },
      spec: { ...spec, claimRef: { name: "c" } },
    });
    server.changes.length = 0;
    await ensureVolumes(api);
    expect(server.changes.sort()).toEqual([
      "PATCH /api/v1/persistentvolumes/freehold-local-03",
      "POST /api/v1/persistentvolumes",
    ]);
    expect(volumes()).toHaveLength(40);
    expect(server.objects.get("/api/v1/persistentvolumes/freehold-local-03")).not.toHaveProperty("spec.claimRef");
  });
});

describe("the rights of kwok", () => {
  it("reach its own user, and no secret, no volume and no other kind", async () => {
    await grantKwokAccess(api);
    const role = server.objects.get("/apis/rbac.authorization.k8s.io/v1/clusterroles/freehold:kwok");
    const { rules } = role as { rules: { resources: string[] }[] };
    const resources = rules.flatMap((rule) => rule.resources);
    expect(resources.sort()).toEqual(["events", "leases", "nodes", "nodes/status", "pods", "pods/status"]);
    expect(server.objects.get("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/freehold:kwok")).toMatchObject({
      subjects: [{ kind: "User", name: "freehold:kwok" }],
    });
  });
});

describe("a call to the API", () => {
  it("brings the token and trusts only the cluster's own authority", async () => {
    await listNodes(api);
    expect(server.requests.at(-1)?.headers.authorization).toBe("Bearer secret");
    const other = selfSigned(["127.0.0.1"], { authority: true }).cert;
    const stranger = new ApiClient({ port: server.port, certificateAuthority: other, token: "secret" });
    await expect(listNodes(stranger)).rejects.toThrow(/certificate/);
    stranger.close();
    expect(server.requests).toHaveLength(1);
  });

  it("fails with the server's own words", async () => {
    await api.create("/api/v1/nodes", { metadata: { name: "one" } });
    await expect(api.create("/api/v1/nodes", { metadata: { name: "one" } })).rejects.toThrow(
      "POST /api/v1/nodes was answered with 409: /api/v1/nodes/one is there already",
    );
    await expect(failNode(api, "missing")).rejects.toThrow("was answered with 404: /api/v1/nodes/missing is not there");
  });

  it("finds nothing where there is nothing, and removes it without complaint", async () => {
    expect(await api.get("/api/v1/nodes/missing")).toBeUndefined();
    await api.delete("/api/v1/nodes/missing");
  });
});
