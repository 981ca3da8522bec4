import type { LookupAnswer, Plan } from "../../kit/api/types";

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
