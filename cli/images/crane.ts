import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import type { CommandContext } from "../command.ts";
import { registryCredentials } from "../lock/credentials.ts";
import { type ProcessResult, runProcess } from "../process.ts";

/** What a run of crane is about, for messages. */
export interface Errand {
  /** `pulling` or `pushing`. */
  readonly doing: "pulling" | "pushing";
  readonly reference: string;
}

/** Whole images go through one call; a slow line is no fault. */
const timeoutSeconds = 1800;

/** The client of registries, with the user's own credentials. */
export class Crane {
  readonly #program: string;
  readonly #context: CommandContext;
  readonly #environment: CommandContext["environment"];

  /** `workshop` is a folder for the time of this command alone. */
  constructor(program: string, context: CommandContext, workshop: string) {
    this.#program = program;
    this.#context = context;
    const inline = context.environment.DOCKER_AUTH_CONFIG;
    if (inline === undefined || inline === "") {
      this.#environment = context.environment;
      return;
    }
    // crane knows credentials only as a file.
    const folder = join(workshop, "docker-config");
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "config.json"), inline, { mode: 0o600 });
    chmodSync(folder, 0o700);
    this.#environment = { ...context.environment, DOCKER_CONFIG: folder };
  }

  /** What crane printed. @throws Failure IMG-201 to IMG-206 */
  async run(words: readonly string[], errand: Errand): Promise<string> {
    const { signal } = this.#context;
    const result = await runProcess(this.#program, words, { environment: this.#environment, signal, timeoutSeconds });
    signal.throwIfAborted();
    if (result.status === 0) return result.stdout;
    throw await this.#failure(result, errand);
  }

  async #failure({ stdout, stderr }: ProcessResult, { doing, reference }: Errand): Promise<Failure> {
    const place = { subject: reference };
    const text = `${stderr}\n${stdout}`;
    const detail = lastSentence(text);
    if (
      /does not match requested digest|error verifying|DIGEST_INVALID|digest mismatch|size .* does not match/i.test(
        text,
      )
    ) {
      return new Failure(finding("IMG-204", place, { reference, detail }));
    }
    if (/UNAUTHORIZED|DENIED|status code 40[13]|401 Unauthorized|403 Forbidden/i.test(text)) {
      const host = reference.split("/")[0] ?? "";
      const asked = { reference, place };
      const found = await registryCredentials(host, this.#environment, asked, this.#context.signal);
      const account = found === null ? "without credentials" : `with the credentials from ${found.source}`;
      return new Failure(finding("IMG-202", place, { reference, doing, account }));
    }
    if (doing === "pulling" && /MANIFEST_UNKNOWN|NAME_UNKNOWN|BLOB_UNKNOWN|404 Not Found/i.test(text)) {
      return new Failure(finding("IMG-203", place, { reference }));
    }
    if (
      /dial tcp|no such host|connection re(fused|set)|i\/o timeout|EOF|x509|tls:|context deadline|broken pipe/i.test(
        text,
      )
    ) {
      return new Failure(finding("IMG-201", place, { reference, doing, detail }));
    }
    return new Failure(finding("IMG-206", place, { reference, doing, detail }));
  }
}

/** The last thing that crane said, as one line that ends with a full stop. */
function lastSentence(text: string): string {
  const line =
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^Error: /, "") ?? "";
  const short = line.length > 300 ? `${line.slice(0, 300)}…` : line;
  return short === "" ? "It printed nothing." : `${short.replace(/\.$/, "")}.`;
}
