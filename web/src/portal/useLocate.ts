import { useCallback, useEffect, useState } from "react";

/** Asks the browser once where the reader is. */
export function useLocate(found: (lon: number, lat: number) => void): { start: () => void; busy: boolean; failed: boolean } {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const start = useCallback(() => {
    if (!("geolocation" in navigator)) return setState("failed");
    setState("busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("idle");
        found(coords.longitude, coords.latitude);
      },
      () => setState("failed"),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  }, [found]);
  useEffect(() => {
    if (state !== "failed") return;
    const wait = setTimeout(() => setState("idle"), 8_000);
    return () => clearTimeout(wait);
  }, [state]);
  return { start, busy: state === "busy", failed: state === "failed" };
}
