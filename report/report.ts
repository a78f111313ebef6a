import { reportPage } from "./page/page.ts";
import { type ReportInput, reportView } from "./view/report-view.ts";

export { reportMark } from "./page/page.ts";

/** The report of a stack file: one HTML page as text. Pure; the same input always gives the same text. */
export function renderReport(input: ReportInput): string {
  return reportPage(reportView(input));
}
