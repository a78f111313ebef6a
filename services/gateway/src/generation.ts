import { Dialler } from "./dialler.ts";
import { Identity } from "./identity.ts";
import { Redactor } from "./redaction/redactor.ts";
import { ReplicaDirectory } from "./replica-directory.ts";
import type { ReplicaPool } from "./replica-pool.ts";
import type { Settings } from "./settings.ts";

/** One reading of the settings with what hangs on it; the last request that used it closes its connections. */
export interface Generation {
  readonly settings: Settings;
  readonly identity: Identity;
  readonly directory: ReplicaDirectory;
  readonly dialler: Dialler;
  /** Null where none is set up: then nothing leaves that would need one. */
  readonly redactor: Redactor | null;
  users: number;
  isSuperseded: boolean;
}

/** @param previous Directory of the reading before: what it found is used until DNS has answered anew. */
export async function generationOf(
  settings: Settings,
  replicas: ReplicaPool,
  previous: ReplicaDirectory | null,
): Promise<Generation> {
  const events = {
    onGone: (replica: string) => {
      dialler?.retire(replica);
      replicas.forget(replica);
    },
    onTrouble: (trouble: object) => console.error(JSON.stringify({ level: "error", ...trouble })),
  };
  let dialler: Dialler | undefined;
  const [identity, directory] = await Promise.all([
    Identity.load(settings),
    ReplicaDirectory.open(settings, () => performance.now(), events, previous),
  ]);
  dialler = new Dialler(settings, directory);
  const redactor = settings.redactor === undefined ? null : new Redactor(settings.redactor);
  return { settings, identity, directory, dialler, redactor, users: 0, isSuperseded: false };
}

/** Counts `users` less; a superseded generation that nobody uses any more stops what it keeps running. */
export function release(generation: Generation, users: number): void {
  generation.users -= users;
  if (!generation.isSuperseded || generation.users > 0) return;
  generation.directory.stop();
  void generation.dialler.close();
  void generation.redactor?.close();
}
