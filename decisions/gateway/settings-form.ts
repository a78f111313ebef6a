import type { Escalation } from "../../config/routes.ts";
import type { GatewayConfig } from "../../config/schema/index.ts";

/** Settings of the gateway's process, as its own schema reads them: services/gateway/src/settings.ts. */
export interface GatewaySettings {
  readonly listen: Address;
  readonly admin: Address;
  /** Where callers come in over TLS, through a load balancer. */
  readonly secure?: Address & { readonly certificateFile: string; readonly keyFile: string };
  readonly replicas: number;
  readonly residencyMode: string;
  readonly dataClasses: Readonly<Record<string, { readonly leavesBoundary: string; readonly keepAnswers: boolean }>>;
  readonly placements: readonly {
    readonly dataClass: string;
    readonly tenant: string;
    readonly backends: readonly string[];
  }[];
  readonly backends: Readonly<Record<string, GatewayBackend | OutsideBackend>>;
  readonly models: Readonly<Record<string, GatewayModel | OutsideModel>>;
  readonly tenants: Readonly<Record<string, GatewayTenant>>;
  readonly keysFile?: string;
  readonly jwt?: Readonly<Record<string, string>>;
  readonly budgets?: { readonly urlFile: string; readonly blockShare: number };
  readonly redactor?: {
    readonly timeoutMilliseconds: number;
    readonly patterns: readonly { readonly name: string; readonly pattern: string }[];
  };
  readonly telemetry?: {
    readonly endpoint: string;
    readonly location: "inside";
    readonly sampleShare: number;
    readonly headersFile?: string;
  };
  readonly bounds?: { readonly leavingBodyBytes: number };
  readonly deadlines: { readonly drainMilliseconds: number; readonly requestMilliseconds: number };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface GatewayModel extends WaysOfModel {
  readonly maxModelLen: number;
  readonly versions: Readonly<Record<string, { readonly weight: number; readonly backends: readonly string[] }>>;
  readonly price?: { readonly inputUsdPerMillionTokens: number; readonly outputUsdPerMillionTokens: number };
}

interface GatewayTenant {
  readonly dataClasses: readonly string[];
  readonly models: readonly string[];
  readonly mayEscalate?: boolean;
  readonly limits?: GatewayConfig["tenants"][string]["limits"];
}

export interface GatewayBackend {
  readonly url: string;
  /** Each address behind the headless Service is a replica of its own. */
  readonly resolve: "a";
  readonly model: string;
  readonly digest: string;
  readonly location: "inside";
  readonly networks?: readonly string[];
  readonly tokenIds: boolean;
}

/** A model that somebody else runs, as a backend of the gateway. */
export interface OutsideBackend {
  readonly url: string;
  readonly model: string;
  readonly digest: string;
  readonly location: "outside";
  readonly api: "openai";
  readonly tokenIds: false;
  readonly proxy?: string;
  readonly apiKeyFile?: string;
}

/** The same as a model that ways lead to. No tenant may call it by its name. */
export interface OutsideModel {
  readonly maxModelLen: number;
  readonly versions: { readonly outside: { readonly weight: 1; readonly backends: readonly [string] } };
  readonly price: { readonly inputUsdPerMillionTokens: number; readonly outputUsdPerMillionTokens: number };
}

/** What both ways have. */
export interface Way {
  readonly to: string;
  readonly dataClasses?: readonly string[];
  readonly tenants?: readonly string[];
  readonly budget: { readonly usdPerDay: number; readonly shareOfRequests: number };
}

/** Where a model's requests may go beside its own versions. */
export interface WaysOfModel {
  readonly escalation?: Way & {
    readonly rules: Escalation["rules"];
    readonly verify?: Omit<NonNullable<Escalation["verify"]>, "deadline" | "objective"> & {
      readonly deadlineMilliseconds: number;
      readonly objectiveMilliseconds: number;
    };
    readonly unavailable: "local" | "refuse";
  };
  readonly overflow?: Way & {
    readonly requestsPerReplicaAtLeast?: number;
    readonly timeToFirstTokenMilliseconds?: number;
  };
}

/** A key of an existing Secret in the gateway's namespace, and the folder in which its pods find it. */
export interface GatewaySecret {
  /** Names the folder below `/etc/freehold` and the volume. */
  readonly purpose: "keys" | "key-set" | "budgets" | "telemetry" | "certificate" | `frontier-${string}`;
  readonly secret: string;
  readonly key: string;
}
