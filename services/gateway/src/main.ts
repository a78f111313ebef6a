import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { adminServer } from "../../shared/src/admin-server.ts";
import { Gateway } from "./gateway.ts";
import { servesRedactions } from "./redaction/redactor.ts";
import { contentOf, parseSettings, watchSettings } from "./settings-file.ts";

const log = (line: object) => console.log(JSON.stringify(line));

function listen(server: Server, { host, port }: { host: string; port: number }, scheme = "http"): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const bound = server.address() as AddressInfo;
      resolve(`${scheme}://${bound.address}:${bound.port}`);
    });
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { settings: { type: "string" } } });
  if (values.settings === undefined) throw new Error("Say where the settings are: --settings FILE");
  const path = values.settings;
  const content = await contentOf(path);
  const settings = parseSettings(content[0] ?? "");
  const gateway = await Gateway.open(settings);
  const admin = adminServer(gateway);
  const adminUrl = await listen(admin, settings.admin);
  const { plain, secure } = gateway.listeners;
  // Nobody learns that it listens before all of it does.
  const secureUrl =
    secure === null || settings.secure === undefined ? null : await listen(secure, settings.secure, "https");
  log({
    listening: await listen(plain, settings.listen),
    admin: adminUrl,
    ...(secureUrl === null ? {} : { secureUrl }),
  });

  const watch = watchSettings(
    path,
    content,
    async (changed) => {
      await gateway.use(changed);
      log({ level: "info", event: "settings_taken" });
    },
    (error) => log({ level: "error", event: "settings_refused", message: error.message }),
  );
  process.once("SIGTERM", async () => {
    log({ level: "info", event: "draining" });
    watch.stop();
    await gateway.drain();
    admin.close();
    admin.closeAllConnections();
    process.exit(0);
  });
}

if (!servesRedactions()) {
  main().catch((error: Error) => {
    console.error(JSON.stringify({ level: "error", event: "not_started", message: error.message }));
    // What listens already would keep the process, and tell the probes that it is well.
    process.exit(1);
  });
}
