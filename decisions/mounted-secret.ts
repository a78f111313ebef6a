/** Where a service's chart mounts a key of a Secret, by what it is for. */
export function mountedAt(purpose: string, key: string): string {
  return `/etc/freehold/${purpose}/${key}`;
}
