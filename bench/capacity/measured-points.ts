import file from "./points/measured.json" with { type: "json" };
import type { PointRecord } from "./record.ts";
import { type ThroughputPoint, throughputPoint } from "./throughput-points.ts";

/** The throughput points carried in the repository: those that can be computed, and why the others cannot. */
export function measuredPoints(): { points: ThroughputPoint[]; refused: { id: string; refused: string }[] } {
  const records = (file.records as unknown as PointRecord[]).filter(({ kind }) => kind === "throughput");
  const read = records.map(throughputPoint);
  return {
    points: read.filter((point) => "replica" in point),
    refused: read.filter((point) => "refused" in point),
  };
}
