// Proves: the screen of a bad file, to the character. Each snapshot is what a user reads; change one only on purpose.
import { describe, expect, it } from "vitest";
import { screenOf, soundStack, stackWith } from "../support/stack-file.ts";

describe("the screen of a file with", () => {
  it("a tab as indentation", () => {
    expect(screenOf(stackWith(["    engine: vllm", "\tengine: vllm"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:10:1  CFG-002  This line is indented with a tab.

         9 |   chat:
        10 | 	engine: vllm
           | ^

        Why: Yaml measures depth in spaces and does not accept tabs before a key.
        Fix: Replace the tab by spaces, two for each level; most editors do it with one command.
        More: docs/reference/errors.md#cfg-002

      1 error
      "
    `);
  });

  it("a quote that is never closed", () => {
    expect(screenOf(stackWith(["environment: trial", 'environment: "trial']))).toMatchInlineSnapshot(`
      "config/stack.yaml:3:14  CFG-003  The quote " that is opened here is never closed.

        2 | name: support-agents
        3 | environment: "trial
          |              ^

        Why: Everything after " belongs to the same value, so the keys that follow it are not seen as keys.
        Fix: Add the missing " where the value ends.
        More: docs/reference/errors.md#cfg-003

      1 error
      "
    `);
  });

  it("a key that is written twice", () => {
    expect(screenOf(stackWith(["    replicas: 2\n", "    replicas: 2\n    replicas: 3\n"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:15:5  CFG-008  The key replicas is written twice in models.chat.

        14 |     replicas: 2
        15 |     replicas: 3
           |     ^^^^^^^^
        also config/stack.yaml:14:5  replicas is written here first

        Why: Only one of the two could be used, and readers would not agree on which.
        Fix: Keep one of them and remove or rename the other.
        More: docs/reference/errors.md#cfg-008

      1 error
      "
    `);
  });

  it("a word of yaml 1.1", () => {
    expect(screenOf(stackWith(["environment: trial", "environment: no"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:3:14  CFG-023  The value no means different things to different readers of yaml.

        2 | name: support-agents
        3 | environment: no
          |              ^^

        Why: Yaml 1.2, which this file follows, reads no as text. Yaml 1.1, which many tools still follow, reads it as false.
        Fix: Put it in quotes if text is meant: "no". Write false if a boolean is meant.
        More: docs/reference/errors.md#cfg-023

      1 error
      "
    `);
  });

  it("a byte of Latin-1", () => {
    const text = stackWith(["name: support-agents", "name: support-agents # für alle"]);
    expect(screenOf(new Uint8Array(Buffer.from(text, "latin1")))).toMatchInlineSnapshot(`
      "config/stack.yaml:2:25  CFG-016  The byte 0xFC here is not UTF-8.

        1 | apiVersion: freehold/v1alpha1
        2 | name: support-agents # f�r alle
          |                         ^

        Why: The file must be UTF-8; in Latin-1 this byte would be "ü". It is the only such byte.
        Fix: Save the file as UTF-8; in most editors this is a choice in the status bar.
        More: docs/reference/errors.md#cfg-016

      1 error
      "
    `);
  });

  it("a NUL", () => {
    expect(screenOf(stackWith(["environment: trial", "environment: tr\0ial"]))).toMatchInlineSnapshot(`
      "config/stack.yaml:3:16  CFG-018  The character U+0000 (NUL) is not allowed in yaml.

        2 | name: support-agents
        3 | environment: tr␀ial
          |                ^

        Why: It cannot be seen in an editor, and programs disagree on what it means. It is the only one.
        Fix: Remove the character; if it came with text that was pasted, type that text anew.
        More: docs/reference/errors.md#cfg-018

      1 error
      "
    `);
  });

  it("nothing in it", () => {
    expect(screenOf("")).toMatchInlineSnapshot(`
      "config/stack.yaml:1:1  CFG-013  The file is empty.

        1 |
          | ^

        Why: A stack file says at least what is served and where: apiVersion, name, environment, state, cluster, nodePools, models.
        Fix: Start from config/stack.yaml of the repository, or restore the file from version control.
        More: docs/reference/errors.md#cfg-013

      1 error
      "
    `);
  });

  it("a list instead of a map", () => {
    expect(screenOf("# models\n- chat\n- embeddings\n")).toMatchInlineSnapshot(`
      "config/stack.yaml:2:1  CFG-014  The file is a list, not a map of keys.

        1 | # models
        2 | - chat
          | ^^^^^^

        Why: A stack file is one map: apiVersion, name, environment and so on, each at the start of a line.
        Fix: Write keys at the top level, without a leading dash or bracket, as in config/stack.yaml of the repository.
        More: docs/reference/errors.md#cfg-014

      1 error
      "
    `);
  });

  it("a megabyte", () => {
    expect(screenOf(soundStack.padEnd(2 ** 20, "# "))).toMatchInlineSnapshot(`
      "config/stack.yaml:1:1  CFG-010  The file has 1048576 bytes; it must have fewer than 1000000.

        1 | apiVersion: freehold/v1alpha1
          | ^

        Why: A file of a hundred models has about 25000 bytes. One this large was written by accident or by a generator.
        Fix: Check that this is the stack file. Split what it describes into several stacks, one file each.
        More: docs/reference/errors.md#cfg-010

      1 error
      "
    `);
  });

  it("an alias bomb", () => {
    const lines = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of [..."abcde"].map((from, index) => [from, "bcdef"[index]])) {
      lines.push(
        `${to}: &${to} [*${from}, *${from}, *${from}, *${from}, *${from}, *${from}, *${from}, *${from}, *${from}]`,
      );
    }
    expect(screenOf(lines.join("\n"))).toMatchInlineSnapshot(`
      "config/stack.yaml:5:1  CFG-009  With its aliases written out, the file has more than 50000 keys and values.

        4 | d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]
        5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]
          | ^

        Why: A few lines of aliases to aliases can expand to more than any machine can hold, so there is a limit.
        Fix: Write out what differs, and refer to anchors only where a whole value repeats.
        More: docs/reference/errors.md#cfg-009

      1 error
      "
    `);
  });

  it("a missing key and an unknown one", () => {
    const text = stackWith(["environment: trial\n", ""], ["maxModelLen: 32768", "maxModelLength: 32768"]);
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:1:1  CFG-101  The key environment is missing in the file.

        1 | apiVersion: freehold/v1alpha1
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        Why: environment is required and has no default. It means: Which environment this file describes, such as \`production\`: lower-case letters and digits.
        Fix: Add environment to the file.
        More: docs/reference/errors.md#cfg-101

      config/stack.yaml:11:5  CFG-102  The key maxModelLength is not known in models.chat.

        10 |     nodePool: h100
        11 |     maxModelLength: 32768
           |     ^^^^^^^^^^^^^^

        Why: Keys of models.chat: engine, task, nodePool, maxModelLen, tensorParallelSize, replicas, maxNumSeqs, maxNumBatchedTokens, gpuMemoryUtilization, kvCacheDtype, drainTimeout, versions and traffic.
        Fix: Did you mean maxModelLen?
        More: docs/reference/errors.md#cfg-102

      2 errors
      "
    `);
  });

  it("names and forms that are refused", () => {
    const text = stackWith(
      ["  chat:", "  Chat_Model:"],
      ["    replicas: 2", "    replicas: two\n    drainTimeout: 90 seconds"],
      ["repository: Qwen/Qwen3-32B", "repository: https://huggingface.co/Qwen/Qwen3-32B"],
    );
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:9:3  CFG-107  The name "Chat_Model" in models holds "_" and upper-case letters.

        8 | models:
        9 |   Chat_Model:
          |   ^^^^^^^^^^

        Why: Names become parts of Kubernetes names: lower-case letters, digits and hyphens, starting with a letter, not ending with a hyphen.
        Fix: Write \`chat-model\`.
        More: docs/reference/errors.md#cfg-107

      config/stack.yaml:14:15  CFG-103  models.Chat_Model.replicas must be a whole number; it is the text "two".

        13 |     tensorParallelSize: 2
        14 |     replicas: two
           |               ^^^

        Why: models.Chat_Model.replicas is read as a whole number and never converted from something else.
        Fix: Write a whole number there.
        More: docs/reference/errors.md#cfg-103

      config/stack.yaml:15:19  CFG-108  models.Chat_Model.drainTimeout must be a duration such as 30s; it is "90 seconds".

        14 |     replicas: two
        15 |     drainTimeout: 90 seconds
           |                   ^^^^^^^^^^

        Why: A duration is a whole number above zero and one unit without a space: s, m or h.
        Fix: Write \`90s\`.
        More: docs/reference/errors.md#cfg-108

      config/stack.yaml:17:36  CFG-110  models.Chat_Model.versions.v1.weights.repository must be a repository as owner/name; it is "https://huggingface.co/Qwen/Qwen3-32B".

        16 |     versions:
        17 |       v1: { weights: { repository: https://huggingface.co/Qwen/Qwen3-32B } }
           |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        Why: Weights come from the Hugging Face hub, where a repository is its owner, one slash and its name. The branch, tag or commit goes to revision.
        Fix: Write \`Qwen/Qwen3-32B\`.
        More: docs/reference/errors.md#cfg-110

      4 errors
      "
    `);
  });

  it("two sections that contradict each other", () => {
    const text = stackWith(["{ target: local }", "{ target: existing, existing: { storageClass: fast } }"]);
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:4:19  CFG-210  The state of a stack with the target "existing" cannot be kept in a local file.

        3 | environment: trial
        4 | state: { backend: local }
          |                   ^^^^^
        also config/stack.yaml:5:20  the target is set here: existing

        Why: A file on one machine has no lock that a colleague could see and no second copy: two people would deploy over each other, and its loss would orphan what is deployed.
        Fix: Choose a shared backend: s3, gcs, azurerm, pg, http or kubernetes.
        More: docs/reference/errors.md#cfg-210

      1 error
      "
    `);
  });

  it("an error and a warning, the warning last though it stands first", () => {
    const text = stackWith(
      ["models:", "  spare: { accelerator: nvidia-h100-sxm, gpusPerNode: 4, nodes: { min: 2, max: 2 } }\nmodels:"],
      ["traffic: { v1: 100 }", "traffic: { v1: 90 }"],
    );
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:18:14  CFG-204  The traffic shares of the model "chat" sum to 90, not to 100.

        17 |       v1: { weights: { repository: Qwen/Qwen3-32B } }
        18 |     traffic: { v1: 90 }
           |              ^^^^^^^^^^

        Why: Shares are percent of the model's requests, and every request goes somewhere: v1 90.
        Fix: Write \`{ v1: 100 }\`.
        More: docs/reference/errors.md#cfg-204

      config/stack.yaml:8:3  CFG-216  No model runs on the node pool "spare".

        7 |   h100: { accelerator: nvidia-h100-sxm, gpusPerNode: 8, nodes: { min: 2, max: 2 } }
        8 |   spare: { accelerator: nvidia-h100-sxm, gpusPerNode: 4, nodes: { min: 2, max: 2 } }
          |   ^^^^^

        Why: Its 8 GPUs are there at all times and nothing in this file uses them.
        Fix: Remove the pool, lower nodes.min, or name it in a model's nodePool.
        More: docs/reference/errors.md#cfg-216

      1 error, 1 warning
      "
    `);
  });
});
