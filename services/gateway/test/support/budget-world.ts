import type { Claim, EscalationBudget } from "../../src/escalation/escalation-budget.ts";
import { random } from "./random.ts";

/** What is wrong with a budget in the world of this seed: requests, answers that cost more or less, days, clocks set back. */
export function budgetFault(seed: number, Subject: typeof EscalationBudget): string | null {
  const draw = random(seed);
  let day = 20;
  let latestDay = day;
  const budget = new Subject(() => new Date(Date.UTC(2026, 10, day)).toISOString().slice(0, 10));
  const replicas = 1 + Math.floor(draw() * 3);
  const limits = {
    usdPerDay: draw() < 0.1 ? 0 : 0.5 + draw() * 4,
    shareOfRequests: draw() < 0.1 ? 0 : 0.05 + draw() * 0.9,
  };
  const open: { claim: Claim; usd: number; paid: number }[] = [];
  let requests = 0;
  let claimed = 0;
  /** Requests that may still go on: a quiet time saves up fifty at most. */
  let earned = 2;
  /** By hand: what was spent on the latest day, and what is set aside. */
  let spent = 0;
  let refusedWithRoom = 0;
  for (let step = 0; step < 400; step += 1) {
    if (draw() < 0.01) {
      day += draw() < 0.7 ? 1 : -1;
      if (day > latestDay) {
        latestDay = day;
        spent = 0;
      }
    }
    budget.request(limits);
    requests += 1;
    earned = Math.min(50, earned + limits.shareOfRequests);
    const usd = draw() * 0.1;
    const aside = open.reduce((sum, one) => sum + one.usd, 0);
    const got = budget.claim(limits, replicas, usd);
    const hasMoney = limits.usdPerDay > 0 && spent + aside + usd <= limits.usdPerDay / replicas + 1e-9;
    const hasShare =
      limits.shareOfRequests > 0 && earned >= 1 - 1e-6 && claimed + 1 <= 2 + limits.shareOfRequests * requests + 1e-6;
    if (typeof got !== "string") {
      claimed += 1;
      earned -= 1;
      if (!hasMoney) return "spent more than the day's money";
      if (!hasShare) return "sent on more than the share";
      open.push({ claim: got, usd, paid: usd * draw() });
    } else if (got === "budget_usd" && limits.usdPerDay > 0 && spent + aside + usd < limits.usdPerDay / replicas - 1e-9)
      refusedWithRoom += 1;
    else if (got === "budget_share" && limits.shareOfRequests > 0 && earned > 1 + 1e-6) refusedWithRoom += 1;
    if (refusedWithRoom > 0) return "refused though there was room";
    while (open.length > 0 && draw() < 0.5) {
      const [done] = open.splice(Math.floor(draw() * open.length), 1);
      if (done === undefined) break;
      done.claim.settle(done.paid);
      if (draw() < 0.3) done.claim.settle(done.paid);
      spent += done.paid;
    }
  }
  return null;
}
