import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Settings } from "../settings.ts";
import type { Caller } from "./context.ts";
import { Problem } from "./problem.ts";

type Middleware = MiddlewareHandler<{ Variables: Caller }>;

/** What a page reads of an answer besides its body: the SDK learns a run's id and the next page from it. */
const exposeHeaders = ["content-location", "location", "retry-after", "x-pagination-next"];
const preflightSeconds = 600;

/**
 * Which pages in a browser may call: the listed origins, and where nobody has to say who calls, pages of this machine.
 * There every other page is refused, since being on the machine is all that a caller needs: the browser would let any
 * page send, and only keep the answer from it. A page cannot pretend to be none, but by a name of its own that leads
 * here, so that callers use this machine's names alone.
 */
export function browserPages({ auth, browserOrigins }: Pick<Settings, "auth" | "browserOrigins">): Middleware[] {
  const isOpen = auth.kind === "none";
  const isAllowed = (origin: string) => browserOrigins.includes(origin) || (isOpen && isOfThisMachine(origin));
  const told = cors({
    origin: (origin) => (isAllowed(origin) ? origin : null),
    exposeHeaders,
    maxAge: preflightSeconds,
  });
  if (!isOpen) return [told];
  const refuse: Middleware = async (call, next) => {
    const [host, origin] = [call.req.header("host"), call.req.header("origin")];
    // Browsers always say by which name they call.
    if (host !== undefined && !isOfThisMachine(`http://${host}`) && !isAddress(host)) {
      throw new Problem(403, `Without auth, callers use localhost or an address, not the name ${host.slice(0, 100)}.`);
    }
    if (origin !== undefined && !isAllowed(origin)) {
      throw new Problem(403, `Pages of ${origin.slice(0, 100)} may not call: browserOrigins does not list it.`);
    }
    await next();
  };
  return [refuse, told];
}

function isOfThisMachine(origin: string): boolean {
  return URL.canParse(origin) && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(origin).hostname);
}

function isAddress(host: string): boolean {
  return /^(\d+(\.\d+){3}|\[[0-9a-f:.]+\])(:\d+)?$/i.test(host);
}
