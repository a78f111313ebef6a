import { relative, resolve } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { jsonText } from "../../config/diagnostics/render.ts";
import { calibrate as calibrateSet, defaultGain } from "../../decisions/calibration/calibrate.ts";
import { calibrationText } from "../../decisions/calibration/calibration-text.ts";
import { labelLimits } from "../../decisions/calibration/labelled-request.ts";
import { readLabels } from "../../decisions/calibration/labels.ts";
import { type Command, exitCodes, jsonOption } from "../command.ts";
import { readLabelsFile } from "../disk.ts";
import { refuse, report } from "../stack.ts";

const usage = "LABELLED [--quality SHARE] [--json]";

export const calibrate: Command = {
  name: "calibrate",
  summary:
    "Finds, on a labelled set of your own, from where on requests should go to the other model, and what that costs.",
  usage,
  positionals: 1,
  options: {
    quality: {
      type: "string",
      value: "SHARE",
      description: `Share of right answers to reach, 0 to 1. Left out: ${defaultGain * 100} % of what always asking the other model would win.`,
    },
    ...jsonOption,
  },
  async run(context, options, [named]) {
    if (named === undefined) throw unusable("a labelled set is missing");
    const quality = typeof options.quality === "string" ? Number(options.quality) : null;
    if (quality !== null && !(quality > 0 && quality <= 1))
      throw unusable(`--quality ${options.quality} is no share from 0 to 1`);
    const asJson = options.json === true;
    const path = resolve(context.workingDirectory, named);
    const shown = relative(context.workingDirectory, path) || named;
    const read = readLabels(readLabelsFile(path, shown, labelLimits.bytes + 1));
    const files = { labels: { name: shown, text: read.text } };
    if (read.requests === null) {
      refuse(context, asJson, read.findings, files);
      return exitCodes.findings;
    }
    const { findings, ...result } = calibrateSet(read.requests, quality);
    const { stdout } = context.terminal;
    if (asJson) {
      stdout.write(`${JSON.stringify({ ...result, findings: JSON.parse(jsonText(findings, files)) }, null, 2)}\n`);
      return exitCodes.fine;
    }
    report(context, findings, files, "full");
    stdout.write(calibrationText(`Calibration (${shown})`, { ...result, findings }));
    return exitCodes.fine;
  },
};

function unusable(problem: string): Failure {
  return new Failure(
    finding(
      "RUN-111",
      { subject: "freehold calibrate" },
      {
        problem,
        usage: `freehold calibrate ${usage}`,
        options: Object.keys(calibrate.options).map((key) => `--${key}`),
      },
    ),
  );
}
