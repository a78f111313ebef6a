import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BlockList } from "node:net";
import { toWire } from "../api/json.ts";
import { type RunRow, wireRun } from "../runs/run.ts";
import type { WebhookSettings } from "../settings.ts";
import type { Database } from "../storage/database.ts";
import { blockListOf, EgressRefused, post } from "./egress.ts";
import { postThrough } from "./proxy.ts";

/** Deliveries under way at once on one replica. */
const mostAtOnce = 20;
const longestPauseSeconds = 3600;

interface Delivery {
  delivery_id: string;
  tenant_id: string;
  run_id: string;
  url: string;
  attempts: number;
}

/**
 * Tells callers by their webhook that a run has ended: at least once, by rows that outlive every process, with one id for
 * all attempts. Each replica has one.
 */
export class WebhookDeliveries {
  readonly #database: Database;
  readonly #settings: WebhookSettings;
  readonly #secret: Buffer;
  readonly #listedNetworks: BlockList;
  readonly #proxy: string | null;
  #underWay = 0;

  /** `proxy` leads to receivers outside; null where the settings name none. */
  constructor(database: Database, settings: WebhookSettings, secret: Buffer, proxy: string | null) {
    this.#database = database;
    this.#settings = settings;
    this.#secret = secret;
    this.#listedNetworks = blockListOf(settings.networks);
    this.#proxy = proxy;
  }

  /** Begins what is due; it does not wait for receivers. */
  async sendDue(): Promise<void> {
    const { timeoutSeconds } = this.#settings;
    const { rows } = await this.#database.asOwner((transaction) =>
      transaction.query<Delivery>(
        `with due as (
           select d.delivery_id from orchestrator.webhook_deliveries d join orchestrator.runs r using (run_id)
            where d.state = 'pending' and d.next_at <= clock_timestamp() and r.status not in ('pending', 'running')
            order by d.next_at limit $1 for update of d skip locked)
         update orchestrator.webhook_deliveries w set attempts = attempts + 1, updated_at = clock_timestamp(),
           next_at = clock_timestamp() + make_interval(secs => $2)
         from due where w.delivery_id = due.delivery_id returning w.*`,
        // A replica that dies meanwhile leaves the delivery to the next one after this time.
        [mostAtOnce - this.#underWay, timeoutSeconds + 5],
      ),
    );
    for (const delivery of rows) {
      this.#underWay += 1;
      this.#send(delivery)
        // The database is away: the delivery is due again later.
        .catch(() => {})
        .finally(() => {
          this.#underWay -= 1;
        });
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    const failure = await this.#attempt(delivery).then(
      (status) => (status >= 200 && status < 300 ? null : new Error(`The receiver answered ${status}.`)),
      (error: Error) => error,
    );
    const isOver = failure instanceof EgressRefused || delivery.attempts >= this.#settings.attempts;
    const state = failure === null ? "delivered" : isOver ? "failed" : "pending";
    const pauseSeconds = Math.min(this.#settings.retrySeconds * 2 ** (delivery.attempts - 1), longestPauseSeconds);
    await this.#database.asTenant(delivery.tenant_id, (transaction) =>
      transaction.query(
        `update orchestrator.webhook_deliveries set state = $2, last_error = $3, updated_at = clock_timestamp(),
           next_at = clock_timestamp() + make_interval(secs => $4) where delivery_id = $1`,
        [delivery.delivery_id, state, failure?.message ?? null, pauseSeconds],
      ),
    );
  }

  async #attempt(delivery: Delivery): Promise<number> {
    const url = new URL(delivery.url);
    // The settings may have changed since the run was accepted.
    if (!this.#settings.origins.includes(url.origin)) throw new EgressRefused(`${url.origin} is not listed.`);
    const body = JSON.stringify(await this.#news(delivery));
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signed = `${delivery.delivery_id}.${timestamp}.${body}`;
    const headers = {
      "webhook-id": delivery.delivery_id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${createHmac("sha256", this.#secret).update(signed).digest("base64")}`,
    };
    const timeoutMilliseconds = this.#settings.timeoutSeconds * 1000;
    if (this.#proxy !== null && this.#settings.proxied.includes(url.origin)) {
      return postThrough(this.#proxy, url, headers, body, timeoutMilliseconds);
    }
    return post(url, headers, body, { listedNetworks: this.#listedNetworks, timeoutMilliseconds });
  }

  /** The run as its own routes show it, with how it ended and what its thread holds now. */
  async #news({ tenant_id, run_id }: Delivery): Promise<unknown> {
    return this.#database.asTenant(tenant_id, async (transaction) => {
      const { rows } = await transaction.query<RunRow & { values: unknown }>(
        `select r.*, t.values from orchestrator.runs r join orchestrator.threads t using (thread_id) where r.run_id = $1`,
        [run_id],
      );
      const [run] = rows;
      if (run === undefined) throw new EgressRefused("The run was removed.");
      const { error, values, updated_at } = run;
      return toWire({ ...wireRun(run), error, values, run_ended_at: updated_at, webhook_sent_at: new Date() });
    });
  }
}

/** The file that should hold the signing secret holds something else. */
export class SecretUnusable extends Error {
  override name = "SecretUnusable";
}

/** Reads a secret in the form of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export function readSecret(path: string): Buffer {
  const text = readFileSync(path, "utf8").trim();
  const secret = Buffer.from(text.replace(/^whsec_/, ""), "base64");
  if (text.startsWith("whsec_") && secret.length >= 24 && secret.length <= 64) return secret;
  throw new SecretUnusable(`${path} holds no webhook secret: \`whsec_\` and 24 to 64 bytes in base64.`);
}
