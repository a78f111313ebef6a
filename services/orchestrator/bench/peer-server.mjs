// Copied into the peer's folder: the peer on a port, with its data in a folder.
import { startServer } from "@langchain/langgraph-api/server";

const [port, folder, graphs] = process.argv.slice(2);
await startServer({ port: Number(port), nWorkers: 20, host: "127.0.0.1", cwd: folder, graphs: JSON.parse(graphs) });
process.stdout.write("listening\n");
