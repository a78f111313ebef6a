import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pack, type ReplicaGroup } from "../../decisions/packing.ts";

const groups = fc.array(
  fc.record({ gpus: fc.integer({ min: 1, max: 16 }), replicas: fc.integer({ min: 1, max: 12 }) }),
  { maxLength: 6 },
);
const nodes = fc.integer({ min: 0, max: 12 });
const gpusPerNode = fc.integer({ min: 1, max: 16 });

/** The same rule, one replica and one node at a time. */
function packOneByOne(
  wanted: readonly ReplicaGroup[],
  nodeCount: number,
  perNode: number,
): { free: number[]; unplaced: number } {
  const free = new Array<number>(nodeCount).fill(perNode);
  const replicas = wanted
    .flatMap(({ gpus, replicas: count }) => new Array<number>(count).fill(gpus))
    .sort((a, b) => b - a);
  let unplaced = 0;
  for (const gpus of replicas) {
    const fullest = Math.min(...free.filter((left) => left >= gpus));
    const node = free.indexOf(fullest);
    if (node === -1) unplaced += 1;
    else free[node] = fullest - gpus;
  }
  return { free, unplaced };
}

describe("packing", () => {
  it.each([
    { name: "exactly full", groups: [{ gpus: 4, replicas: 4 }], nodes: 2, unplaced: 0 },
    { name: "one replica over", groups: [{ gpus: 4, replicas: 5 }], nodes: 2, unplaced: 1 },
    { name: "enough GPUs, but in no node together", groups: [{ gpus: 5, replicas: 3 }], nodes: 2, unplaced: 1 },
    {
      name: "small ones in the gaps of large ones",
      groups: [
        { gpus: 5, replicas: 2 },
        { gpus: 3, replicas: 2 },
      ],
      nodes: 2,
      unplaced: 0,
    },
    { name: "larger than a node", groups: [{ gpus: 9, replicas: 1 }], nodes: 2, unplaced: 1 },
    { name: "no nodes", groups: [{ gpus: 1, replicas: 1 }], nodes: 0, unplaced: 1 },
    { name: "nothing to place", groups: [], nodes: 0, unplaced: 0 },
  ])("places replicas whole: $name", ({ groups: wanted, nodes: count, unplaced }) => {
    const packing = pack(wanted, count, 8);
    expect(packing.unplacedReplicas).toBe(unplaced);
    expect(packing.fits).toBe(unplaced === 0);
  });

  it("gives what placing one replica after another gives", () => {
    fc.assert(
      fc.property(groups, nodes, gpusPerNode, (wanted, count, perNode) => {
        const slow = packOneByOne(wanted, count, perNode);
        const fast = pack(wanted, count, perNode);
        expect(fast.unplacedReplicas).toBe(slow.unplaced);
        expect(fast.free).toEqual(
          Array.from({ length: perNode + 1 }, (_, left) => slow.free.filter((n) => n === left).length),
        );
      }),
    );
  });

  it("never holds more on a node than the node has", () => {
    fc.assert(
      fc.property(groups, nodes, gpusPerNode, (wanted, count, perNode) => {
        const { free, unplacedGpus, nodesUsed } = pack(wanted, count, perNode);
        const asked = wanted.reduce((sum, { gpus, replicas }) => sum + gpus * replicas, 0);
        const left = free.reduce((sum, amount, gpus) => sum + amount * gpus, 0);
        expect(Math.min(...free)).toBeGreaterThanOrEqual(0);
        expect(free.reduce((sum, amount) => sum + amount, 0)).toBe(count);
        expect(asked - unplacedGpus).toBe(count * perNode - left);
        expect(nodesUsed).toBeLessThanOrEqual(count);
      }),
    );
  });

  it("leaves no GPU free on a thousand nodes when far more replicas wait", () => {
    const packing = pack(
      Array.from({ length: 300 }, (_, i) => ({ gpus: 1 + (i % 8), replicas: 1000 })),
      1000,
      72,
    );
    expect(packing.fits).toBe(false);
    expect(packing.free.reduce((sum, amount, gpus) => sum + amount * gpus, 0)).toBe(0);
  });
});
