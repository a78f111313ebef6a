import type { Json } from "./request-fields.ts";

const bytesPerToken = 4;
/** Taken for an image whatever its file's size: about what engines make of one of a million pixels. */
const tokensPerImage = 1200;

/**
 * Tokens of a prompt before any engine has counted them, from the length of its body as it came. An image that the body holds
 * counts for itself, and not as the text that it is written as.
 */
export function promptTokensOf(body: Json, bytes: number): number {
  let text = bytes;
  let images = 0;
  for (const { content } of (body.messages as Json[] | undefined) ?? []) {
    if (!Array.isArray(content)) continue;
    for (const part of content as Json[]) {
      if (part.type !== "image_url") continue;
      images += 1;
      text -= String((part.image_url as Json).url).length;
    }
  }
  return Math.ceil(Math.max(0, text) / bytesPerToken) + images * tokensPerImage;
}
