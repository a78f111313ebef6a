import { TerraformBackend, type TerraformRemoteState } from "cdktf";
import type { Construct } from "constructs";
import type { Blueprint } from "../../decisions/blueprint.ts";

export interface StateBackendProps {
  readonly state: Blueprint["state"];
  /** Name of the stack file. */
  readonly name: string;
  readonly environment: string;
  /** Stack whose state is kept: one key a stack and environment. */
  readonly stack: string;
  /** Kubeconfig context the file names, or null; only the `kubernetes` backend needs it. */
  readonly context: string | null;
}

/** Attributes of the backend block. Credentials are never among them: each backend reads its own from the environment. */
function attributes({ state, name, environment, stack, context }: StateBackendProps): Record<string, unknown> {
  const key = `${name}/${environment}/${stack}`;
  switch (state.backend) {
    case "local":
      // Relative to the stack's folder, so it lies beside the output folder and outlives its deletion.
      return { path: `../../../.freehold/state/${key}.tfstate` };
    case "s3":
      return {
        bucket: state.bucket,
        key,
        region: state.region,
        encrypt: true,
        use_lockfile: true,
        ...(state.kmsKeyId === undefined ? {} : { kms_key_id: state.kmsKeyId }),
        ...(state.endpoint === undefined ? {} : otherThanAmazon(state.endpoint)),
      };
    case "gcs":
      return { bucket: state.bucket, prefix: key };
    case "azurerm":
      return {
        resource_group_name: state.resourceGroup,
        storage_account_name: state.storageAccount,
        container_name: state.container,
        key,
      };
    case "pg":
      return { schema_name: `${name}_${environment}_${stack}` };
    case "http": {
      const address = `${state.address.replace(/\/+$/, "")}/${name}-${environment}-${stack}`;
      const lock = `${address}/lock`;
      return {
        address,
        lock_address: lock,
        lock_method: "POST",
        unlock_address: lock,
        unlock_method: "DELETE",
      };
    }
    case "kubernetes":
      return {
        namespace: state.namespace,
        secret_suffix: `${name}-${environment}-${stack}`,
        ...(context === null ? {} : { config_context: context }),
      };
  }
}

/** What a store that only speaks S3's protocol lacks, and Terraform would otherwise ask of it. */
function otherThanAmazon(endpoint: string): Record<string, unknown> {
  return {
    endpoints: { s3: endpoint },
    use_path_style: true,
    skip_credentials_validation: true,
    skip_metadata_api_check: true,
    skip_region_validation: true,
    skip_requesting_account_id: true,
    skip_s3_checksum: true,
  };
}

/**
 * Where Terraform keeps the stack's state. One class for all backends: cdktf has none for `kubernetes`, none for S3's
 * own locking, and asks for the connection string of `pg`, which is a secret.
 */
export class StateBackend extends TerraformBackend {
  readonly #props: StateBackendProps;

  constructor(scope: Construct, id: string, props: StateBackendProps) {
    super(scope, id, props.state.backend);
    this.#props = props;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return attributes(this.#props);
  }

  override getRemoteStateDataSource(): TerraformRemoteState {
    throw new Error("Stacks hand each other plain names, never references: each plans alone.");
  }
}
