import { fields, list } from "../guard.ts";
import { forContainers, forObjects, type ObjectGuard, wordsOf } from "./object-guard.ts";

const pickled = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|nemo)$/i;
/** Ways of loading that read pickled files. */
const unsafeLoading = /^(pt|npcache)$/;

/** GRD-221: weights that are fetched and loaded cannot run code. */
export const weightFormats: ObjectGuard = (objects, limits) => [
  ...fetched(objects, limits),
  ...loaded(objects, limits),
];

const fetched = forObjects("GRD-221", ["ConfigMap"], ({ body }) => {
  const wanted = fields(body.data)["weights.json"];
  if (typeof wanted !== "string") return [];
  return list(fields(JSON.parse(wanted)).files)
    .map((file) => String(fields(file).name))
    .filter((name) => pickled.test(name))
    .map((name) => `has ${name} fetched`);
});

const loaded = forContainers("GRD-221", (container) => {
  const [, format = ""] = /--load-format[= ]+["']?(\w+)/.exec(wordsOf(container).join(" ")) ?? [];
  return unsafeLoading.test(format) ? [`loads weights in the format ${format}`] : [];
});
