import type { Command } from "../command.ts";
import { bundle } from "./bundle.ts";
import { calibrate } from "./calibrate.ts";
import { catalog } from "./catalog.ts";
import { check } from "./check.ts";
import { decide } from "./decide.ts";
import { deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { down } from "./down.ts";
import { evidence } from "./evidence.ts";
import { explain } from "./explain.ts";
import { flows } from "./flows.ts";
import { gateway } from "./gateway.ts";
import { images } from "./images.ts";
import { lock } from "./lock.ts";
import { pilot } from "./pilot.ts";
import { preflight } from "./preflight.ts";
import { render } from "./render.ts";
import { report } from "./report.ts";
import { size } from "./size.ts";
import { status } from "./status.ts";
import { synth } from "./synth.ts";
import { tools } from "./tools.ts";
import { up } from "./up.ts";

/** All commands, in the order people meet them. */
export const commands: readonly Command[] = [
  size,
  check,
  decide,
  pilot,
  calibrate,
  catalog,
  report,
  lock,
  images,
  explain,
  synth,
  render,
  flows,
  evidence,
  bundle,
  preflight,
  gateway,
  up,
  down,
  deploy,
  destroy,
  status,
  tools,
];
