import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { listen } from "../kit/live/live";
import type { LiveMessage } from "../kit/live/stream";
import type { CityMap } from "../kit/map/adapter";
import type { DrawController } from "./draw";

/** Keeps map and tables equal to the server while others work. Says whether the connection is there. */
export function useStudioLive(map: CityMap | null, controller: DrawController | null): boolean {
  const [online, setOnline] = useState(true);
  const questions = useQueryClient();
  const heard = useRef<(message: LiveMessage) => void>(() => undefined);
  useEffect(() => {
    heard.current = (message) => {
      switch (message.kind) {
        case "online":
          return setOnline(true);
        case "offline":
          return setOnline(false);
        case "reload":
          map?.refreshAll();
          controller?.refresh();
          void questions.invalidateQueries();
          return;
        case "change":
          for (const [layer, change] of Object.entries(message.layers)) {
            map?.refresh(layer, change);
            void questions.invalidateQueries({ queryKey: ["items", layer] });
          }
          void questions.invalidateQueries({ queryKey: ["items", "", "findings"] });
          // What is published meets drafts: what they break and what they change is said anew.
          void questions.invalidateQueries({ queryKey: ["draft"] });
          controller?.refresh();
      }
    };
  }, [map, controller, questions]);
  useEffect(() => listen((message) => heard.current(message)), []);
  return online;
}
