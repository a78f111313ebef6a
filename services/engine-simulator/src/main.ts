import type { AddressInfo } from "node:net";
import { Engine } from "./engine.ts";
import { readOptions } from "./engine-options.ts";

const options = readOptions(process.argv.slice(2));
const { server } = new Engine(options);
server.listen(options.port, options.host, () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(
    JSON.stringify({ listening: `http://${address}:${port}`, model: options.model, weights: options.weights }),
  );
});

// As vLLM does it without --shutdown-timeout: what is under way is cut.
process.on("SIGTERM", () => {
  server.closeAllConnections();
  process.exit(0);
});
