import { readFile } from "node:fs/promises";
import { type Settings, settingsFaults, settingsSchema } from "./settings.ts";

/** How often the file is looked at: a change arrives within this time plus the time of one read. */
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

/**
 * Calls `onChange` with each new valid content of `path`, and `onFault` with what is wrong with an invalid one, which
 * changes nothing. By content and not by file events: a mounted ConfigMap changes through links, which events miss.
 */
export function watchSettings(
  path: string,
  text: string,
  onChange: (settings: Settings) => Promise<void>,
  onFault: (error: Error) => void,
): { stop(): void } {
  let last = text;
  let isBusy = false;
  const timer = setInterval(async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      const current = await readFile(path, "utf8");
      if (current !== last) {
        last = current;
        await onChange(parseSettings(current));
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
