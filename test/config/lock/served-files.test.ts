import { describe, expect, it } from "vitest";
import { servedFiles } from "../../../config/lock/served-files.ts";

const served = (...names: string[]) => {
  const { files, unserved } = servedFiles(names.map((name) => ({ name, bytes: 1, sha256: null })));
  return { files: files.map(({ name }) => name), unserved };
};

describe("the files an engine is given", () => {
  it.each([
    "model.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer.model",
    "sentencepiece.bpe.model",
    "merges.txt",
    "vocab.txt",
    "chat_template.jinja",
    "preprocessor_config.json",
    "1_Pooling/config.json",
    "modules.json",
    "qwen.tiktoken",
    "consolidated.safetensors",
  ])("hold %s", (name) => {
    expect(served("model.safetensors", name).files).toContain(name);
  });

  it.each([
    "pytorch_model.bin",
    "pytorch_model-00001-of-00002.bin",
    "model.gguf",
    "model.onnx",
    "onnx/model.onnx",
    "onnx/config.json",
    "flax_model.msgpack",
    "tf_model.h5",
    "rust_model.ot",
    "original/consolidated.00.pth",
    "original/params.json",
    "openvino/openvino_model.bin",
    "training_args.bin",
    "modeling_custom.py",
    "README.md",
    "LICENSE",
    ".gitattributes",
    "assets/figure.png",
  ])("leave out %s", (name) => {
    expect(served("model.safetensors", name).files).toEqual(["model.safetensors"]);
  });

  it("are sorted by name", () => {
    expect(served("tokenizer.json", "model.safetensors", "config.json").files).toEqual([
      "config.json",
      "model.safetensors",
      "tokenizer.json",
    ]);
  });

  it("hold the weights of a Sentence Transformers module that are safe", () => {
    const { files } = served("model.safetensors", "2_Dense/model.safetensors", "2_Dense/pytorch_model.bin");
    expect(files).toEqual(["2_Dense/model.safetensors", "model.safetensors"]);
  });

  it.each([
    [["pytorch_model.bin", "config.json"], ["pytorch_model.bin"]],
    [["model.gguf", "config.json"], ["model.gguf"]],
    [["config.json"], []],
    [["sub/model.safetensors", "original/consolidated.00.pth"], ["original/consolidated.00.pth"]],
    [["model.safetensors", "2_Dense/pytorch_model.bin"], ["2_Dense/pytorch_model.bin"]],
  ])("rejects a repository of %j, naming %j", (names, unserved) => {
    expect(served(...names)).toEqual({ files: [], unserved });
  });
});
