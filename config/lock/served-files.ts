/** One file of a model repository. */
interface RepositoryFile {
  /** Path from the repository's root, with `/`. */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the content in hexadecimal, where the hub keeps one (large files); null otherwise. */
  readonly sha256: string | null;
}

/** What of a repository an engine is given. */
interface ServedFiles {
  /** Files to fetch, sorted by name. Empty when the repository cannot be served. */
  readonly files: readonly RepositoryFile[];
  /** Weight files in formats that are not served although nothing else could take their place. */
  readonly unserved: readonly string[];
}

/** Weights stored by pickling, or in archives that hold pickles: loading one runs what it says. */
const pickled = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|nemo)$/i;
/** Weights in formats of other engines. */
const otherWeights =
  /\.(gguf|ggml|ggjt|onnx|onnx_data|h5|keras|msgpack|tflite|ot|npz|npy|mlmodel|mlpackage|mlmodelc|pdparams|engine|plan|llamafile|task|litertlm)$/i;
/** Whole copies of the weights, kept beside the ones an engine reads. */
const otherCopies = /^(original|onnx|openvino|coreml|gguf|metal|flax|tf|tensorflow|mlx)\//i;
/** Read by people, or by tools that no serving pod runs. */
const documentation =
  /(^|\/)(\.gitattributes|\.gitignore|\.git[^/]*\/.*|licen[cs]e[^/]*|notice[^/]*|readme[^/]*|use_policy[^/]*)$|\.(md|png|jpe?g|gif|svg|webp|mp4|pdf|ipynb|zip|tar|gz|7z)$/i;
/** Python of the repository runs only with `--trust-remote-code`, which is never given. */
const code = /\.(py|pyc|so|sh|cu|cpp|dll|exe)$/i;
/** A module of a Sentence Transformers model, such as `2_Dense/`: it has weights of its own. */
const module = /^\d+_[^/]+\//;

/**
 * The files of a repository that vLLM needs, and nothing else: safetensors weights, configuration, tokenizer, chat
 * template. Left out are weights in other formats and second copies (they would double what every cluster stores and
 * fetches), the repository's own code, and what only people read. Two sets of safetensors (Mistral's `consolidated`
 * beside `model-…`) both stay: which one is read depends on the engine's version.
 *
 * Without safetensors nothing is served: a pickled file can run any code in the pod that loads it.
 */
export function servedFiles(files: readonly RepositoryFile[]): ServedFiles {
  const candidates = files.filter(
    ({ name }) => !otherCopies.test(name) && !documentation.test(name) && !code.test(name),
  );
  const isSafe = ({ name }: RepositoryFile) => name.endsWith(".safetensors");
  const isOther = ({ name }: RepositoryFile) => pickled.test(name) || otherWeights.test(name);
  const safe = new Set(candidates.filter(isSafe).map(({ name }) => folder(name)));

  if (!safe.has("")) {
    return {
      files: [],
      unserved: files
        .filter(isOther)
        .map(({ name }) => name)
        .sort(),
    };
  }
  const unserved = candidates
    .filter(({ name }) => pickled.test(name) && module.test(name) && !safe.has(folder(name)))
    .map(({ name }) => name)
    .sort();
  if (unserved.length > 0) return { files: [], unserved };
  return { files: candidates.filter((file) => !isOther(file)).sort((a, b) => (a.name < b.name ? -1 : 1)), unserved };
}

function folder(name: string): string {
  return name.slice(0, name.lastIndexOf("/") + 1);
}
