import { readFile } from "node:fs/promises";
import { type Settings, settingsFaults, settingsSchema } from "./settings.ts";

/** How often the files are looked at: a change arrives within this time plus the time of one read. */
const reloadMilliseconds = 500;

/** Settings of the text, or all that is wrong with it in one error. */
export function parseSettings(text: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`The settings are not JSON: ${(error as Error).message}`);
  }
  const parsed = settingsSchema.safeParse(value);
  const faults = parsed.success
    ? settingsFaults(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${path.join(".") || "settings"}: ${message}`);
  if (!parsed.success || faults.length > 0) throw new Error(`The settings do not hold:\n  ${faults.join("\n  ")}`);
  return parsed.data;
}

/** The text of the settings and of the files with keys and certificates that it names; what cannot be read stands for itself. */
export async function contentOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8");
  const { keysFile, jwt, secure, backends = {} } = settingsSchema.partial().safeParse(jsonOf(text)).data ?? {};
  const backendKeys = Object.values(backends).map(({ apiKeyFile }) => apiKeyFile);
  const named = [keysFile, jwt?.jwksFile, secure?.certificateFile, secure?.keyFile, ...backendKeys].filter(
    (file) => file !== undefined,
  );
  return [text, ...(await Promise.all(named.map((file) => readFile(file, "utf8").catch((error) => String(error)))))];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Calls `onChange` with each new valid content of `path` and of the key files it names, and `onFault` with what is wrong
 * with an invalid one, which changes nothing. By content and not by file events: a mounted ConfigMap or Secret changes
 * through links, which events miss.
 */
export function watchSettings(
  path: string,
  content: readonly string[],
  onChange: (settings: Settings) => Promise<void>,
  onFault: (error: Error) => void,
): { stop(): void } {
  let last = content.join("\0");
  let isBusy = false;
  const timer = setInterval(async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      const current = await contentOf(path);
      if (current.join("\0") !== last) {
        last = current.join("\0");
        await onChange(parseSettings(current[0] ?? ""));
      }
    } catch (error) {
      onFault(error as Error);
    } finally {
      isBusy = false;
    }
  }, reloadMilliseconds);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
