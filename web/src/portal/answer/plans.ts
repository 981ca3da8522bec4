import type { LookupAnswer, Plan } from "../../kit/api/types";
import type { Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";

/** A plan's name is the decision's own and stays Vietnamese; in English its level introduces it. */
export function planName(plan: Plan, lang: Lang): string {
  if (!plan.name) return "";
  const level = pick(plan.level_title, "en");
  return lang === "en" && level ? `${level} “${plan.name}”` : plan.name;
}

/** Each plan that the answer rests on, once, in the order it is met. */
export function plansOf(answer: LookupAnswer): Plan[] {
  const met = new Map<string, Plan>();
  const meet = (plan: Plan | null) => {
    if (plan && !met.has(plan.id)) met.set(plan.id, plan);
  };
  for (const parcel of answer.parcels) {
    for (const zone of parcel.zones) meet(zone.plan);
    for (const line of parcel.lines) meet(line.plan);
  }
  for (const zone of answer.zones) meet(zone.plan);
  return [...met.values()];
}
