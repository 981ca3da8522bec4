import { useCallback, useEffect, useState } from "react";
import type { Standing } from "../kit/map/standing";

/** Asks the browser once where the reader is, and how sure it is of that. */
export function useLocate(found: (standing: Standing) => void): { start: () => void; busy: boolean; failed: boolean } {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const start = useCallback(() => {
    if (!("geolocation" in navigator)) return setState("failed");
    setState("busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("idle");
        found({ lon: coords.longitude, lat: coords.latitude, accuracyM: coords.accuracy });
      },
      () => setState("failed"),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
    );
  }, [found]);
  useEffect(() => {
    if (state !== "failed") return;
    const wait = setTimeout(() => setState("idle"), 8_000);
    return () => clearTimeout(wait);
  }, [state]);
  return { start, busy: state === "busy", failed: state === "failed" };
}
