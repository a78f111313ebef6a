import { down as stopCluster } from "../../local-cluster/local-cluster.ts";
import { localClusterDirectory } from "../cluster/target.ts";
import { type Command, exitCodes } from "../command.ts";
import { endServices } from "../local-services.ts";
import { alone } from "../run-lock.ts";

export const down: Command = {
  name: "down",
  summary:
    "Stops the local control plane and the local services, and removes what the cluster kept. Compiled tools stay in the cache.",
  usage: "",
  positionals: 0,
  options: {},
  run(context) {
    return alone(context.root, "down", async () => {
      const services = await endServices(context.root);
      const { outcome } = await stopCluster({ directory: localClusterDirectory(context.root), signal: context.signal });
      context.terminal.stdout.write(
        outcome === "stopped"
          ? "The local control plane is stopped and removed.\n"
          : services > 0
            ? "The local services are stopped.\n"
            : "Nothing was running.\n",
      );
      return exitCodes.fine;
    });
  },
};
