import type { ExceptionRule, KeyCustody, ResidencyMode } from "../../config/schema/residency.ts";
import type { Decided, Reason } from "../blueprint.ts";

/** What the residency of a stack allows and forbids, as plain facts. Nothing that is not named here is allowed. */
export interface ResidencyBlueprint {
  readonly mode: Decided<ResidencyMode>;
  /** Regions, countries and areas that data may be processed and kept in; null for anywhere. */
  readonly regions: Decided<readonly string[] | null>;
  /** `host` or `host/path` that images may come from; null for any. */
  readonly registries: Decided<readonly string[] | null>;
  /** Host that weights may be fetched from; null for none. */
  readonly hub: Decided<string | null>;
  /** Providers that escalated requests may go to, sorted. */
  readonly endpoints: Decided<readonly string[]>;
  /** Models outside that some request may be sent to, by name, sorted. */
  readonly frontiers: readonly FrontierFact[];
  /** The proxy that is the only way out, with what it lets through; null where there is none. */
  readonly egress: Decided<EgressFacts | null>;
  /** Every connection that may be opened; all others are denied. */
  readonly edges: readonly Edge[];
  /** Variables that keep software from reporting home, by component. */
  readonly switches: readonly ComponentSwitches[];
  readonly custody: Decided<CustodyFact>;
  /** How the signature of weights is verified before an engine may start from them; null where only hashes are. */
  readonly signatures: Decided<SignatureFact | null>;
  /** What logs hold of prompts and answers: nothing, as long as there is no time limit and no list of readers for them. */
  readonly promptLogging: Decided<"off">;
  /** What is kept of prompts and answers beside logs. */
  readonly kept: readonly KeptFact[];
  /** By data class, sorted: what an escalated request may carry out. */
  readonly escalation: Readonly<Record<string, Decided<EscalationCargo>>>;
  /** Sorted by name. */
  readonly exceptions: readonly ExceptionFact[];
}

/** A model that somebody else runs, with whose requests may go there. */
export interface FrontierFact {
  readonly name: string;
  readonly provider: string;
  readonly host: string;
  readonly port: number;
  /** By data class, sorted; never empty. */
  readonly requests: readonly {
    readonly dataClass: string;
    readonly tenants: readonly string[];
    /** Whether identifiers are taken out before they leave. */
    readonly isRedacted: boolean;
  }[];
  readonly because: readonly Reason[];
}

export interface EgressFacts {
  /** Where it runs, alone. */
  readonly namespace: string;
  /** Name of its Service in that namespace. */
  readonly service: string;
  readonly proxy: Party & { readonly kind: "pods" };
  readonly workloads: readonly EgressWorkload[];
}

/** What one workload is let through to. */
export interface EgressWorkload {
  readonly name: string;
  /** Port of the proxy that nobody else may reach. */
  readonly port: number;
  readonly from: Party & { readonly kind: "pods" };
  /** Sorted. */
  readonly hosts: Decided<readonly EgressHost[]>;
  /** Addresses that the hosts stand at. */
  readonly networks: readonly NetworkFact[];
  /** Whether the network plugin lets these hosts out by name, because no networks are named. */
  readonly byName: boolean;
}

export interface EgressHost {
  readonly host: string;
  readonly port: number;
}

/** Something in which prompts or answers lie after a request. */
export interface KeptFact {
  readonly by: string;
  readonly what: string;
  readonly where: string;
  /** The longest time, in words. */
  readonly time: Decided<string>;
}

export type EscalationCargo = "nothing" | "redacted" | "everything";

export interface CustodyFact {
  /** Custodies that the mode accepts. */
  readonly accepted: readonly KeyCustody[];
  readonly used: KeyCustody;
  readonly reference: string | null;
}

export interface SignatureFact {
  /** By digest. */
  readonly image: string;
  /** Program and its words, with `$(FREEHOLD_SNAPSHOT)` and `$(FREEHOLD_PUBLIC_KEY)` for what the pod fills in. */
  readonly command: readonly string[];
  /** A Secret whose key `publicKey` holds the signer's key. */
  readonly publicKeySecret: string;
}

export interface ExceptionFact {
  readonly name: string;
  readonly rule: ExceptionRule;
  readonly subject: string;
  readonly acceptedBy: string;
  readonly reason: string;
  readonly until: string;
}

export interface ComponentSwitches {
  /** Value of the label `app.kubernetes.io/component` or `freehold/role` of its pods. */
  readonly component: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether it cannot start with a read-only root file system: a fact about it, not an exception that ends. */
  readonly needsWritableRoot: boolean;
  /** Day on which the switches were last held against the software. */
  readonly verifiedOn: string;
}

/** One connection that may be opened, with the ports it may be opened to. */
export interface Edge {
  readonly from: Party;
  readonly to: Party;
  readonly ports: readonly EdgePort[];
  readonly because: readonly Reason[];
}

export interface EdgePort {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

export type Party =
  /** Pods of the stack with these labels, in one of its namespaces. */
  | {
      readonly kind: "pods";
      readonly name: string;
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  /** Pods with these labels in every namespace with those. */
  | {
      readonly kind: "clients";
      readonly name: string;
      readonly namespaceLabels: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
    }
  /** The cluster's name servers. */
  | { readonly kind: "dns"; readonly name: string }
  /** Addresses, of which `except` are left out. */
  | { readonly kind: "networks"; readonly name: string; readonly networks: readonly NetworkFact[] }
  /** Hosts outside that the network plugin tells by their names. */
  | { readonly kind: "names"; readonly name: string; readonly hosts: readonly string[] };

export interface NetworkFact {
  readonly cidr: string;
  readonly except: readonly string[];
}
