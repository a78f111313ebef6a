/** What a dotted path such as `models.chat.versions.v1` leads to, or undefined. Only a map's own keys count. */
export function valueAt(root: unknown, subject: string): unknown {
  return subject
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      root,
    );
}

/** Whether a path is the subject or lies below it. */
export function covers(subject: string, path: string): boolean {
  return path === subject || path.startsWith(`${subject}.`);
}
