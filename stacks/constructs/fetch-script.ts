import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1/index.js";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1/index.js";
import { Construct } from "constructs";
import { fingerprint } from "../fingerprint.ts";
import source from "../scripts/fetch_weights.py";
import { escapeTemplate } from "../terraform-text.ts";

export interface FetchScriptProps {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The script that every fetch Job of a stack runs, and who runs it, in one place for all of them. */
export class FetchScript extends Construct {
  /** Name of the ConfigMap; it changes with the script, and so do the Jobs that run it. */
  readonly configMapName: string;
  readonly configMap: ConfigMapV1;
  /** Whom the Jobs run as: an account that may do nothing and hands out no token. */
  readonly serviceAccount: ServiceAccountV1;
  static readonly serviceAccountName = "fetch-weights";

  /** File name inside the ConfigMap. */
  static readonly file = "fetch_weights.py";

  constructor(scope: Construct, id: string, { namespace, labels }: FetchScriptProps) {
    super(scope, id);
    this.configMapName = `fetch-weights-${fingerprint(source)}`;
    this.configMap = new ConfigMapV1(this, "script", {
      metadata: { name: this.configMapName, namespace, labels: { ...labels } },
      data: { [FetchScript.file]: escapeTemplate(source) },
      immutable: true,
      lifecycle: { createBeforeDestroy: true },
    });
    this.serviceAccount = new ServiceAccountV1(this, "account", {
      metadata: { name: FetchScript.serviceAccountName, namespace, labels: { ...labels } },
      automountServiceAccountToken: false,
    });
  }
}
