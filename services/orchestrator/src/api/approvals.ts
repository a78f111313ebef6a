import { Hono } from "hono";
import * as z from "zod";
import type { ApprovalRow } from "../people/approvals.ts";
import { type Api, type Call, type Caller, queryOf } from "./context.ts";

/** Which questions. */
export const approvalsQuery = z.object({
  state: z.enum(["open", "answered", "denied", "expired", "withdrawn"]).optional(),
});

/** What people were asked, by whom it was decided and when; newest first, of the whole tenant or of one thread. */
export function approvalRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  const list = async (call: Call) => {
    const { state } = queryOf(call, approvalsQuery);
    const { rows } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query<ApprovalRow>(
        `select * from orchestrator.approvals
          where ($1::text is null or thread_id = $1) and ($2::text is null or state = $2)
          order by asked_at desc, approval_id limit 1000`,
        [call.req.param("thread") ?? null, state ?? null],
      ),
    );
    return call.json(rows.map(wireApproval));
  };
  routes.get("/approvals", list);
  routes.get("/threads/:thread/approvals", list);
  return routes;
}

function wireApproval({ tenant_id, ...row }: ApprovalRow) {
  return row;
}
