import { capital } from "../capital.ts";
import { entry } from "./entry.ts";

const nothingPushed = "Nothing was pushed, and the lock is unchanged.";
const nothingNamed = "No tag was moved, and the lock is unchanged.";

/** IMG: images of the services. 1xx what they are made from, 2xx registries. */
export const imageCodes = {
  "IMG-101": entry<{ service: string; nearest: string | null; known: readonly string[] }>({
    severity: "error",
    summary: "A service that has no image",
    title: ({ service }) => `There is no service "${service}" with an image.`,
    why: ({ known }) => `A folder of services/ with a Dockerfile is one: ${known.join(", ")}.`,
    fix: ({ nearest }) => (nearest === null ? "Name one of them, or none for all." : `Write ${nearest}.`),
    example: { service: "gatway", nearest: "gateway", known: ["engine-simulator", "gateway", "orchestrator"] },
  }),
  "IMG-102": entry<{ line: number; problem: string }>({
    severity: "error",
    summary: "A Dockerfile that cannot be built without a container engine",
    title: ({ line, problem }) => `Line ${line} of the Dockerfile cannot be used: ${problem}.`,
    why: () =>
      "Without a container engine nothing can run inside an image. A Dockerfile of a service is ARG BASE, FROM, COPY --chmod of what services/build.mjs makes, USER and ENTRYPOINT.",
    fix: () => "Write it in that form; what needs a command to run belongs into services/build.mjs.",
    example: { line: 4, problem: "RUN is not one of its instructions" },
  }),
  "IMG-103": entry<{ text: string; detail: string }>({
    severity: "error",
    summary: "A base image that no digest fixes",
    title: ({ text, detail }) => `The base image "${text}" cannot be used: ${detail}.`,
    why: () =>
      `The same sources on the same base give the same image; a tag can be moved to another one. ${nothingPushed}`,
    fix: () => "Name it with its digest: --base registry/repository@sha256:…, or the line ARG BASE of the Dockerfile.",
    example: { text: "registry.example.com/node:24", detail: "it has no digest" },
  }),
  "IMG-104": entry<{ text: string; detail: string }>({
    severity: "error",
    summary: "A place for images that is not a path at a registry",
    title: ({ text, detail }) => `Images cannot be pushed to "${text}": ${detail}.`,
    why: () => "Each image goes to <registry>/<path>/<service>:<version>, and the lock names it so.",
    fix: () => "Name the registry's host and a path there: --to registry.example.com/freehold.",
    example: { text: "freehold", detail: "it names no registry" },
  }),
  "IMG-105": entry<{ problem: string }>({
    severity: "error",
    summary: "The services could not be bundled",
    title: () => "The services could not be bundled.",
    why: ({ problem }) => problem,
    fix: () => "Mend what it names; node services/build.mjs shows the same.",
    example: { problem: 'Could not resolve "jose"' },
  }),
  "IMG-106": entry<{ problem: string }>({
    severity: "error",
    summary: "The list of bundled packages could not be made",
    title: ({ problem }) => `The list of what the images hold could not be made: ${problem}.`,
    why: () =>
      `An image without its bill of materials is not built. It is made by npm sbom from package-lock.json. ${nothingPushed}`,
    fix: () => "Bring node_modules in line with package-lock.json (npm ci) and have npm 10 or newer on PATH.",
    example: { problem: "jose@6.2.17 is in the bundle of gateway and not in package-lock.json" },
  }),
  "IMG-107": entry<{ reference: string; problem: string }>({
    severity: "error",
    summary: "A base image that services cannot run on",
    title: ({ reference, problem }) => `${reference} is no base for a service: ${problem}.`,
    why: () => `Images are made for linux/amd64 and linux/arm64, whichever of the two the base has. ${nothingPushed}`,
    fix: () => "Name the digest of an image of Node.js for one of the two: --base.",
    example: {
      reference: "registry.example.com/node@sha256:…",
      problem: "it has no image for Linux on amd64 or arm64",
    },
  }),

  "IMG-201": entry<{ reference: string; doing: string; detail: string }>({
    severity: "error",
    summary: "A registry of images that does not answer",
    title: ({ reference, doing }) => `The registry does not answer while ${doing} ${reference}.`,
    why: ({ detail }) => `${detail}\n${nothingNamed}`,
    fix: () =>
      "Check its name and the way to it (proxy, VPN, certificate), then run the command again; it takes up where it stopped.",
    example: {
      reference: "registry.example.com/freehold/gateway",
      doing: "pushing",
      detail: "dial tcp 10.0.0.7:443: connect: connection refused.",
    },
  }),
  "IMG-202": entry<{ reference: string; doing: string; account: string }>({
    severity: "error",
    summary: "A registry of images that refuses access",
    title: ({ reference, doing }) => `The registry refuses access while ${doing} ${reference}.`,
    why: ({ account }) => `It was asked ${account}. ${nothingNamed}`,
    fix: ({ doing }) =>
      `Give it credentials that allow ${doing} there: docker login, or DOCKER_AUTH_CONFIG with the file's content.`,
    example: {
      reference: "registry.example.com/freehold/gateway",
      doing: "pushing",
      account: "without credentials",
    },
  }),
  "IMG-203": entry<{ reference: string }>({
    severity: "error",
    summary: "A base image that its registry does not have",
    title: ({ reference }) => `The registry has no ${reference}.`,
    why: () => `Either the name or the digest is another one, or the image was removed there. ${nothingPushed}`,
    fix: () => "Correct the reference, or name a copy: --base, or FREEHOLD_REGISTRY_MIRRORS.",
    example: { reference: "registry.example.com/node@sha256:…" },
  }),
  "IMG-204": entry<{ reference: string; detail: string }>({
    severity: "error",
    summary: "A registry sent something else than the digest promises",
    title: ({ reference }) => `What came for ${reference} does not have its digest.`,
    why: ({ detail }) =>
      `${detail}\nSomebody between the registry and here changed it, or the registry is broken. ${nothingNamed}`,
    fix: () => "Do not use that registry or proxy before it is clear who changed it.",
    example: { reference: "registry.example.com/node@sha256:…", detail: "manifest digest: sha256:… does not match." },
  }),
  "IMG-205": entry<{ reference: string; pushed: string; found: string }>({
    severity: "error",
    summary: "A tag that leads elsewhere after the push",
    title: ({ reference, found }) => `${reference} has ${found} after the push.`,
    why: ({ pushed }) =>
      `${pushed} was pushed. Somebody else pushed the same tag, or the registry keeps tags as they are. The lock is unchanged.`,
    fix: () => "Find out who pushes there; then run the command again, or give the service another version.",
    example: { reference: "registry.example.com/freehold/gateway:0.1.0", pushed: "sha256:a…", found: "sha256:b…" },
  }),
  "IMG-206": entry<{ reference: string; doing: string; detail: string }>({
    severity: "error",
    summary: "A registry of images answered with an error",
    title: ({ reference, doing }) => `${capital(doing)} ${reference} failed.`,
    why: ({ detail }) => `${detail}\n${nothingNamed}`,
    fix: () => "Mend what the registry says and run the command again.",
    example: {
      reference: "registry.example.com/freehold/gateway",
      doing: "pushing",
      detail: "unexpected status code 507 Insufficient Storage.",
    },
  }),
} as const;
