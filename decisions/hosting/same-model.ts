/** Owners who publish other people's weights in other number formats under the same name. */
const repackers: ReadonlySet<string> = new Set(
  "redhatai neuralmagic nvidia amd unsloth qwen openai meta-llama mistralai google lmstudio-community".split(" "),
);

/** Words of a repository's name that say how numbers are stored, not which model it is. */
const formats =
  /^(fp8|fp4|nvfp4|mxfp4|bf16|fp16|int4|int8|w4a16|w8a8|w8a16|4bit|8bit|awq|gptq|bnb|dynamic|block|quantized|marlin|hf)$/;

/**
 * Whether two repositories hold the same model: equal names once number formats are left out, from the same owner or
 * from one who is known to republish. A fine-tune under a name of its own is another model, and so is anybody's copy.
 */
export function isSameModel(repository: string, served: string): boolean {
  if (repository === served) return true;
  const [owner = "", name = ""] = repository.toLowerCase().split("/");
  const [servedOwner = "", servedName = ""] = served.toLowerCase().split("/");
  if (owner !== servedOwner && !repackers.has(owner)) return false;
  return words(name) === words(servedName);
}

function words(name: string): string {
  return name
    .replace(/^meta-/, "")
    .split(/[-_]/)
    .filter((word) => !formats.test(word))
    .join("-");
}
