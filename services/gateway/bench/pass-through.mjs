// What Node.js itself costs between a client and an engine: a proxy that reads nothing and decides nothing.
import { Agent, createServer, request } from "node:http";

const engine = new URL(process.argv[2]);
const agent = new Agent({ keepAlive: true });
const server = createServer((incoming, outgoing) => {
  const { method, url: path, headers } = incoming;
  const upstream = request({ agent, host: engine.hostname, port: engine.port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.on("error", () => outgoing.destroy());
  incoming.pipe(upstream);
});
server.listen(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}` })),
);
