import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });

/** Sends one chat request and reads its answer; the number of events in it, and the milliseconds it took. */
export function ask(url, key, body, more = {}) {
  const { hostname, port } = new URL(url);
  const text = JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    authorization: `Bearer ${key}`,
    ...more,
  };
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const options = { agent, host: hostname, port, method: "POST", path: "/v1/chat/completions", headers };
    const outgoing = request(options, (answer) => {
      let events = 0;
      let lastAt = performance.now();
      let longestGap = 0;
      answer.on("data", (chunk) => {
        for (let at = chunk.indexOf("data: "); at !== -1; at = chunk.indexOf("data: ", at + 6)) events += 1;
        longestGap = Math.max(longestGap, performance.now() - lastAt);
        lastAt = performance.now();
      });
      answer.on("end", () => {
        if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
        else resolve({ events, longestGap, milliseconds: performance.now() - started });
      });
      answer.on("error", reject);
    });
    outgoing.on("error", (error) => {
      // A connection that lay idle for a round may be closed by its server at the moment it is used again.
      if (outgoing.reusedSocket && error.code === "ECONNRESET") resolve(ask(url, key, body, more));
      else reject(error);
    });
    outgoing.end(text);
  });
}

/** Latencies of requests that are sent at a steady rate, whatever becomes of those before them. Milliseconds, sorted. */
export async function steady(perSecond, seconds, send) {
  const pending = [];
  const started = performance.now();
  const total = perSecond * seconds;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * perSecond) + 1);
    for (; sent < due; sent += 1) pending.push(send());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const answers = await Promise.all(pending);
  return answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
}

/** Sends as fast as `width` callers can for a while; the number of answers. */
export async function flatOut(width, seconds, send) {
  const until = performance.now() + seconds * 1000;
  let answers = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await send();
      answers += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, caller));
  return answers;
}

export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
